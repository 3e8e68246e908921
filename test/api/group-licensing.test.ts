import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { workOffQueues } from '../../src/engine/license/work-off-queue.ts';
import { groupLicensingOf, type GroupLicensing } from '../harness/group-licensing.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World, type WorldUser } from '../harness/world.ts';

describe('group-based licensing', () => {
  let server: TestServer;
  let world: World;
  let productWith: GroupLicensing['productWith'];
  let assign: GroupLicensing['assign'];
  let give: GroupLicensing['give'];
  let join: GroupLicensing['join'];
  let leave: GroupLicensing['leave'];
  let holds: GroupLicensing['holds'];
  let statesOf: GroupLicensing['statesOf'];
  let errorsOf: GroupLicensing['errorsOf'];
  let stateOf: GroupLicensing['stateOf'];
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    ({ productWith, assign, give, join, leave, holds, statesOf, errorsOf, stateOf } = groupLicensingOf(world));
  });
  after(() => server.close());

  it('gives all members what their group gives, through nested groups too, at once and as Graph tells it', async () => {
    const product = await productWith(5);
    const { CHAT } = product.plans as { CHAT: string };
    const [own, nested] = await world.addUsers(2);
    const inner = await world.addGroup([nested!.id]);
    const middle = await world.addGroup([], [inner]);
    const group = await world.addGroup([own!.id], [middle]);
    const answer = await assign(group, [{ ...product, disabledPlans: [CHAT] }]);
    assert.equal(answer.status, 202);
    assert.equal(answer.headers.get('location'), `${server.config.baseUrl}/v1.0/groups/${group}`);
    assert.equal(answer.body.id, group);
    const told = await world.get(
      `/groups/${group}?$select=assignedLicenses,licenseProcessingState,hasMembersWithLicenseErrors`,
    );
    assert.deepEqual(told.assignedLicenses, [{ disabledPlans: [CHAT], skuId: product.skuId }]);
    assert.deepEqual(told.licenseProcessingState, { state: 'ProcessingComplete' });
    assert.equal(told.hasMembersWithLicenseErrors, false);
    for (const user of [own!, nested!]) {
      assert.deepEqual(await holds(user), [product.skuId]);
      const [{ lastUpdatedDateTime: _at, ...state }] = await statesOf(user);
      assert.deepEqual(state, {
        skuId: product.skuId,
        disabledPlans: [CHAT],
        assignedByGroup: group,
        state: 'Active',
        error: 'None',
      });
    }
    assert.equal(await world.consumed(product), 2);
    const wayOf = async (user: WorldUser) =>
      (await world.get(`/users/${user.id}/licenses`)).value[0].paths[0].throughGroups.map((one: any) => one.groupId);
    assert.deepEqual([await wayOf(own!), await wayOf(nested!)], [[], [inner, middle]]);
    const [use] = (await world.get(`/groups/${group}/licenses`)).value;
    assert.deepEqual([use.licensed, use.inError, use.disabledPlans], [2, 0, [CHAT]]);
    assert.deepEqual(await stateOf(group), ['allAssigned', 2, 0, 0]);
    const found = await world.get(`/groups?$filter=assignedLicenses/any(x:x/skuId eq ${product.skuId})`);
    assert.deepEqual(
      found.value.map((one: any) => one.id),
      [group],
    );
  });

  it('tells the audit what the group was to give, and what each member got of it', async () => {
    const product = await productWith(5);
    const user = await world.addUser();
    const group = await world.addGroup([user.id]);
    await give(group, [product]);
    await give(group, [], [product]);
    const entriesOf = async (id: string) =>
      (await world.get(`/auditLogs/directoryAudits?$filter=targetResources/any(t:t/id eq '${id}')`)).value.map(
        (one: any) => [one.activityDisplayName, one.operationType, one.initiatedBy.app?.displayName ?? null],
      );
    assert.deepEqual(
      (await entriesOf(group)).map((one: any) => one.slice(0, 2)),
      [
        ['Set group license', 'Update'],
        ['Set group license', 'Update'],
      ],
    );
    assert.deepEqual(await entriesOf(user.id), [
      ['Change user license', 'Unassign', 'Group-based licensing'],
      ['Change user license', 'Assign', 'Group-based licensing'],
    ]);
  });

  it('changes nothing, and looks at nobody, where the same is asked for again, its plans in another order', async () => {
    const product = await productWith(1);
    const user = await world.addUser();
    const group = await world.addGroup([user.id]);
    const plans = Object.values(product.plans);
    const state = () =>
      world.value(
        `select json_build_array(l, (select count(*) from audit_entries where tenant_id = $1 and target_id = $2::text),
                (select count(*) from group_licensing_queue where tenant_id = $1))
           from group_licenses l where tenant_id = $1 and group_id = $2::uuid`,
        group,
      );
    await give(group, [{ skuId: product.skuId, disabledPlans: plans }]);
    const before = await state();
    await give(group, [{ skuId: product.skuId, disabledPlans: plans.toReversed() }]);
    assert.deepEqual(await state(), before);
  });

  it('follows who joins and leaves, alone or as a group, and ends a license with its last path', async () => {
    const product = await productWith(5);
    const [one, other] = await world.addUsers(2);
    const inner = await world.addGroup([one!.id]);
    const group = await world.addGroup();
    await give(group, [product]);
    await join(group, other!.id);
    await join(group, inner);
    assert.equal(await world.consumed(product), 2);
    await world.assign(other!, [product]);
    await leave(group, other!.id);
    assert.deepEqual(
      (await statesOf(other!)).map((state: any) => state.assignedByGroup),
      [null],
    );
    await join(group, one!.id);
    await leave(group, inner);
    assert.deepEqual(await holds(one!), [product.skuId], 'still a member by herself');
    await leave(group, one!.id);
    assert.equal(await world.consumed(product), 1);
    await world.patch(`/groups/${group}`, { 'members@odata.bind': [`https://x/directoryObjects/${inner}`] });
    assert.equal(await world.consumed(product), 2);
    await world.remove(`/groups/${inner}`);
    assert.equal(await world.consumed(product), 1);
    await join(group, one!.id);
    await world.remove(`/users/${one!.id}`);
    assert.equal(await world.consumed(product), 1);
  });

  it('turns a plan on that any of several groups, or a path by hand, turns on', async () => {
    const product = await productWith(5);
    const { CHAT, MAIL } = product.plans as { CHAT: string; MAIL: string };
    const user = await world.addUser();
    const [one, other] = [await world.addGroup([user.id]), await world.addGroup([user.id])];
    const disabled = async () =>
      (await world.get(`/users/${user.id}?$select=assignedLicenses`)).assignedLicenses[0].disabledPlans;
    await give(one, [{ ...product, disabledPlans: [CHAT, MAIL] }]);
    assert.deepEqual(await disabled(), [CHAT, MAIL].sort());
    await give(other, [{ ...product, disabledPlans: [MAIL] }]);
    assert.deepEqual(await disabled(), [MAIL]);
    assert.equal(await world.consumed(product), 1);
    await give(one, [{ ...product, disabledPlans: [CHAT] }]);
    assert.deepEqual(await disabled(), []);
    await give(one, [], [product]);
    assert.deepEqual(await disabled(), [MAIL]);
    await give(other, [], [product]);
    assert.deepEqual([await holds(user), await world.consumed(product)], [[], 0]);
  });

  it('changes one product for another in one request, at full pools too', async () => {
    const [old, next] = [await productWith(2), await productWith(2)];
    const users = await world.addUsers(2);
    const group = await world.addGroup(users.map(({ id }) => id));
    await give(group, [old]);
    await give(group, [next], [old]);
    for (const user of users) assert.deepEqual(await holds(user), [next.skuId]);
    assert.deepEqual([await world.consumed(old), await world.consumed(next)], [0, 2]);
  });

  it('passes a seat that one member gives up to another in the same moment, and none that two groups give', async () => {
    const product = await productWith(1);
    const user = await world.addUser();
    const [one, other] = [await world.addGroup([user.id]), await world.addGroup([user.id])];
    await give(one, [product]);
    await give(other, [product]);
    assert.equal(await world.consumed(product), 1);
    // The last path by one group ends as the other's is given: the seat isn't let go in between.
    const next = await world.addUser();
    const outer = await world.addGroup([], [await world.addGroup([next.id])]);
    await give(outer, [product]);
    assert.deepEqual(await errorsOf(next), { [product.skuId]: 'Error CountViolation' });
    await leave(one, user.id);
    await leave(other, user.id);
    await world.post(`/users/${next.id}/reprocessLicenseAssignment`, undefined);
    assert.deepEqual(await holds(next), [product.skuId]);
  });

  it('comes before a policy: who has the app by a group does not claim', async () => {
    const product = await productWith(5);
    const { CHAT } = product.plans as { CHAT: string };
    await world.turnAutoClaim(true);
    const app = await world.addApp([CHAT]);
    await world.addPolicy(app, [product]);
    const user = await world.addUser();
    const group = await world.addGroup([user.id]);
    await give(group, [product]);
    const decision = await world.signIn(app, user);
    assert.deepEqual([decision.outcome, decision.claimId, decision.skuId], ['licensed', null, product.skuId]);
    // The claim stays at the seat when the group comes to give the product, and keeps it when the group stops.
    const claimer = await world.addUser();
    assert.equal((await world.signIn(app, claimer)).outcome, 'claimed');
    await join(group, claimer.id);
    assert.equal((await statesOf(claimer)).length, 2);
    assert.equal(await world.consumed(product), 2);
    await leave(group, claimer.id);
    assert.equal((await statesOf(claimer)).length, 1);
    assert.equal(await world.consumed(product), 2);
  });

  it('is done in the background for many, with how far it has come', async () => {
    const product = await productWith(1_000);
    const users = await world.addUsers(600);
    const group = await world.addGroup(users.map(({ id }) => id));
    await give(group, [product]);
    assert.deepEqual(await stateOf(group), ['inProgress', 600, 600, 0]);
    const { licenseProcessingState } = await world.get(`/groups/${group}?$select=licenseProcessingState`);
    assert.deepEqual(licenseProcessingState, { state: 'ProcessingInProgress' });
    // Who joins meanwhile has not to wait for the others.
    const joiner = await world.addUser();
    await join(group, joiner.id);
    assert.deepEqual(await holds(joiner), [product.skuId]);
    await workOffQueues(server.db);
    assert.deepEqual(await stateOf(group), ['allAssigned', 601, 0, 0]);
    assert.equal(await world.consumed(product), 601);
    await give(group, [], [product]);
    assert.equal((await stateOf(group))[0], 'inProgress');
    assert.equal((await world.call('DELETE', `/groups/${group}`)).status, 400, 'members still have licenses by it');
    await workOffQueues(server.db);
    assert.equal(await world.consumed(product), 0);
  });
});
