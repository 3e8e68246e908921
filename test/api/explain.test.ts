import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World, type WorldApp, type WorldProduct } from '../harness/world.ts';

const FIRST = ['app', 'user', 'account', 'notLicensed', 'setting', 'policy', 'audience'];
const PER_PRODUCT = ['subscription', 'plan', 'usageLocation', 'conflict', 'dependency', 'seat'];

describe('an explained sign-in', () => {
  let server: TestServer;
  let world: World;
  let app: WorldApp;
  let [primary, backup]: WorldProduct[] = [];
  let policy: any;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    await world.turnAutoClaim(true);
    primary = await world.addProduct({ TEAMS1: {}, MAIL: {} });
    backup = await world.addProduct({ TEAMS1: { id: primary.plans['TEAMS1']! } });
    await world.buy(primary, 1);
    await world.buy(backup, 5);
    app = await world.addApp([primary.plans['TEAMS1']!]);
    policy = await world.addPolicy(app, [{ skuId: primary.skuId, disabledPlans: [primary.plans['MAIL']!] }, backup]);
  });
  after(() => server.close());

  /** Everything but the tables of tokens and keys. */
  const state = () =>
    world.value<object>(
      `select json_build_array((select json_agg(p order by sku_id) from pools p), (select count(*) from licenses),
          (select count(*) from assignment_paths), (select count(*) from claims), (select count(*) from sign_ins),
          (select count(*) from sign_in_deliveries), (select count(*) from audit_entries))
         from tenants where tenant_id = $1`,
    );
  const results = (explanation: any) => explanation.steps.map((step: any) => step.passed);

  it('is the decision that it would be, without ids, every check by name and in order, and changes nothing', async () => {
    const user = await world.addUser();
    const was = await state();
    const explanation = await world.explain(app, user);
    const { steps, adminMessage, createdDateTime, ...answer } = explanation;
    assert.deepEqual(await state(), was);
    assert.deepEqual(
      steps.map(({ check, skuId }: any) => [check, skuId]),
      [
        ...FIRST.map((check) => [check, undefined]),
        ...PER_PRODUCT.map((check) => [check, primary!.skuId]),
        ...PER_PRODUCT.map((check) => [check, backup!.skuId]),
      ],
    );
    for (const step of steps) {
      assert.equal(step.passed, true, step.check);
      assert.equal('reason' in step, false);
      assert.ok(step.detail.length > 5);
    }
    assert.match(adminMessage, /claimed .* at the next sign-in/);
    const claim = await world.signIn(app, user);
    const { createdDateTime: claimedAt, ...claimed } = claim;
    assert.deepEqual(answer, { ...claimed, id: null, claimId: null });
    assert.ok(createdDateTime <= claimedAt);
  });

  it('goes on after the failure that decides, and says of each product what it found', async () => {
    const user = await world.addUser();
    const { outcome, skuId, isBackup, steps } = await world.explain(app, user);
    assert.deepEqual([outcome, skuId, isBackup], ['claimed', backup!.skuId, true]);
    const failed = steps.filter((step: any) => step.passed === false);
    assert.deepEqual(
      failed.map(({ check, reason, skuId: of }: any) => [check, reason, of]),
      [['seat', 'noSeats', primary!.skuId]],
    );
    assert.match(failed[0].detail, /^0 of 1 licenses/);
    await world.turnAutoClaim(false);
    const off = await world.explain(app, user);
    await world.turnAutoClaim(true);
    assert.deepEqual([off.outcome, off.reason, off.isEntitled], ['refused', 'autoClaimOff', false]);
    assert.deepEqual(results(off).slice(4, 7), [false, true, true]);
    assert.equal(off.steps.length, FIRST.length + 2 * PER_PRODUCT.length);
    assert.match(off.adminMessage, /Global admin/);
  });

  it('has nothing to check of a user or app that isn’t there', async () => {
    const [user, nobody] = [await world.addUser(), { id: randomUUID() }];
    const unknownApp = await world.explain({ appId: randomUUID() }, user);
    assert.equal(unknownApp.reason, 'unknownApp');
    assert.deepEqual(results(unknownApp), [
      false,
      true,
      true,
      null,
      true,
      null,
      null,
      null,
      null,
      null,
      null,
      null,
      null,
    ]);
    const unknownUser = await world.explain(app, nobody);
    assert.equal(unknownUser.reason, 'unknownUser');
    assert.deepEqual(results(unknownUser), [
      true,
      false,
      null,
      null,
      true,
      true,
      null,
      null,
      null,
      null,
      null,
      null,
      null,
    ]);
    assert.deepEqual(
      unknownUser.steps.map(({ check }: any) => check),
      [...FIRST, ...PER_PRODUCT],
    );
    const nothing = await world.explain({ appId: randomUUID() }, nobody);
    assert.deepEqual([nothing.reason, nothing.userId], ['unknownApp', null]);
  });

  it('has no product to check without a policy, or outside its audience', async () => {
    const bare = await world.addApp([primary!.plans['TEAMS1']!]);
    const [user, guest] = [await world.addUser(), await world.addUser({ user_type: 'Guest' })];
    const noPolicy = await world.explain(bare, user);
    assert.equal(noPolicy.reason, 'noPolicy');
    assert.deepEqual(results(noPolicy).slice(4), [true, false, null, null, null, null, null, null, null]);
    const outside = await world.explain(app, guest);
    assert.equal(outside.reason, 'notInAudience');
    assert.deepEqual(results(outside).slice(4), [true, true, false, null, null, null, null, null, null]);
  });

  it('has no seat to check where no subscription can be used', async () => {
    const empty = await world.addProduct({ TEAMS1: { id: primary!.plans['TEAMS1']! } });
    const other = await world.addApp([primary!.plans['TEAMS1']!]);
    await world.addPolicy(other, [empty]);
    const { reason, steps } = await world.explain(other, await world.addUser());
    assert.equal(reason, 'noSubscription');
    assert.deepEqual(
      steps.slice(7).map((step: any) => step.passed),
      [false, true, true, true, true, null],
    );
  });

  it('says of who is licensed by what, and that nothing is claimed', async () => {
    const user = await world.addUser();
    await world.assign(user, [backup!]);
    const explanation = await world.explain(app, user);
    assert.deepEqual([explanation.outcome, explanation.skuId, explanation.policyId], ['licensed', backup!.skuId, null]);
    const step = explanation.steps[3];
    assert.deepEqual([step.check, step.passed, 'reason' in step], ['notLicensed', false, false]);
    assert.match(step.detail, new RegExp(`${backup!.skuPartNumber} gives TEAMS1`));
    assert.match(explanation.adminMessage, /licensed for this app already/);
  });

  it('names who blocks: the admin’s own assignment, the location, the plans', async () => {
    const [held, conflicting] = [await world.addProduct({ OLD: {} }), randomUUID()];
    await world.buy(held, 5);
    const strict = await world.addProduct(
      {
        TEAMS1: { id: primary!.plans['TEAMS1']! },
        NEW: { conflictsWith: [held.plans['OLD']!] },
        MORE: { dependsOn: [conflicting] },
      },
      { prohibitedUsageLocations: ['DE'] },
    );
    await world.buy(strict, 5);
    const other = await world.addApp([primary!.plans['TEAMS1']!]);
    await world.addPolicy(other, [strict]);
    const user = await world.addUser();
    await world.assign(user, [held]);
    await world.giveByGroup(user.id, strict.skuId, await world.addGroup([user.id]), Object.values(strict.plans));
    const { reason, steps } = await world.explain(other, user);
    assert.equal(reason, 'planTurnedOff');
    assert.deepEqual(
      steps.slice(7).map((step: any) => step.reason ?? step.passed),
      [true, 'planTurnedOff', 'usageLocation', 'conflict', 'dependency', true],
    );
    assert.match(steps[8].detail, /group/);
    assert.match(steps[9].detail, /DE/);
    assert.match(steps[10].detail, new RegExp(held.plans['OLD']!));
    assert.match(steps[11].detail, new RegExp(conflicting));
  });

  it('agrees with the sign-in that follows, reason for reason', async () => {
    const users = [
      await world.addUser(),
      await world.addUser({ is_account_enabled: false }),
      await world.addUser({ user_type: 'Guest' }),
      { id: randomUUID() },
    ];
    for (const user of users) {
      const told = await world.explain(app, user);
      const { id: _id, claimId: _claim, createdDateTime: _time, ...answer } = await world.signIn(app, user);
      for (const [name, value] of Object.entries(answer)) assert.deepEqual(told[name], value, name);
    }
  });

  it('counts a pool that is past its date as it is now, and takes a correlationId for nothing', async () => {
    const user = await world.addUser();
    const { id } = (await world.get(`/directory/subscriptions?$filter=skuId eq '${backup!.skuId}'`)).value[0];
    await server.db.pool.query(
      `update subscriptions set ends_at = now() - interval '31 days' where subscription_id = $1`,
      [id],
    );
    await server.db.pool.query(`update pools set valid_until = now() - interval '1 day' where sku_id = $1`, [
      backup!.skuId,
    ]);
    const body = { appId: app.appId, userId: user.id, correlationId: 'explained' };
    const { outcome, reason, steps } = await world.post('/signIns/explain', body);
    assert.deepEqual([outcome, reason], ['refused', 'noSeats']);
    assert.equal(steps[13].reason, 'noSubscription');
    assert.equal(await world.value('select count(*) from sign_in_deliveries where tenant_id = $1'), 0);
    assert.equal(policy.isEnabled, true);
  });
});
