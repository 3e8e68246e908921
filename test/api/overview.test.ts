import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World } from '../harness/world.ts';

let server: TestServer;
let world: World;
before(async () => {
  server = await startTestServer();
  world = worldOf(server);
});
after(() => server.close());

describe('the overview', () => {
  it('of a new organisation has nothing yet', async () => {
    const { '@odata.context': _context, ...overview } = await world.get('/admin/overview');
    assert.deepEqual(overview, {
      isAutoClaimEnabled: false,
      policies: { total: 0, on: 0, outOfLicenses: 0 },
      pools: { total: 0, nearlyEmpty: 0, fullest: [] },
      userCreationRefusedDateTime: null,
      activity: { claims: 0, refusals: [] },
    });
  });

  it('tells the policies, the pools with at most a tenth free, the claims and the refusals', async () => {
    const [full, nearly, roomy, none] = await Promise.all(
      ['A', 'B', 'C', 'D'].map((plan) => world.addProduct({ [plan]: {} })),
    );
    await world.buy(full!, 1);
    await world.buy(nearly!, 10);
    await world.buy(roomy!, 10);
    const app = await world.addApp([...Object.values(full!.plans), ...Object.values(none!.plans)]);
    await world.turnAutoClaim(true);
    await world.addPolicy(app, [full!, none!]);
    await world.addPolicy(app, [full!], { isEnabled: false });
    const users = await world.addUsers(9);
    for (const user of users) await world.assign(user, [{ skuId: nearly!.skuId }]);
    const decisions = [];
    for (const user of users.slice(0, 3)) decisions.push(await world.signIn(app, user));
    assert.deepEqual(
      decisions.map(({ outcome }) => outcome),
      ['claimed', 'refused', 'refused'],
    );

    const { isAutoClaimEnabled, policies, pools, activity } = await world.get('/admin/overview');
    assert.equal(isAutoClaimEnabled, true);
    assert.deepEqual(policies, { total: 2, on: 1, outOfLicenses: 1 });
    assert.deepEqual([pools.total, pools.nearlyEmpty], [3, 2]);
    const told = pools.fullest.map(({ skuId, units, consumedUnits, availableUnits }: any) => [
      skuId,
      units,
      consumedUnits,
      availableUnits,
    ]);
    assert.deepEqual(told, [
      [full!.skuId, 1, 1, 0],
      [nearly!.skuId, 10, 9, 1],
    ]);
    assert.deepEqual(activity, { claims: 1, refusals: [{ reason: 'noSeats', count: 2 }] });

    const later = new Date(Date.now() + 60_000).toISOString();
    assert.equal((await world.get(`/admin/overview?from=${later}`)).activity.claims, 0);
  });

  it('tells nothing of sign-ins to who may not read reports', async () => {
    const { status, body } = await server.request('GET', '/v1.0/admin/overview', {
      permissions: ['AutoClaimPolicy.Read.All'],
    });
    assert.deepEqual([status, body.activity], [200, null]);
  });

  it('refuses a moment that is none, and options that it does not know', async () => {
    for (const option of ['from=yesterday', 'to=2026-01-01T00:00:00Z', '$top=1']) {
      const { status, body } = await world.call('GET', `/admin/overview?${option}`);
      assert.equal(status, 400, option);
      assert.match(body.error.message, new RegExp(option.split('=')[0]!.replace('$', '\\$')));
    }
  });
});
