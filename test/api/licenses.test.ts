import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { assertRefused, worldOf, type World, type WorldProduct, type WorldUser } from '../harness/world.ts';

const MISSING = (names: string) =>
  `One or more parameters of the operation 'assignLicense' are missing from the request payload. The missing parameters are: ${names}.`;

describe('assignLicense', () => {
  let server: TestServer;
  let world: World;
  let suite: WorldProduct;
  let other: WorldProduct;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    await world.turnAutoClaim(true);
    suite = await world.addProduct({ CHAT: {}, MAIL: {}, VIDEO: {} });
    other = await world.addProduct({ DRAWING: {} });
    await world.buy(suite, 500);
    await world.buy(other, 500);
  });
  after(() => server.close());

  const post = (user: { id: string }, body: unknown) => world.call('POST', `/users/${user.id}/assignLicense`, body);
  const add = (user: { id: string }, skuId: string, disabledPlans?: unknown) =>
    post(user, { addLicenses: [{ skuId, ...(disabledPlans !== undefined && { disabledPlans }) }], removeLicenses: [] });
  const remove = (user: { id: string }, ...skuIds: string[]) => post(user, { addLicenses: [], removeLicenses: skuIds });

  /** What the user holds, as the three ways of asking tell it; they must agree. */
  async function held(user: WorldUser): Promise<Record<string, string[]>> {
    const { assignedLicenses, licenseAssignmentStates } = await world.get(
      `/users/${user.id}?$select=assignedLicenses,licenseAssignmentStates`,
    );
    const details = (await world.get(`/users/${user.id}/licenseDetails`)).value;
    const skuIds = assignedLicenses.map(({ skuId }: any) => skuId);
    assert.deepEqual(details.map(({ skuId }: any) => skuId).sort(), skuIds.toSorted());
    assert.deepEqual([...new Set(licenseAssignmentStates.map(({ skuId }: any) => skuId))].sort(), skuIds.toSorted());
    for (const { skuId, disabledPlans } of assignedLicenses) {
      const paths = licenseAssignmentStates.filter((state: any) => state.skuId === skuId);
      assert.deepEqual(
        disabledPlans.toSorted(),
        paths[0].disabledPlans
          .filter((plan: string) => paths.every((path: any) => path.disabledPlans.includes(plan)))
          .sort(),
      );
      const detail = details.find((one: any) => one.skuId === skuId);
      for (const plan of detail.servicePlans) {
        const isOff = disabledPlans.includes(plan.servicePlanId);
        assert.equal(plan.provisioningStatus, isOff ? 'Disabled' : 'Success', plan.servicePlanName);
      }
      assert.deepEqual([detail.id, paths[0].state, paths[0].error], [`${user.id}_${skuId}`, 'Active', 'None']);
    }
    return Object.fromEntries(assignedLicenses.map((one: any) => [one.skuId, one.disabledPlans]));
  }
  const state = () =>
    world.value<object>(
      `select json_build_array((select json_agg(l) from licenses l), (select json_agg(p) from assignment_paths p),
                               (select json_agg(o) from pools o), (select count(*) from audit_entries))
         from tenants where tenant_id = $1`,
    );

  it('assigns and unassigns by id or user principal name, and answers the user with the default properties', async () => {
    const user = await world.addUser({ given_name: 'Ada' });
    const answer = await add(user, suite.skuId.toUpperCase(), [
      suite.plans['MAIL']!.toUpperCase(),
      suite.plans['MAIL'],
    ]);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.deepEqual(answer.body, await world.get(`/users/${user.id}`));
    assert.equal(answer.body.givenName, 'Ada');
    assert.equal('assignedLicenses' in answer.body, false);
    assert.deepEqual(await held(user), { [suite.skuId]: [suite.plans['MAIL']] });
    const name = encodeURIComponent(user.userPrincipalName.toUpperCase());
    const body = {
      addLicenses: [{ skuId: other.skuId, disabledPlans: [] }],
      removeLicenses: [suite.skuId.toUpperCase()],
    };
    const again = await world.call('POST', `/users/${name}/assignLicense`, body);
    assert.equal(again.status, 200, JSON.stringify(again.body));
    assert.deepEqual(await held(user), { [other.skuId]: [] });
  });

  it('is idempotent: adding what is held replaces the disabled plans, at the same seat', async () => {
    const user = await world.addUser();
    const consumed = await world.consumed(suite);
    await add(user, suite.skuId, [suite.plans['MAIL'], suite.plans['VIDEO']]);
    await add(user, suite.skuId, [suite.plans['MAIL'], suite.plans['VIDEO']]);
    assert.equal(await world.consumed(suite), consumed + 1);
    await add(user, suite.skuId, [suite.plans['CHAT']]);
    assert.deepEqual(await held(user), { [suite.skuId]: [suite.plans['CHAT']] });
    await add(user, suite.skuId);
    assert.deepEqual(await held(user), { [suite.skuId]: [] });
    assert.equal(await world.consumed(suite), consumed + 1);
  });

  it('may do nothing at all', async () => {
    const user = await world.addUser();
    const was = await state();
    assert.equal((await post(user, { addLicenses: [], removeLicenses: [] })).status, 200);
    assert.deepEqual(await state(), was);
  });

  describe('fails to the letter', () => {
    it('without addLicenses, without removeLicenses, without both, also where they are null', async () => {
      const user = await world.addUser();
      const was = await state();
      assertRefused(await post(user, { removeLicenses: [] }), 400, MISSING('addLicenses'));
      assertRefused(await post(user, { addLicenses: [] }), 400, MISSING('removeLicenses'));
      assertRefused(await post(user, {}), 400, MISSING('addLicenses, removeLicenses'));
      assertRefused(await post(user, undefined), 400, MISSING('addLicenses, removeLicenses'));
      assertRefused(await post(user, { addLicenses: null, removeLicenses: [] }), 400, MISSING('addLicenses'));
      assert.deepEqual(await state(), was);
      assert.equal((await post(user, {})).body.error.code, 'Request_BadRequest');
    });

    it('for a usage location that is missing, though the tenant has a default, or prohibited', async () => {
      const message = 'License assignment cannot be done for user with invalid usage location.';
      const embargoed = await world.addProduct({ X: {} }, { prohibitedUsageLocations: ['DE'] });
      await world.buy(embargoed, 5);
      const was = await state();
      assertRefused(await add(await world.addUser({ usage_location: null }), suite.skuId), 400, message);
      assertRefused(await add(await world.addUser(), embargoed.skuId), 400, message);
      assert.deepEqual(await state(), was);
      assert.equal((await add(await world.addUser({ usage_location: 'FR' }), embargoed.skuId)).status, 200);
    });

    it('where no seat is free, or none can be used; whoever holds one is changed all the same', async () => {
      const scarce = await world.addProduct({ X: {}, Y: {} });
      const { id } = await world.buy(scarce, 1);
      const [first, second] = [await world.addUser(), await world.addUser()];
      await world.assign(first, [scarce]);
      const message = `Subscription with SKU ${scarce.skuId} does not have any available licenses.`;
      assertRefused(await add(second, scarce.skuId.toUpperCase()), 400, message);
      assert.equal((await add(first, scarce.skuId, [scarce.plans['X']])).status, 200);
      await world.patch(`/directory/subscriptions/${id}`, { status: 'Suspended', totalLicenses: 10 });
      assertRefused(await add(second, scarce.skuId), 400, message);
      await world.patch(`/directory/subscriptions/${id}`, { status: 'Warning' });
      assert.equal((await add(second, scarce.skuId)).status, 200);
    });

    it('for a product that was never bought, isn’t in the catalogue, or is another tenant’s', async () => {
      const user = await world.addUser();
      const neighbour = worldOf(server, await server.createTenant());
      const theirs = await neighbour.addProduct({ X: {} });
      await neighbour.buy(theirs, 5);
      for (const skuId of [(await world.addProduct({ X: {} })).skuId, randomUUID(), theirs.skuId]) {
        assertRefused(await add(user, skuId), 400, `License ${skuId} does not correspond to a valid company License.`);
      }
      assert.equal(await neighbour.consumed(theirs), 0);
    });

    it('for a product that licenses the company', async () => {
      const company = await world.addProduct({ X: {} }, { appliesTo: 'Company' });
      await world.buy(company, 5);
      const answer = await add(await world.addUser(), company.skuId);
      assertRefused(answer, 400, `License ${company.skuId} cannot be assigned to a user.`);
    });

    it('where what is removed isn’t held', async () => {
      const user = await world.addUser();
      const was = await state();
      for (const skuId of [suite.skuId, randomUUID()]) {
        assertRefused(await remove(user, skuId), 400, 'User does not have a corresponding license.');
      }
      assert.deepEqual(await state(), was);
    });

    it('where what is removed is inherited from a group alone', async () => {
      const user = await world.addUser();
      await world.giveByGroup(user.id, suite.skuId, await world.addGroup([user.id]), [suite.plans['MAIL']!]);
      const message =
        'User license is inherited from a group membership and it cannot be removed directly from the user.';
      const was = await state();
      assertRefused(await remove(user, suite.skuId), 400, message);
      assert.deepEqual(await state(), was);
      await add(user, suite.skuId, [suite.plans['VIDEO']]);
      assert.deepEqual(await held(user), { [suite.skuId]: [] }, 'a plan is on where any path turns it on');
      assert.equal((await remove(user, suite.skuId)).status, 200);
      assert.deepEqual(await held(user), { [suite.skuId]: [suite.plans['MAIL']] }, 'the inherited one stays');
      assertRefused(await remove(user, suite.skuId), 400, message);
    });

    it('where a plan depends on plans that would not be there', async () => {
      const [one, two] = [randomUUID(), randomUUID()];
      const base = await world.addProduct({ ONE: { id: one }, TWO: { id: two } });
      const addOn = await world.addProduct({ MORE: { dependsOn: [one, two] }, PLAIN: {} });
      await world.buy(base, 9);
      await world.buy(addOn, 9);
      const [user, more] = [await world.addUser(), addOn.plans['MORE']!];
      const failed = `License assignment failed because service plan ${more} depends on the service plan(s) `;
      assertRefused(await add(user, addOn.skuId), 400, `${failed}${one},${two}`);
      await add(user, base.skuId, [two]);
      assertRefused(await add(user, addOn.skuId), 400, `${failed}${two}`);
      assert.equal((await add(user, addOn.skuId, [more])).status, 200, 'left out, it needs nothing');
      await add(user, base.skuId, []);
      assert.equal((await add(user, addOn.skuId)).status, 200);
      const swap = { addLicenses: [{ skuId: addOn.skuId }], removeLicenses: [base.skuId] };
      assertRefused(await post(user, swap), 400, `${failed}${one},${two}`);
      const fresh = await world.addUser();
      assert.equal(
        (await post(fresh, { addLicenses: [addOn, base].map(({ skuId }) => ({ skuId })), removeLicenses: [] })).status,
        200,
      );
    });

    it('where plans are mutually exclusive, whichever of them says so', async () => {
      const old = await world.addProduct({ OLD: {} });
      const young = await world.addProduct({ NEW: { conflictsWith: [old.plans['OLD']!] }, PLAIN: {} });
      await world.buy(old, 9);
      await world.buy(young, 9);
      const [user, reverse] = [await world.addUser(), await world.addUser()];
      const ids = [young.plans['NEW'], old.plans['OLD']];
      const failed = (plans: unknown[]) =>
        `License assignment failed because service plans ${plans.join()} are mutually exclusive`;
      await world.assign(user, [old]);
      assertRefused(await add(user, young.skuId), 400, failed(ids));
      assert.equal((await add(user, young.skuId, [young.plans['NEW']])).status, 200);
      await world.assign(reverse, [young]);
      assertRefused(await add(reverse, old.skuId), 400, failed(ids.toReversed()));
      const swap = { addLicenses: [{ skuId: old.skuId }], removeLicenses: [young.skuId] };
      assert.equal((await post(reverse, swap)).status, 200, 'what goes is in nobody’s way');
      const both = { addLicenses: [{ skuId: old.skuId }, { skuId: young.skuId }], removeLicenses: [] };
      assert.equal((await post(await world.addUser(), both)).status, 400);
    });
  });

  it('does all of a request or none of it', async () => {
    const user = await world.addUser();
    await world.assign(user, [other]);
    const scarce = await world.addProduct({ X: {} });
    await world.buy(scarce, 0);
    const was = await state();
    for (const body of [
      { addLicenses: [{ skuId: suite.skuId }, { skuId: scarce.skuId }], removeLicenses: [other.skuId] },
      { addLicenses: [{ skuId: suite.skuId }], removeLicenses: [other.skuId, scarce.skuId] },
      { addLicenses: [{ skuId: suite.skuId }, { skuId: randomUUID() }], removeLicenses: [] },
    ]) {
      assert.equal((await post(user, body)).status, 400);
      assert.deepEqual(await state(), was);
    }
  });

  it('names the field of what is malformed, and writes nothing', async () => {
    const user = await world.addUser();
    const was = await state();
    const one = { skuId: suite.skuId };
    for (const [body, text] of [
      [{ addLicenses: [{ skuId: 'E5' }], removeLicenses: [] }, /addLicenses\[0\]\.skuId.*Edm\.Guid/],
      [{ addLicenses: [one], removeLicenses: ['E5'] }, /removeLicenses\[0\].*Edm\.Guid/],
      [
        { addLicenses: [{ ...one, disabledPlans: [suite.plans['MAIL'], 'x'] }], removeLicenses: [] },
        /addLicenses\[0\]\.disabledPlans\[1\].*Edm\.Guid/,
      ],
      [{ addLicenses: [{ skuId: null }], removeLicenses: [] }, /addLicenses\[0\]\.skuId/],
      [{ addLicenses: [{}], removeLicenses: [] }, /addLicenses\[0\]\.skuId is missing/],
      [{ addLicenses: [suite.skuId], removeLicenses: [] }, /addLicenses\[0\] must be object/],
      [{ addLicenses: one, removeLicenses: [] }, /addLicenses must be array/],
      [{ addLicenses: [], removeLicenses: suite.skuId }, /removeLicenses must be array/],
      [{ addLicenses: [{ ...one, plan: 1 }], removeLicenses: [] }, /addLicenses\[0\]\.plan is not a property/],
      [{ addLicenses: [], removeLicenses: [], force: true }, /^force is not a property/],
      [
        { addLicenses: [{ ...one, disabledPlans: [other.plans['DRAWING']] }], removeLicenses: [] },
        /disabledPlans.* is not part of license/,
      ],
      [{ addLicenses: [one, { skuId: suite.skuId.toUpperCase() }], removeLicenses: [] }, /named twice/],
      [{ addLicenses: [one], removeLicenses: [suite.skuId] }, /named twice/],
      [[], /^The body must be object/],
    ] as const) {
      assertRefused(await post(user, body), 400, text);
    }
    assert.deepEqual(await state(), was);
  });

  it('is not found for a user who isn’t there, or is another tenant’s', async () => {
    const neighbour = worldOf(server, await server.createTenant());
    const theirs = await neighbour.addUser();
    for (const name of [randomUUID(), theirs.id, theirs.userPrincipalName, 'nobody', "o'brien"]) {
      const body = { addLicenses: [{ skuId: suite.skuId }], removeLicenses: [] };
      const answer = await world.call('POST', `/users/${encodeURIComponent(name)}/assignLicense`, body);
      assertRefused(
        answer,
        404,
        `Resource '${name}' does not exist or one of its queried reference-property objects are not present.`,
      );
      assert.equal((await world.call('GET', `/users/${encodeURIComponent(name)}/licenseDetails`)).status, 404);
    }
  });

  it('needs a permission to assign; details need one to read', async () => {
    const user = await world.addUser();
    const as = (method: string, path: string, permission: any, body?: object) =>
      server.request(method, `/v1.0/users/${user.id}/${path}`, { permissions: permission ? [permission] : [], body });
    const nothing = { addLicenses: [], removeLicenses: [] };
    assert.equal((await as('POST', 'assignLicense', 'LicenseAssignment.ReadWrite.All', nothing)).status, 200);
    for (const permission of ['LicenseAssignment.Read.All', 'User.Read.All', 'Organization.ReadWrite.All', undefined]) {
      assert.equal((await as('POST', 'assignLicense', permission, nothing)).status, 403);
    }
    for (const permission of ['LicenseAssignment.Read.All', 'User.Read.All', 'User.ReadWrite.All']) {
      assert.equal((await as('GET', 'licenseDetails', permission)).status, 200);
    }
    assert.equal((await as('GET', 'licenseDetails', 'Group.Read.All')).status, 403);
  });
});
