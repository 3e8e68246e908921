import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { checksums } from '../harness/checksums.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { assertRefused, worldOf, type World, type WorldApp, type WorldProduct } from '../harness/world.ts';

const PATH = '/policies/autoClaimPolicies/preview';

describe('the preview of a policy', () => {
  let server: TestServer;
  let world: World;
  let kit: WorldProduct;
  let app: WorldApp;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    kit = await world.addProduct({ DRAW: {}, MAIL: {} });
    await world.buy(kit, 10);
    app = await world.addApp([kit.plans['DRAW']!]);
  });
  after(() => server.close());

  const draft = (more: object = {}) => ({ appId: app.appId, products: [{ skuId: kit.skuId }], ...more });
  const effect = async (more: object = {}): Promise<number[]> => {
    const { audienceCount, unlicensedCount, availableLicenses } = await world.post(PATH, draft(more));
    return [audienceCount, unlicensedCount, availableLicenses];
  };
  const ids = async (count: number) => (await world.addUsers(count)).map(({ id }) => id);

  it('counts who is in the audience: members of groups and of groups in them, less the excluded ones', async () => {
    const [a, b, c, d] = (await ids(4)) as [string, string, string, string];
    const guest = await world.addUser({ user_type: 'Guest' });
    const blocked = await world.addUser({ is_account_enabled: false });
    const inner = await world.addGroup([c, guest.id]);
    const outer = await world.addGroup([a, b, blocked.id], [inner]);
    // Round and round.
    await server.db.pool.query('insert into group_groups values ($1, $2, $3, now())', [world.tenantId, inner, outer]);
    const leaving = await world.addGroup([], [await world.addGroup([b])]);
    const audience = async (more: object) => (await effect(more))[0];
    assert.equal(await audience({ includeGroups: [outer] }), 3);
    assert.equal(await audience({ includeGroups: [outer.toUpperCase()], includeGuests: true }), 4);
    assert.equal(await audience({ includeGroups: [outer, await world.addGroup([d, a])] }), 4);
    assert.equal(await audience({ includeGroups: [outer], excludeGroups: [leaving] }), 2);
    assert.equal(await audience({ includeGroups: [leaving], excludeGroups: [leaving] }), 0);
    const everyone = await world.value(
      `select count(*) from users where tenant_id = $1 and is_account_enabled and user_type = 'Member'`,
    );
    assert.equal(await audience({}), everyone);
    assert.equal(await audience({ includeGuests: true }), everyone + 1);
    assert.equal(await audience({ excludeGroups: [outer] }), everyone - 3);
  });

  it('counts of these who is not licensed for the app, by the same rules as a decision', async () => {
    const { plans } = kit;
    const other = await world.addProduct({ DRAW: { id: plans['DRAW']! }, PLAY: {} });
    await world.buy(other, 10);
    const ended = await world.addProduct({ DRAW: { id: plans['DRAW']! } });
    const { id: subscription } = await world.buy(ended, 10);
    const users = await world.addUsers(6);
    const group = await world.addGroup(users.map(({ id }) => id));
    await world.assign(users[0]!, [kit]);
    await world.assign(users[1]!, [{ ...kit, disabledPlans: [plans['DRAW']!] }]);
    await world.assign(users[2]!, [other]);
    await world.assign(users[3]!, [ended]);
    // One path turns the plan off, another on.
    await world.assign(users[4]!, [{ ...kit, disabledPlans: [plans['DRAW']!] }]);
    await world.giveByGroup(users[4]!.id, kit.skuId, group);
    assert.deepEqual((await effect({ includeGroups: [group] })).slice(0, 2), [6, 2]);
    await world.patch(`/directory/subscriptions/${subscription}`, { status: 'Warning' });
    assert.equal((await effect({ includeGroups: [group] }))[1], 2);
    await world.patch(`/directory/subscriptions/${subscription}`, { status: 'Suspended' });
    assert.equal((await effect({ includeGroups: [group] }))[1], 3);

    await world.turnAutoClaim(true);
    const policy = await world.addPolicy(app, [kit], { includeGroups: [group] });
    let wouldClaim = 0;
    for (const user of users) wouldClaim += Number((await world.explain(app, user)).outcome !== 'licensed');
    assert.equal(wouldClaim, 3);
    await world.remove(`/policies/autoClaimPolicies/${policy.id}`);
    await world.turnAutoClaim(false);
  });

  it('counts the free seats of its products together, as they are at this moment', async () => {
    const one = await world.addProduct({ DRAW: { id: kit.plans['DRAW']! } });
    const two = await world.addProduct({ DRAW: { id: kit.plans['DRAW']! } });
    const products = [{ skuId: one.skuId.toUpperCase() }, { skuId: two.skuId }];
    const available = async () => (await effect({ products }))[2];
    assert.equal(await available(), 0);
    await world.buy(one, 3);
    await world.buy(one, 2, { status: 'Warning' });
    await world.buy(one, 50, { status: 'Suspended' });
    await world.buy(two, 4);
    assert.equal(await available(), 9);
    const users = await world.addUsers(4);
    for (const user of users) await world.assign(user, [one]);
    assert.equal(await available(), 5);
    const end = (product: WorldProduct, ago: string) =>
      server.db.pool.query(
        `update subscriptions set ends_at = now() - $3::interval where tenant_id = $1 and sku_id = $2 and ends_at is null`,
        [world.tenantId, product.skuId, ago],
      );
    // Nobody has moved these in the pools yet. More is assigned of the one than there is: none is free.
    await end(one, '31 days');
    assert.equal(await available(), 4);
    await end(two, '31 days');
    assert.equal(await available(), 0);
  });

  it('has seats again that a deleted subscription gave back, before the job comes by', async () => {
    const product = await world.addProduct({ DRAW: { id: kit.plans['DRAW']! } });
    await world.buy(product, 2);
    for (const user of await world.addUsers(2)) await world.assign(user, [product]);
    await world.buy(product, 3);
    for (const user of await world.addUsers(2)) await world.assign(user, [product]);
    const products = [{ skuId: product.skuId }];
    assert.equal((await effect({ products }))[2], 1);
    await server.db.pool.query(
      `update subscriptions set ends_at = now() - interval '121 days' where tenant_id = $1 and sku_id = $2 and total_licenses = 2`,
      [world.tenantId, product.skuId],
    );
    assert.equal((await effect({ products }))[2], 0);
    assert.equal(await world.consumed(product), 3);
  });

  it('changes nothing, and needs no more than reading policies', async () => {
    const group = await world.addGroup(await ids(1));
    const token = await server.token(['AutoClaimPolicy.Read.All']);
    const tables = await checksums(server.db);
    const answer = await server.request('POST', `/v1.0${PATH}`, {
      token,
      body: draft({ includeGroups: [group] }),
    });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body, { audienceCount: 1, unlicensedCount: 1, availableLicenses: 7 });
    assert.deepEqual(await checksums(server.db), tables);
  });

  for (const [what, more, text] of [
    ['an app that there is not', () => ({ appId: randomUUID() }), /^appId: no app has the id/],
    [
      'a product that there is not',
      () => ({ products: [{ skuId: randomUUID() }] }),
      /^products\[0\]\.skuId: no product that can be assigned/,
    ],
    [
      'a product named twice',
      () => ({ products: [{ skuId: kit.skuId }, { skuId: kit.skuId.toUpperCase() }] }),
      /^products\[1\]\.skuId: .* is named twice/,
    ],
    [
      'the app’s plan left out',
      () => ({ products: [{ skuId: kit.skuId, disabledPlans: [kit.plans['DRAW']] }] }),
      /^products\[0\]\.disabledPlans: the app requires/,
    ],
    ['no product', () => ({ products: [] }), /at least one product/],
    [
      'a group that there is not',
      () => ({ includeGroups: [randomUUID()] }),
      /^includeGroups\[0\]: no group has the id/,
    ],
    ['a property that it does not have', () => ({ displayName: 'X' }), /displayName/],
  ] as const) {
    it(`is refused as the policy itself would be: ${what}`, async () => {
      assertRefused(await world.call('POST', PATH, draft(more())), 400, text);
    });
  }

  it('knows nothing of another tenant', async () => {
    const other = worldOf(server, await server.createTenant());
    assertRefused(await other.call('POST', PATH, draft()), 400, /no app has the id/);
    const theirs = await other.addProduct({ DRAW: { id: kit.plans['DRAW']! } });
    const products = [{ skuId: theirs.skuId }];
    assertRefused(await world.call('POST', PATH, draft({ products })), 400, /no product/);
    const group = await other.addGroup([]);
    assertRefused(await world.call('POST', PATH, draft({ excludeGroups: [group] })), 400, /no group has the id/);
  });
});
