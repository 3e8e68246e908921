import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { workOffQueues } from '../../src/engine/license/work-off-queue.ts';
import { groupLicensingOf, type GroupLicensing } from '../harness/group-licensing.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World } from '../harness/world.ts';

describe('what a group can’t give its members', () => {
  let server: TestServer;
  let world: World;
  let productWith: GroupLicensing['productWith'];
  let assign: GroupLicensing['assign'];
  let give: GroupLicensing['give'];
  let join: GroupLicensing['join'];
  let leave: GroupLicensing['leave'];
  let holds: GroupLicensing['holds'];
  let errorsOf: GroupLicensing['errorsOf'];
  let stateOf: GroupLicensing['stateOf'];
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    ({ productWith, assign, give, join, leave, holds, errorsOf, stateOf } = groupLicensingOf(world));
  });
  after(() => server.close());

  it('gives all products of a group or none, keeps the intent, and mends it when it is reprocessed', async () => {
    const [plenty, scarce] = [await productWith(5), await productWith(1)];
    const [first, second] = (await world.addUsers(2)).sort((one, other) => (one.id < other.id ? -1 : 1));
    const group = await world.addGroup([first!.id, second!.id]);
    await give(group, [plenty, scarce]);
    assert.deepEqual((await holds(first!)).sort(), [plenty.skuId, scarce.skuId].sort());
    assert.deepEqual(await holds(second!), []);
    assert.deepEqual(await errorsOf(second!), {
      [plenty.skuId]: 'Error Other',
      [scarce.skuId]: 'Error CountViolation',
    });
    assert.deepEqual([await world.consumed(plenty), await world.consumed(scarce)], [1, 1]);
    assert.deepEqual(await stateOf(group), ['errors', 2, 0, 1]);
    const inError = (await world.get(`/groups/${group}/membersWithLicenseErrors`)).value;
    assert.deepEqual(
      inError.map((one: any) => [one.id, one.userPrincipalName]),
      [[second!.id, second!.userPrincipalName]],
    );
    const { value } = await world.get(`/groups/${group}/licenseErrors?$filter=error eq 'CountViolation'`);
    assert.deepEqual(
      value.map((one: any) => [one.userId, one.skuId, one.detail]),
      [[second!.id, scarce.skuId, `No license of Product ${scarce.skuPartNumber} was available.`]],
    );
    const withErrors = await world.get(`/groups?$filter=hasMembersWithLicenseErrors eq true`);
    assert.ok(withErrors.value.some((one: any) => one.id === group));

    await world.buy(scarce, 1);
    assert.deepEqual(await holds(second!), [], 'a seat that comes free goes to whoever asks');
    const answer = await world.post(`/users/${second!.userPrincipalName}/reprocessLicenseAssignment`, undefined);
    assert.equal(answer.id, second!.id);
    assert.equal((await holds(second!)).length, 2);
    assert.deepEqual(await stateOf(group), ['allAssigned', 2, 0, 0]);

    const third = await world.addUser();
    await join(group, third.id);
    assert.deepEqual(await holds(third), []);
    await world.buy(scarce, 1);
    assert.equal((await world.call('POST', `/groups/${group}/reprocessLicenseAssignment`)).status, 202);
    assert.equal((await holds(third)).length, 2);
  });

  it('leaves what members have by the group when it comes to give more than they can have', async () => {
    const [had, more] = [await productWith(1), await productWith(0)];
    await world.buy(more, 0);
    const user = await world.addUser();
    const group = await world.addGroup([user.id]);
    await give(group, [had]);
    await give(group, [more]);
    assert.deepEqual(await errorsOf(user), { [had.skuId]: 'Active None', [more.skuId]: 'Error CountViolation' });
  });

  it('tells which plans exclude each other, what depends on what, and where a product may not be used', async () => {
    const held = await productWith(5);
    const { CHAT } = held.plans as { CHAT: string };
    const excluding = await world.addProduct({ ALONE: { conflictsWith: [CHAT] } });
    const depending = await world.addProduct({ UPON: { dependsOn: [randomUUID()] } });
    const abroad = await productWith(5, { prohibitedUsageLocations: ['DE'] });
    for (const product of [excluding, depending]) await world.buy(product, 5);
    const expected = [
      [excluding, 'Error MutuallyExclusiveViolation'],
      [depending, 'Error DependencyViolation'],
      [abroad, 'Error ProhibitedInUsageLocationViolation'],
    ] as const;
    for (const [product, told] of expected) {
      const user = await world.addUser();
      await world.assign(user, [held]);
      const group = await world.addGroup([user.id]);
      await give(group, [product]);
      assert.equal((await errorsOf(user))[product.skuId], told);
      assert.equal(await world.consumed(product), 0);
      // The error goes with the intent.
      await give(group, [], [product]);
      assert.deepEqual(await errorsOf(user), { [held.skuId]: 'Active None' });
    }
    const user = await world.addUser();
    const group = await world.addGroup([user.id]);
    await give(group, [excluding, held]);
    const both = 'Error MutuallyExclusiveViolation';
    assert.deepEqual(await errorsOf(user), { [excluding.skuId]: both, [held.skuId]: both });
  });

  it('takes the organisation’s usage location for who has none, and looks again when one is set', async () => {
    const product = await productWith(5, { prohibitedUsageLocations: ['KP'] });
    const nowhere = await world.addUser({ usage_location: null });
    const north = await world.addUser({ usage_location: 'KP' });
    const group = await world.addGroup([nowhere.id, north.id]);
    await give(group, [product]);
    assert.deepEqual([(await holds(nowhere)).length, (await holds(north)).length], [1, 0]);
    await world.patch(`/users/${north.id}`, { usageLocation: 'DE' });
    await workOffQueues(server.db);
    assert.deepEqual(await holds(north), [product.skuId]);
    const before = (await world.get('/admin/autoClaim')).defaultUsageLocation;
    await world.patch('/admin/autoClaim', { defaultUsageLocation: null });
    const late = await world.addUser({ usage_location: null });
    await join(group, late.id);
    assert.deepEqual(Object.values(await errorsOf(late)), ['Error ProhibitedInUsageLocationViolation']);
    await world.patch('/admin/autoClaim', { defaultUsageLocation: before });
    await workOffQueues(server.db);
    assert.deepEqual(await holds(late), [product.skuId]);
  });

  it('keeps the intent when a subscription ends, as an error of those who lose the license', async () => {
    const product = await world.addProduct({ PLAN: {} });
    const { id } = await world.buy(product, 2, {
      nextLifecycleDateTime: new Date(Date.now() + 86_400_000).toISOString(),
    });
    const user = await world.addUser();
    const group = await world.addGroup([user.id]);
    await give(group, [product]);
    await world.patch(`/directory/subscriptions/${id}`, { status: 'Deleted' });
    await world.get('/subscribedSkus');
    assert.deepEqual(await holds(user), []);
    await workOffQueues(server.db);
    assert.deepEqual(await errorsOf(user), { [product.skuId]: 'Error CountViolation' });
  });

  it('can’t be undone on the user, nor the group be deleted that does it', async () => {
    const product = await productWith(5);
    const user = await world.addUser();
    const group = await world.addGroup([user.id]);
    await give(group, [product]);
    const byHand = await world.call('POST', `/users/${user.id}/assignLicense`, {
      addLicenses: [],
      removeLicenses: [product.skuId],
    });
    assert.equal(
      byHand.body.error.message,
      'User license is inherited from a group membership and it cannot be removed directly from the user.',
    );
    const answer = await world.call('DELETE', `/groups/${group}`);
    assert.equal(answer.status, 400);
    assert.match(answer.body.error.message, /has active license assignments and cannot be deleted/);
    // Without a single member, too.
    await leave(group, user.id);
    assert.equal((await world.call('DELETE', `/groups/${group}`)).status, 400);
    await give(group, [], [product]);
    await world.remove(`/groups/${group}`);
  });

  it('refuses what Graph refuses, in its words, and then changes nothing', async () => {
    const product = await productWith(5);
    const notBought = await productWith(0);
    const user = await world.addUser();
    const group = await world.addGroup([user.id]);
    const message = async (body: object) => {
      const answer = await world.call('POST', `/groups/${group}/assignLicense`, body);
      assert.equal(answer.status, 400);
      assert.equal(answer.body.error.code, 'Request_BadRequest');
      return answer.body.error.message;
    };
    const add = (skuId: string, disabledPlans: string[] = []) => [{ skuId, disabledPlans }];
    assert.equal(
      await message({ removeLicenses: [] }),
      "One or more parameters of the operation 'assignLicense' are missing from the request payload. The missing parameters are: addLicenses.",
    );
    for (const skuId of [randomUUID(), notBought.skuId]) {
      assert.equal(
        await message({ addLicenses: [...add(product.skuId), ...add(skuId)], removeLicenses: [] }),
        `License ${skuId} does not correspond to a valid company License.`,
      );
    }
    assert.equal(
      await message({ addLicenses: add(product.skuId), removeLicenses: [notBought.skuId] }),
      'User does not have a corresponding license.',
    );
    const plan = randomUUID();
    assert.equal(
      await message({ addLicenses: add(product.skuId, [plan]), removeLicenses: [] }),
      `disabledPlans: service plan ${plan} is not part of license ${product.skuId}.`,
    );
    assert.deepEqual(await holds(user), []);
    assert.equal((await assign(randomUUID(), [product])).status, 404);
    assert.equal((await world.call('POST', `/users/${randomUUID()}/reprocessLicenseAssignment`)).status, 404);
    for (const path of ['licenses', 'licenseErrors', 'membersWithLicenseErrors']) {
      assert.equal((await world.call('GET', `/groups/${randomUUID()}/${path}`)).status, 404);
    }
  });
});
