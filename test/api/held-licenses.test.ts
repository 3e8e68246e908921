import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { addPerson, signIn } from '../harness/people.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import {
  assertRefused,
  worldOf,
  type World,
  type WorldApp,
  type WorldProduct,
  type WorldUser,
} from '../harness/world.ts';

describe('what a user holds', () => {
  let server: TestServer;
  let world: World;
  let kit: WorldProduct;
  let app: WorldApp;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    kit = await world.addProduct({ DRAW: {}, MAIL: {}, PLAY: {} }, { displayName: 'Drawing kit' });
    await world.buy(kit, 50);
    app = await world.addApp([kit.plans['DRAW']!], 'Drawing board');
    await world.turnAutoClaim(true);
  });
  after(() => server.close());

  const held = async ({ id }: { id: string }): Promise<any[]> => (await world.get(`/users/${id}/licenses`)).value;
  const plansOf = (license: any) => license.servicePlans.map((plan: any) => plan.servicePlanName);
  const isNow = (moment: string) => assert.ok(Math.abs(Date.parse(moment) - Date.now()) < 60_000, moment);
  async function withPolicy(name: string, more: object, then: () => Promise<void>): Promise<any> {
    const policy = await world.addPolicy(app, [kit], { displayName: name, ...more });
    await then();
    return policy;
  }

  it('is nothing at first, and by id or user name the same', async () => {
    const user = await world.addUser();
    assert.deepEqual(await world.get(`/users/${user.id}/licenses`), {
      '@odata.context': `${server.config.baseUrl}/v1.0/$metadata#users/licenses`,
      value: [],
    });
    await world.assign(user, [kit]);
    const byId = await held({ id: user.id.toUpperCase() });
    assert.equal(byId.length, 1);
    assert.deepEqual(await held({ id: user.userPrincipalName.toUpperCase() }), byId);
  });

  it('is by hand: the product, since when, the apps and services that are on, the apps that it opens', async () => {
    const user = await world.addUser();
    await world.assign(user, [{ ...kit, disabledPlans: [kit.plans['MAIL']!] }]);
    const [{ assignedDateTime, paths, ...license }, none] = await held(user);
    assert.equal(none, undefined);
    isNow(assignedDateTime);
    const plan = (name: string) => ({
      servicePlanId: kit.plans[name],
      servicePlanName: name,
      friendlyName: name,
    });
    assert.deepEqual(license, {
      skuId: kit.skuId,
      skuPartNumber: kit.skuPartNumber,
      displayName: 'Drawing kit',
      isUsable: true,
      servicePlans: [plan('DRAW'), plan('PLAY')],
      apps: [{ appId: app.appId, displayName: 'Drawing board' }],
    });
    const [{ assignedDateTime: since, ...path }] = paths;
    isNow(since);
    assert.deepEqual(path, {
      kind: 'direct',
      groupId: null,
      groupDisplayName: null,
      throughGroups: [],
      policyId: null,
      policyDisplayName: null,
      appId: null,
      appDisplayName: null,
      isBackup: null,
    });
  });

  it('is claimed: the policy and the app with the names of that day, whatever they are called since', async () => {
    const user = await world.addUser();
    const policy = await withPolicy('Drawing for all', {}, async () => {
      assert.equal((await world.signIn(app, user)).outcome, 'claimed');
    });
    const path = async () => {
      const [{ paths }] = await held(user);
      const [{ assignedDateTime: _, ...rest }] = paths;
      return rest;
    };
    const then = {
      kind: 'policy',
      groupId: null,
      groupDisplayName: null,
      throughGroups: [],
      policyId: policy.id,
      policyDisplayName: 'Drawing for all',
      appId: app.appId,
      appDisplayName: 'Drawing board',
      isBackup: false,
    };
    assert.deepEqual(await path(), then);
    await world.patch(`/policies/autoClaimPolicies/${policy.id}`, { displayName: 'Renamed' });
    assert.deepEqual(await path(), then);
    await world.remove(`/policies/autoClaimPolicies/${policy.id}`);
    assert.deepEqual(await path(), then);
  });

  it('is one license with every path of it, the oldest first; on is what any path turns on', async () => {
    const user = await world.addUser();
    const { DRAW, MAIL, PLAY } = kit.plans as Record<'DRAW' | 'MAIL' | 'PLAY', string>;
    const policy = await world.addPolicy(app, [{ ...kit, disabledPlans: [MAIL, PLAY] }]);
    await world.signIn(app, user);
    const group = await world.addGroup([user.id]);
    await world.giveByGroup(user.id, kit.skuId, group, [DRAW, PLAY]);
    const [license, none] = await held(user);
    assert.equal(none, undefined);
    assert.deepEqual(plansOf(license), ['DRAW', 'MAIL']);
    assert.deepEqual(
      license.paths.map((one: any) => [one.kind, one.groupId, one.groupDisplayName]),
      [
        ['policy', null, null],
        ['group', group, 'Group'],
      ],
    );
    // By hand takes over what was claimed; what a group gives stays.
    await world.assign(user, [{ ...kit, disabledPlans: [DRAW, MAIL] }]);
    const [taken] = await held(user);
    assert.deepEqual(taken.paths.map((one: any) => one.kind).toSorted(), ['direct', 'group']);
    assert.deepEqual(plansOf(taken), ['MAIL', 'PLAY']);
    assert.deepEqual(taken.apps, [], 'the app’s plan is off now');
    assert.equal(taken.assignedDateTime, license.assignedDateTime, 'the seat is the same');
    await world.assign(user, [], [kit]);
    assert.deepEqual(
      (await held(user))[0].paths.map((one: any) => one.kind),
      ['group'],
    );
    await world.remove(`/policies/autoClaimPolicies/${policy.id}`);
  });

  it('is listed by the product’s name', async () => {
    const user = await world.addUser();
    const products = await Promise.all(
      ['zebra', 'Apple', 'banana'].map((displayName) => world.addProduct({ [displayName]: {} }, { displayName })),
    );
    for (const product of products) await world.buy(product, 1);
    await world.assign(user, products);
    assert.deepEqual(
      (await held(user)).map((one) => one.displayName),
      ['Apple', 'banana', 'zebra'],
    );
  });

  it('can’t be used, and opens no app, while its subscription is suspended; and ends with it', async () => {
    const user = await world.addUser();
    const product = await world.addProduct({ TOOL: {} });
    const { id } = await world.buy(product, 1);
    await world.addApp([product.plans['TOOL']!], 'Tool');
    await world.assign(user, [product]);
    const state = async () => (await held(user)).map((one) => [one.isUsable, one.apps.length, plansOf(one)]);
    assert.deepEqual(await state(), [[true, 1, ['TOOL']]]);
    await world.patch(`/directory/subscriptions/${id}`, { status: 'Warning' });
    assert.deepEqual(await state(), [[true, 1, ['TOOL']]]);
    await world.patch(`/directory/subscriptions/${id}`, { status: 'Suspended' });
    assert.deepEqual(await state(), [[false, 0, ['TOOL']]]);
    // Its end by the calendar, before any job has come by.
    await server.db.pool.query(
      `update subscriptions set ends_at = now() - interval '121 days' where tenant_id = $1 and sku_id = $2`,
      [world.tenantId, product.skuId],
    );
    assert.deepEqual(await state(), []);
  });

  it('is the same as the person themselves sees', async () => {
    const person = await addPerson(server, []);
    await world.assign(person, [kit]);
    const { accessToken } = await signIn(server, person);
    const { body } = await server.request('GET', '/v1.0/me/licenses', { token: accessToken });
    assert.deepEqual(body.value, await held(person));
  });

  it('is told of users that there are, of one’s own tenant, to who may read licenses or users', async () => {
    const user = await world.addUser();
    assertRefused(await world.call('GET', `/users/${user.id}/licenses?$top=1`), 400, /\$top is not a query option/);
    assert.equal((await world.call('GET', `/users/${randomUUID()}/licenses`)).status, 404);
    assert.equal((await world.call('GET', '/users/nobody@contoso.example/licenses')).status, 404);
    const other = worldOf(server, await server.createTenant());
    assert.equal((await other.call('GET', `/users/${user.id}/licenses`)).status, 404);
    const status = async (permission: 'User.Read.All' | 'LicenseAssignment.Read.All' | 'Group.Read.All') =>
      (await server.request('GET', `/v1.0/users/${user.id}/licenses`, { permissions: [permission] })).status;
    assert.equal(await status('User.Read.All'), 200);
    assert.equal(await status('LicenseAssignment.Read.All'), 200);
    assert.equal(await status('Group.Read.All'), 403);
  });

  it('has nothing of anybody else’s', async () => {
    const [one, other]: WorldUser[] = await world.addUsers(2);
    await world.assign(one!, [kit]);
    assert.deepEqual(await held(other!), []);
  });
});
