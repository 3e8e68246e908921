import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World, type WorldApp, type WorldProduct, type WorldUser } from '../harness/world.ts';

describe('several paths to one license', () => {
  let server: TestServer;
  let world: World;
  let product: WorldProduct;
  let app: WorldApp;
  let CHAT: string, MAIL: string, VIDEO: string;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    await world.turnAutoClaim(true);
    product = await world.addProduct({ CHAT: {}, MAIL: {}, VIDEO: {} });
    ({ CHAT, MAIL, VIDEO } = product.plans as { CHAT: string; MAIL: string; VIDEO: string });
    await world.buy(product, 100);
    app = await world.addApp([CHAT]);
    await world.addPolicy(app, [{ skuId: product.skuId, disabledPlans: [MAIL, VIDEO] }]);
  });
  after(() => server.close());

  const paths = async (user: WorldUser) =>
    world.value<string[] | null>(
      `select json_agg(kind || case when cardinality(disabled_plans) > 0 then ' less ' || cardinality(disabled_plans) else '' end order by kind, source_id)
         from assignment_paths where tenant_id = $1 and user_id = $2`,
      user.id,
    );
  const assigned = async (user: WorldUser) =>
    (await world.get(`/users/${user.id}?$select=assignedLicenses`)).assignedLicenses;
  const report = async (user: WorldUser) =>
    (await world.get(`/reports/autoClaim?$filter=userId eq '${user.id}'`)).value.map((row: any) => row.claimId);

  it('are taken over by hand: one direct path with the chosen plans, the same seat, the claim still in the report', async () => {
    const user = await world.addUser();
    const { claimId } = await world.signIn(app, user);
    const mail = await world.addApp([MAIL]);
    await world.addPolicy(mail, [{ skuId: product.skuId, disabledPlans: [CHAT, VIDEO] }]);
    const second = await world.signIn(mail, user);
    assert.deepEqual(await paths(user), ['policy less 2', 'policy less 2']);
    const consumed = await world.consumed(product);
    await world.assign(user, [{ skuId: product.skuId, disabledPlans: [VIDEO] }]);
    assert.deepEqual(await paths(user), ['direct less 1']);
    assert.deepEqual(await assigned(user), [{ disabledPlans: [VIDEO], skuId: product.skuId }]);
    assert.equal(await world.consumed(product), consumed);
    assert.deepEqual(await report(user), [second.claimId, claimId]);
    const now = await world.signIn(app, user);
    assert.deepEqual([now.outcome, now.claimId, now.policyId, now.isBackup], ['licensed', null, null, null]);
    await world.assign(user, [], [product]);
    assert.equal(await paths(user), null);
    assert.equal(await world.consumed(product), consumed - 1);
    const again = await world.signIn(app, user);
    assert.equal(again.outcome, 'claimed');
    assert.ok(![claimId, second.claimId].includes(again.claimId));
  });

  it('are taken over with the app’s plan left out: then the admin’s choice stands', async () => {
    const user = await world.addUser();
    await world.signIn(app, user);
    await world.assign(user, [{ skuId: product.skuId, disabledPlans: [CHAT] }]);
    assert.equal((await world.signIn(app, user)).reason, 'planTurnedOff');
    assert.deepEqual(await paths(user), ['direct less 1']);
  });

  it('end with unassigning: direct and policy paths, not the group’s, which keeps the seat', async () => {
    const user = await world.addUser();
    await world.giveByGroup(user.id, product.skuId, await world.addGroup([user.id]), [CHAT]);
    const consumed = await world.consumed(product);
    assert.equal((await world.signIn(app, user)).reason, 'planTurnedOff', 'a group is an admin’s choice, too');
    await world.assign(user, [{ skuId: product.skuId, disabledPlans: [MAIL] }]);
    assert.deepEqual(await paths(user), ['direct less 1', 'group less 1']);
    assert.deepEqual(await assigned(user), [{ disabledPlans: [], skuId: product.skuId }]);
    const { licenseAssignmentStates } = await world.get(`/users/${user.id}?$select=licenseAssignmentStates`);
    assert.deepEqual(
      licenseAssignmentStates.map((one: any) => [
        one.assignedByGroup === null,
        one.disabledPlans,
        one.state,
        one.error,
      ]),
      [
        [true, [MAIL], 'Active', 'None'],
        [false, [CHAT], 'Active', 'None'],
      ],
    );
    await world.assign(user, [], [product]);
    assert.deepEqual(await paths(user), ['group less 1']);
    assert.equal(await world.consumed(product), consumed);
  });

  it('stay when the policy is turned off, edited or deleted, and when the user leaves its audience', async () => {
    const user = await world.addUser();
    const group = await world.addGroup([user.id]);
    const other = await world.addApp([CHAT]);
    const policy = await world.addPolicy(other, [product], { includeGroups: [group] });
    const path = `/policies/autoClaimPolicies/${policy.id}`;
    const { claimId } = await world.signIn(other, user);
    const still = async () => assert.deepEqual((await world.signIn(other, user)).claimId, claimId);
    await world.remove(`/groups/${group}/members/${user.id}/$ref`);
    await still();
    await world.patch(path, { isEnabled: false });
    await still();
    await world.patch(path, { products: [{ skuId: (await world.addProduct({ CHAT: { id: CHAT } })).skuId }] });
    await still();
    await world.remove(path);
    await still();
    await world.remove(`/applications/${other.id}`);
    assert.deepEqual(await paths(user), ['policy']);
  });

  it('end with the user, whose seats are free at once and whose claims stay, by the names of the day', async () => {
    const scarce = await world.addProduct({ CHAT: { id: CHAT } });
    await world.buy(scarce, 1);
    const other = await world.addApp([CHAT]);
    const policy = await world.addPolicy(other, [scarce]);
    const [leaver, next] = [await world.addUser({ display_name: 'Leaver' }), await world.addUser()];
    const first = await world.signIn(other, leaver);
    const more = await world.addProduct({ MORE: {} });
    await world.buy(more, 5);
    await world.assign(leaver, [more]);
    assert.equal((await world.signIn(other, next)).reason, 'noSeats');
    await world.remove(`/users/${leaver.id}`);
    assert.deepEqual([await world.consumed(scarce), await world.consumed(more)], [0, 0]);
    assert.equal((await world.signIn(other, next)).outcome, 'claimed');
    const { value } = await world.get(`/reports/autoClaim?$filter=policyId eq '${policy.id}'`);
    assert.deepEqual(
      value.map((row: any) => [row.userId, row.userDisplayName]),
      [
        [next.id, `User ${next.id}`],
        [leaver.id, 'Leaver'],
      ],
    );
    assert.equal(value[1].claimId, first.claimId);
    assert.equal(
      await world.value('select count(*) from assignment_paths where tenant_id = $1 and user_id = $2', leaver.id),
      0,
    );
  });

  it('are one seat, however many assign and claim at the same time', async () => {
    const scarce = await world.addProduct({ CHAT: { id: CHAT }, MAIL: {} });
    await world.buy(scarce, 3);
    const other = await world.addApp([CHAT]);
    await world.addPolicy(other, [scarce]);
    const users = await world.addUsers(6);
    const assign = (user: WorldUser) =>
      world.call('POST', `/users/${user.id}/assignLicense`, {
        addLicenses: [{ skuId: scarce.skuId }],
        removeLicenses: [],
      });
    const unassign = (user: WorldUser) =>
      world.call('POST', `/users/${user.id}/assignLicense`, { addLicenses: [], removeLicenses: [scarce.skuId] });
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(users.flatMap((user) => [assign(user), world.signIn(other, user), assign(user)]));
      assert.equal(await world.consumed(scarce), 3);
      assert.equal(
        await world.value('select count(*) from licenses where tenant_id = $1 and sku_id = $2', scarce.skuId),
        3,
      );
      await Promise.all(users.flatMap((user) => [unassign(user), unassign(user)]));
      assert.equal(await world.consumed(scarce), 0);
    }
  });
});
