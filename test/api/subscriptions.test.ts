import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { assertRefused, worldOf, type World, type WorldProduct } from '../harness/world.ts';

const PATH = '/directory/subscriptions';
const DAY_MS = 86_400_000;
/** A moment so many days from now, as it is written and answered. */
const inDays = (days: number, ms = 0) => new Date(Date.now() + days * DAY_MS + ms).toISOString();
const plusDays = (moment: string, days: number) => new Date(Date.parse(moment) + days * DAY_MS).toISOString();

describe('subscriptions', () => {
  let server: TestServer;
  let world: World;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    await world.turnAutoClaim(true);
  });
  after(() => server.close());

  const newProduct = () => world.addProduct({ TEAMS1: {}, MAIL: {} });
  const skuOf = ({ skuId }: WorldProduct) => world.get(`/subscribedSkus/${world.tenantId}_${skuId}`);
  const update = (id: string, body: unknown) => world.call('PATCH', `${PATH}/${id}`, body);
  const holders = async ({ skuId }: WorldProduct): Promise<string[]> =>
    (await world.value<string[] | null>(
      'select array_agg(user_id order by created_at) from licenses where tenant_id = $1 and sku_id = $2',
      skuId,
    )) ?? [];
  async function scene(seats: number) {
    const product = await newProduct();
    const subscription = await world.buy(product, seats);
    const app = await world.addApp([product.plans['TEAMS1']!]);
    await world.addPolicy(app, [product]);
    return { product, subscription, app };
  }

  it('are bought: answered as Graph’s companySubscription, and read so again', async () => {
    const product = await newProduct();
    const answer = await world.call('POST', PATH, {
      skuId: product.skuId.toUpperCase(),
      totalLicenses: 25,
      isTrial: true,
    });
    assert.equal(answer.status, 201);
    const { '@odata.context': context, id, createdDateTime, ...rest } = answer.body;
    assert.deepEqual(rest, {
      commerceSubscriptionId: null,
      isTrial: true,
      nextLifecycleDateTime: null,
      ownerId: null,
      ownerTenantId: null,
      ownerType: null,
      serviceStatus: ['TEAMS1', 'MAIL'].map((servicePlanName) => ({
        servicePlanId: product.plans[servicePlanName],
        servicePlanName,
        provisioningStatus: 'Success',
        appliesTo: 'User',
      })),
      skuId: product.skuId,
      skuPartNumber: product.skuPartNumber,
      status: 'Enabled',
      totalLicenses: 25,
    });
    assert.ok(Math.abs(Date.parse(createdDateTime) - Date.now()) < 60_000);
    assert.match(context, /#directory\/subscriptions\/\$entity$/);
    assert.equal(answer.headers.get('location'), `${server.config.baseUrl}/v1.0${PATH}/${id}`);
    assert.deepEqual(await world.get(`${PATH}/${id.toUpperCase()}`), answer.body);
    const { value } = await world.get(`${PATH}?$filter=skuId eq '${product.skuId}'`);
    assert.deepEqual(value, [{ id, createdDateTime, ...rest }]);
  });

  for (const [days, status, nextDays] of [
    [10, 'Enabled', 0],
    [-0.01, 'Warning', 30],
    [-29.99, 'Warning', 30],
    [-30.01, 'Suspended', 120],
    [-119.99, 'Suspended', 120],
    [-120.01, 'Deleted', null],
    [-4_000, 'Deleted', null],
  ] as const) {
    it(`whose end is ${days} days off are ${status}, bought so and changed so, and tell the next change`, async () => {
      const product = await newProduct();
      const end = inDays(days);
      const next = nextDays === null ? null : plusDays(end, nextDays);
      const bought = await world.buy(product, 7, { nextLifecycleDateTime: end });
      assert.deepEqual([bought.status, bought.nextLifecycleDateTime], [status, next]);
      const { id } = await world.buy(product, 3);
      const changed = (await update(id, { nextLifecycleDateTime: end, status })).body;
      assert.deepEqual([changed.status, changed.nextLifecycleDateTime, changed.totalLicenses], [status, next, 3]);
      const read = await world.get(`${PATH}/${id}`);
      assert.deepEqual([read.status, read.nextLifecycleDateTime], [status, next]);
      const sku = await skuOf(product);
      assert.equal(sku.capabilityStatus, status);
      const units = { enabled: 0, warning: 0, suspended: 0, lockedOut: 0 };
      assert.deepEqual(sku.prepaidUnits, status === 'Deleted' ? units : { ...units, [status.toLowerCase()]: 10 });
    });
  }

  it('reach a state by its name, from now on', async () => {
    const product = await newProduct();
    const { id } = await world.buy(product, 5);
    for (const [status, days] of [
      ['Warning', 30],
      ['Suspended', 90],
      ['Warning', 30],
      ['Enabled', null],
      ['Suspended', 90],
      ['Enabled', null],
    ] as const) {
      const { body } = await update(id, { status });
      assert.equal(body.status, status);
      if (days === null) assert.equal(body.nextLifecycleDateTime, null);
      else assert.ok(Math.abs(Date.parse(body.nextLifecycleDateTime) - Date.parse(inDays(days))) < 60_000);
    }
    const end = inDays(5);
    await update(id, { nextLifecycleDateTime: end });
    const same = await update(id, { status: 'Enabled', totalLicenses: 6 });
    assert.deepEqual(
      [same.body.nextLifecycleDateTime, same.body.totalLicenses],
      [end, 6],
      'the state that it has moves nothing',
    );
  });

  it('stay as they are, without an audit entry, where a change changes nothing', async () => {
    const { id } = await world.buy(await newProduct(), 5, { nextLifecycleDateTime: inDays(9) });
    const before = await world.get(`${PATH}/${id}`);
    const entries = () => world.value('select count(*) from audit_entries where tenant_id = $1');
    const count = await entries();
    for (const body of [
      {},
      { totalLicenses: 5 },
      { status: 'Enabled' },
      { nextLifecycleDateTime: before.nextLifecycleDateTime },
    ]) {
      const answer = await update(id, body);
      assert.deepEqual([answer.status, answer.body], [200, before]);
    }
    assert.equal(await entries(), count);
  });

  it('may not contradict themselves in status and nextLifecycleDateTime', async () => {
    const product = await newProduct();
    const { id } = await world.buy(product, 5);
    const before = await world.get(`${PATH}/${id}`);
    for (const [status, end, follows] of [
      ['Enabled', inDays(-1), 'Warning'],
      ['Warning', inDays(1), 'Enabled'],
      ['Warning', null, 'Enabled'],
      ['Deleted', inDays(-100), 'Suspended'],
      ['Suspended', inDays(-200), 'Deleted'],
    ] as const) {
      const text = new RegExp(`^status: with this nextLifecycleDateTime the status is ${follows}, not ${status}`);
      assertRefused(await update(id, { status, nextLifecycleDateTime: end }), 400, text);
      const whole = { skuId: product.skuId, totalLicenses: 1, status, nextLifecycleDateTime: end };
      assertRefused(await world.call('POST', PATH, whole), 400, text);
    }
    assert.deepEqual(await world.get(`${PATH}/${id}`), before);
    assert.equal((await skuOf(product)).prepaidUnits.enabled, 5);
  });

  it('change state as time passes, with no job running: for claims, for assignment and for reads', async () => {
    const { product, subscription, app } = await scene(5);
    const [early, late] = [await world.addUser(), await world.addUser()];
    const end = inDays(-30, 700);
    await update(subscription.id, { nextLifecycleDateTime: end });
    assert.equal((await world.signIn(app, early)).outcome, 'claimed', 'Warning is usable');
    assert.equal((await skuOf(product)).prepaidUnits.warning, 5);
    await sleep(Date.parse(end) + 30 * DAY_MS - Date.now() + 20);
    assert.equal((await world.explain(app, late)).reason, 'noSubscription');
    assert.equal((await world.signIn(app, late)).reason, 'noSubscription');
    assert.equal((await world.signIn(app, early)).reason, 'noSubscription', 'Suspended grants nothing');
    const sku = await skuOf(product);
    assert.deepEqual([sku.capabilityStatus, sku.prepaidUnits.suspended, sku.consumedUnits], ['Suspended', 5, 1]);
    assert.equal(sku.servicePlans[0].provisioningStatus, 'Disabled');
    const { value } = await world.get(`/users/${early.id}/licenseDetails`);
    assert.deepEqual(
      value.map((one: any) => [one.skuId, one.servicePlans[0].provisioningStatus]),
      [[product.skuId, 'Disabled']],
    );
    const assigned = await world.call('POST', `/users/${late.id}/assignLicense`, {
      addLicenses: [{ skuId: product.skuId }],
      removeLicenses: [],
    });
    assertRefused(assigned, 400, `Subscription with SKU ${product.skuId} does not have any available licenses.`);
    await update(subscription.id, { status: 'Enabled' });
    assert.equal((await world.signIn(app, early)).outcome, 'licensed', 'renewed in time, everyone has what they had');
    assert.equal((await world.signIn(app, late)).outcome, 'claimed');
  });

  it('release the newest licenses first when they are Deleted, under audit, and not one more', async () => {
    const { product, subscription, app } = await scene(3);
    const second = await world.buy(product, 2);
    const users = [];
    for (let n = 0; n < 5; n += 1) {
      const user = await world.addUser();
      assert.equal((await world.signIn(app, user)).outcome, 'claimed');
      users.push(user);
      await sleep(2);
    }
    await update(second.id, { status: 'Suspended' });
    assert.deepEqual(
      await holders(product),
      users.map(({ id }) => id),
      'Suspended keeps all',
    );
    const deleted = await update(second.id, { status: 'Deleted' });
    assert.deepEqual([deleted.body.status, deleted.body.nextLifecycleDateTime], ['Deleted', null]);
    assert.deepEqual(
      await holders(product),
      users.slice(0, 3).map(({ id }) => id),
    );
    const sku = await skuOf(product);
    assert.deepEqual([sku.consumedUnits, sku.prepaidUnits.enabled, sku.subscriptionIds], [3, 3, [subscription.id]]);
    assert.equal((await world.signIn(app, users[2]!)).outcome, 'licensed');
    assert.equal((await world.signIn(app, users[3]!)).reason, 'noSeats');
    const { value } = await world.get(`/reports/autoClaim?$filter=skuId eq '${product.skuId}'`);
    assert.equal(value.length, 5, 'the claims stay in the report');
    for (const { id, userPrincipalName } of users.slice(3)) {
      const audits = await world.get(`/auditLogs/directoryAudits?$filter=targetResources/any(t:t/id eq '${id}')`);
      const entry = audits.value.find((one: any) => one.activityDisplayName === 'Release license');
      assert.equal(entry.operationType, 'Unassign');
      assert.equal(entry.targetResources[0].displayName, userPrincipalName);
    }
  });

  it('that are Deleted stay so, whether or not anything has noticed yet', async () => {
    const product = await newProduct();
    const unnoticed = await world.buy(product, 4);
    await server.db.pool.query(
      `with s as (update subscriptions set ends_at = now() - interval '121 days' where subscription_id = $1)
       update pools set valid_until = now() - interval '1 day' where sku_id = $2`,
      [unnoticed.id, product.skuId],
    );
    const stays = async (id: string) => {
      for (const body of [{ status: 'Enabled' }, { totalLicenses: 9 }, { nextLifecycleDateTime: null }]) {
        assertRefused(await update(id, body), 400, /^status: this subscription is deleted/);
      }
      assert.equal((await world.get(`${PATH}/${id}`)).status, 'Deleted');
    };
    await stays(unnoticed.id);
    await stays((await world.buy(product, 4, { status: 'Deleted' })).id);
    assert.deepEqual((await skuOf(product)).prepaidUnits, { enabled: 0, warning: 0, suspended: 0, lockedOut: 0 });
  });

  it('can’t be cut below what is assigned: the refusal says how many to free first', async () => {
    const { product, subscription, app } = await scene(5);
    const users = await world.addUsers(4);
    for (const user of users) await world.signIn(app, user);
    const cut = (totalLicenses: number) => update(subscription.id, { totalLicenses });
    assertRefused(
      await cut(3),
      400,
      /^totalLicenses: 4 licenses are assigned and 3 would be left; free 1 of them first/,
    );
    assertRefused(
      await cut(0),
      400,
      /^totalLicenses: 4 licenses are assigned and 0 would be left; free 4 of them first/,
    );
    assert.equal((await world.get(`${PATH}/${subscription.id}`)).totalLicenses, 5);
    assert.equal((await cut(4)).body.totalLicenses, 4);
    assert.equal((await world.signIn(app, await world.addUser())).reason, 'noSeats');
    await world.assign(users[0]!, [], [product]);
    assert.equal((await cut(3)).status, 200);
    // A second subscription of the product lends its seats.
    const other = await world.buy(product, 10);
    assert.equal((await cut(0)).status, 200);
    assertRefused(await update(other.id, { totalLicenses: 2 }), 400, /free 1 of them first/);
    await update(subscription.id, { totalLicenses: 2, status: 'Suspended' });
    assertRefused(await update(other.id, { totalLicenses: 2 }), 400, /free 1 of them first/);
    assert.equal(
      (await update(subscription.id, { totalLicenses: 0 })).status,
      200,
      'suspended seats that nobody needs may go',
    );
    await update(other.id, { status: 'Suspended' });
    assertRefused(
      await update(other.id, { totalLicenses: 2 }),
      400,
      /3 licenses are assigned and 2 would be left; free 1/,
    );
    assert.equal((await update(other.id, { totalLicenses: 3 })).status, 200);
  });

  it('of one product add up in its pool, by their states', async () => {
    const product = await newProduct();
    const ids = [];
    for (const [total, end] of [
      [10, null],
      [20, inDays(3)],
      [5, inDays(-3)],
      [7, inDays(-50)],
      [9, inDays(-150)],
    ] as const) {
      ids.push((await world.buy(product, total, { nextLifecycleDateTime: end })).id);
    }
    const sku = await skuOf(product);
    assert.deepEqual(sku.prepaidUnits, { enabled: 30, warning: 5, suspended: 7, lockedOut: 0 });
    assert.equal(sku.capabilityStatus, 'Enabled');
    assert.deepEqual(sku.subscriptionIds, ids.slice(0, 4));
    for (const id of ids.slice(0, 2)) await update(id, { status: 'Suspended' });
    assert.equal((await skuOf(product)).capabilityStatus, 'Warning');
    await update(ids[2], { status: 'Suspended' });
    assert.equal((await skuOf(product)).capabilityStatus, 'Suspended');
  });

  it('give their seats to sign-ins that are running while they are cut, and never one too many', async () => {
    const { product, subscription, app } = await scene(60);
    const users = await world.addUsers(60);
    const token = await server.token(['SignIn.Create']);
    const signIns = Promise.all(
      users.map(({ id }) => server.request('POST', '/v1.0/signIns', { token, body: { appId: app.appId, userId: id } })),
    );
    const cuts = [];
    for (let total = 59; total >= 20; total -= 3)
      cuts.push((await update(subscription.id, { totalLicenses: total })).status);
    const outcomes = (await signIns).map(({ body }) => body.reason ?? body.outcome);
    const claimed = outcomes.filter((outcome) => outcome === 'claimed').length;
    const { totalLicenses } = await world.get(`${PATH}/${subscription.id}`);
    assert.ok(claimed <= totalLicenses, `${claimed} of ${totalLicenses}`);
    assert.equal(await world.consumed(product), claimed);
    assert.deepEqual(
      [...new Set(outcomes)].filter((outcome) => !['claimed', 'noSeats'].includes(outcome)),
      [],
    );
    assert.deepEqual(
      [...new Set(cuts)].filter((status) => ![200, 400].includes(status)),
      [],
    );
  });

  it('are each tenant’s own', async () => {
    const other = worldOf(server, await server.createTenant());
    const product = await newProduct();
    const { id } = await world.buy(product, 5);
    assertRefused(
      await other.call('POST', PATH, { skuId: product.skuId, totalLicenses: 1 }),
      400,
      /^skuId: no product/,
    );
    assertRefused(await other.call('GET', `${PATH}/${id}`), 404, new RegExp(`'${id}' does not exist`));
    assertRefused(await other.call('PATCH', `${PATH}/${id}`, { totalLicenses: 0 }), 404, /does not exist/);
    assertRefused(await world.call('PATCH', `${PATH}/${randomUUID()}`, { totalLicenses: 0 }), 404, /does not exist/);
    assert.deepEqual((await other.get(PATH)).value, []);
    for (const sku of [`${world.tenantId}_${product.skuId}`, `${other.tenantId}_${product.skuId}`, product.skuId]) {
      assert.equal((await other.call('GET', `/subscribedSkus/${sku}`)).status, 404);
    }
    assert.equal((await world.get(`${PATH}/${id}`)).totalLicenses, 5);
  });
});
