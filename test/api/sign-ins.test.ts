import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World, type WorldApp, type WorldProduct, type WorldUser } from '../harness/world.ts';

const REFUSED = {
  outcome: 'refused',
  isEntitled: false,
  skuId: null,
  skuPartNumber: null,
  servicePlans: [],
  policyId: null,
  claimId: null,
  isBackup: null,
};
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('a sign-in', () => {
  let server: TestServer;
  let world: World;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    await world.turnAutoClaim(true);
  });
  after(() => server.close());

  /** An app, a product of its own with seats, and a policy over it. */
  async function scene(seats = 10, policyMore = {}) {
    const product = await world.addProduct({ TEAMS1: {}, MAIL: {} });
    const subscription = await world.buy(product, seats);
    const app = await world.addApp([product.plans['TEAMS1']!]);
    const policy = await world.addPolicy(app, [product], policyMore);
    return { product, subscription, app, policy, user: await world.addUser() };
  }

  function assertRefusal(answer: any, reason: string, app: { appId: string }, userId: string | null): void {
    const { id, createdDateTime, message, ...rest } = answer;
    assert.deepEqual(rest, { ...REFUSED, reason, userId, appId: app.appId });
    assert.match(id, GUID);
    assert.match(createdDateTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(message.length > 20);
  }

  it('claims the seat of the policy’s first product, with the plans that the admin chose, and answers what it did', async () => {
    const { product, app, user } = await scene();
    const [policy] = (await world.get(`/policies/autoClaimPolicies?$filter=appId eq '${app.appId}'`)).value;
    await world.patch(`/policies/autoClaimPolicies/${policy.id}`, {
      products: [{ skuId: product.skuId, disabledPlans: [product.plans['MAIL']] }],
    });
    const { id, claimId, createdDateTime, ...rest } = await world.signIn(app, user);
    assert.deepEqual(rest, {
      outcome: 'claimed',
      reason: null,
      message: `You now have a license for ${app.displayName}.`,
      isEntitled: true,
      userId: user.id,
      appId: app.appId,
      skuId: product.skuId,
      skuPartNumber: product.skuPartNumber,
      servicePlans: ['TEAMS1'],
      policyId: policy.id,
      isBackup: false,
    });
    assert.match(id, GUID);
    assert.match(claimId, GUID);
    const claim = await world.value<any>(
      'select row_to_json(c) from claims c where tenant_id = $1 and claim_id = $2',
      claimId,
    );
    assert.deepEqual([claim.user_id, new Date(claim.claimed_at).toISOString()], [user.id, createdDateTime]);
    const { assignedLicenses } = await world.get(`/users/${user.id}?$select=assignedLicenses`);
    assert.deepEqual(assignedLicenses, [{ disabledPlans: [product.plans['MAIL']], skuId: product.skuId }]);
    assert.equal(await world.consumed(product), 1);
  });

  it('is licensed with the same claim from then on, under an id of its own, and takes nothing more', async () => {
    const { product, app, user } = await scene();
    const first = await world.signIn(app, user);
    const { id, outcome, createdDateTime, message, ...rest } = await world.signIn(app, user);
    assert.equal(outcome, 'licensed');
    assert.notEqual(id, first.id);
    assert.equal(message, `You are licensed for ${app.displayName}.`);
    const { id: _id, outcome: _outcome, createdDateTime: _time, message: _message, ...claimed } = first;
    assert.deepEqual(rest, claimed);
    assert.equal(await world.consumed(product), 1);
  });

  it('is of whom the user principal name names, in any case, or the id in any case', async () => {
    const { app } = await scene();
    const user = await world.addUser({ user_principal_name: `Ádám.${randomUUID()}@Contoso.Example` });
    const first = await world.post('/signIns', {
      appId: app.appId,
      userPrincipalName: user.userPrincipalName.toUpperCase(),
    });
    assert.deepEqual([first.outcome, first.userId], ['claimed', user.id]);
    const again = await world.post('/signIns', { appId: app.appId.toUpperCase(), userId: user.id.toUpperCase() });
    assert.deepEqual([again.outcome, again.claimId, again.appId], ['licensed', first.claimId, app.appId]);
  });

  describe('is refused', () => {
    it('where the app is unknown, also before the user', async () => {
      const app = { appId: randomUUID() };
      const user = await world.addUser();
      assertRefusal(await world.signIn(app, user), 'unknownApp', app, user.id);
      assertRefusal(await world.signIn(app, { id: randomUUID() }), 'unknownApp', app, null);
    });

    it('where the user is unknown, or was deleted', async () => {
      const { app, user } = await scene();
      assertRefusal(await world.signIn(app, { id: randomUUID() }), 'unknownUser', app, null);
      const named = { appId: app.appId, userPrincipalName: 'nobody@contoso.example' };
      assertRefusal(await world.post('/signIns', named), 'unknownUser', app, null);
      await world.signIn(app, user);
      await world.remove(`/users/${user.id}`);
      assertRefusal(await world.signIn(app, user), 'unknownUser', app, null);
    });

    it('where the app or the user is another tenant’s', async () => {
      const { app, user } = await scene();
      const other = worldOf(server, await server.createTenant());
      const theirApp = await other.addApp([]);
      const theirs = await other.addUser();
      assertRefusal(await world.signIn(theirApp, user), 'unknownApp', theirApp, user.id);
      assertRefusal(await world.signIn(app, theirs), 'unknownUser', app, null);
      const named = { appId: app.appId, userPrincipalName: theirs.userPrincipalName };
      assertRefusal(await world.post('/signIns', named), 'unknownUser', app, null);
    });

    it('where the account is blocked, also for who is licensed', async () => {
      const { app, user } = await scene();
      await world.signIn(app, user);
      await world.patch(`/users/${user.id}`, { accountEnabled: false });
      assertRefusal(await world.signIn(app, user), 'userBlocked', app, user.id);
      await world.patch(`/users/${user.id}`, { accountEnabled: true });
      assert.equal((await world.signIn(app, user)).outcome, 'licensed');
    });

    it('where the setting is off', async () => {
      const { app, user } = await scene();
      await world.turnAutoClaim(false);
      assertRefusal(await world.signIn(app, user), 'autoClaimOff', app, user.id);
      await world.turnAutoClaim(true);
    });

    it('where no policy for the app is there, or is on', async () => {
      const { app, user, policy } = await scene();
      await world.patch(`/policies/autoClaimPolicies/${policy.id}`, { isEnabled: false });
      assertRefusal(await world.signIn(app, user), 'noPolicy', app, user.id);
      await world.remove(`/policies/autoClaimPolicies/${policy.id}`);
      assertRefusal(await world.signIn(app, user), 'noPolicy', app, user.id);
    });

    it('where the user is in no policy’s audience: outside its groups, excluded, or a guest', async () => {
      const [member, guest] = [await world.addUser(), await world.addUser({ user_type: 'Guest' })];
      const group = await world.addGroup([], [await world.addGroup([member.id, guest.id])]);
      const { app, user, policy } = await scene(10, { includeGroups: [group] });
      const path = `/policies/autoClaimPolicies/${policy.id}`;
      assertRefusal(await world.signIn(app, user), 'notInAudience', app, user.id);
      assertRefusal(await world.signIn(app, guest), 'notInAudience', app, guest.id);
      await world.patch(path, { excludeGroups: [group] });
      assertRefusal(await world.signIn(app, member), 'notInAudience', app, member.id);
      await world.patch(path, { excludeGroups: [], includeGuests: true });
      assert.equal((await world.signIn(app, member)).outcome, 'claimed');
      assert.equal((await world.signIn(app, guest)).outcome, 'claimed');
    });

    it('by the first policy that has the user in its audience: later ones are not tried', async () => {
      const { app, user, product } = await scene();
      const empty = await world.addProduct({ TEAMS1: { id: product.plans['TEAMS1']! } });
      const first = await world.addPolicy(app, [empty]);
      const { value } = await world.get(`/policies/autoClaimPolicies?$filter=appId eq '${app.appId}'&$orderby=order`);
      await world.post('/policies/autoClaimPolicies/reorder', { ids: [first.id, value[0].id] });
      assertRefusal(await world.signIn(app, user), 'noSubscription', app, user.id);
      await world.patch(`/policies/autoClaimPolicies/${first.id}`, { isEnabled: false });
      assert.equal((await world.signIn(app, user)).policyId, value[0].id);
    });

    it('where the product has no usable subscription', async () => {
      const { app, user, subscription, product } = await scene();
      await world.patch(`/directory/subscriptions/${subscription.id}`, { status: 'Suspended' });
      assertRefusal(await world.signIn(app, user), 'noSubscription', app, user.id);
      await world.patch(`/directory/subscriptions/${subscription.id}`, { status: 'Warning' });
      assert.equal((await world.signIn(app, user)).outcome, 'claimed');
      await world.patch(`/directory/subscriptions/${subscription.id}`, { status: 'Suspended' });
      assertRefusal(await world.signIn(app, user), 'noSubscription', app, user.id);
      assert.equal(await world.consumed(product), 1, 'Suspended keeps the license');
    });

    it('where an admin turned the plan off, by hand or by a group', async () => {
      const { app, user, product } = await scene();
      const byGroup = await world.addUser();
      const teams = product.plans['TEAMS1']!;
      await world.assign(user, [{ skuId: product.skuId, disabledPlans: [teams] }]);
      await world.giveByGroup(byGroup.id, product.skuId, await world.addGroup([byGroup.id]), [teams]);
      assertRefusal(await world.signIn(app, user), 'planTurnedOff', app, user.id);
      assertRefusal(await world.signIn(app, byGroup), 'planTurnedOff', app, byGroup.id);
    });

    it('where the usage location is missing with no default, or prohibited', async () => {
      const product = await world.addProduct({ TEAMS1: {} }, { prohibitedUsageLocations: ['DE', 'US'] });
      await world.buy(product, 5);
      const app = await world.addApp([product.plans['TEAMS1']!]);
      await world.addPolicy(app, [product]);
      const [german, nowhere] = [await world.addUser(), await world.addUser({ usage_location: null })];
      assertRefusal(await world.signIn(app, german), 'usageLocation', app, german.id);
      await world.patch('/admin/autoClaim', { defaultUsageLocation: null });
      assertRefusal(await world.signIn(app, nowhere), 'usageLocation', app, nowhere.id);
      await world.patch('/admin/autoClaim', { defaultUsageLocation: 'US' });
      assertRefusal(await world.signIn(app, nowhere), 'usageLocation', app, nowhere.id);
      await world.patch('/admin/autoClaim', { defaultUsageLocation: 'FR' });
      assert.equal((await world.signIn(app, nowhere)).outcome, 'claimed');
      assertRefusal(await world.signIn(app, german), 'usageLocation', app, german.id);
    });

    it('where a plan excludes one that the user has, or depends on one that the user lacks', async () => {
      const held = await world.addProduct({ OLD_MAIL: {} });
      await world.buy(held, 5);
      const strict = await world.addProduct({
        TEAMS1: {},
        NEW_MAIL: { conflictsWith: [held.plans['OLD_MAIL']!] },
        ARCHIVE: { dependsOn: [held.plans['OLD_MAIL']!] },
      });
      await world.buy(strict, 5);
      const app = await world.addApp([strict.plans['TEAMS1']!]);
      const policy = await world.addPolicy(app, [strict]);
      const [holder, lacking] = [await world.addUser(), await world.addUser()];
      await world.assign(holder, [held]);
      assertRefusal(await world.signIn(app, holder), 'conflict', app, holder.id);
      assertRefusal(await world.signIn(app, lacking), 'dependency', app, lacking.id);
      const leavingOut = [{ skuId: strict.skuId, disabledPlans: [strict.plans['NEW_MAIL']] }];
      await world.patch(`/policies/autoClaimPolicies/${policy.id}`, { products: leavingOut });
      assert.equal((await world.signIn(app, holder)).outcome, 'claimed');
      assertRefusal(await world.signIn(app, lacking), 'dependency', app, lacking.id);
    });

    it('where no seat is free, for the first product’s reason where backups fail for others', async () => {
      const { app, user, product, policy } = await scene(1);
      const backup = await world.addProduct({ TEAMS1: { id: product.plans['TEAMS1']! } });
      await world.patch(`/policies/autoClaimPolicies/${policy.id}`, {
        products: [product, backup].map(({ skuId }) => ({ skuId })),
      });
      assert.equal((await world.signIn(app, user)).isBackup, false);
      const late = await world.addUser();
      assertRefusal(await world.signIn(app, late), 'noSeats', app, late.id);
      await world.buy(backup, 1);
      const claimed = await world.signIn(app, late);
      assert.deepEqual([claimed.outcome, claimed.skuId, claimed.isBackup], ['claimed', backup.skuId, true]);
      assert.deepEqual([await world.consumed(product), await world.consumed(backup)], [1, 1]);
    });
  });

  it('is licensed without a claim by a direct or a group’s license, whatever the policy and the setting say', async () => {
    const { app, user, product } = await scene();
    const byGroup = await world.addUser();
    await world.assign(user, [product]);
    await world.giveByGroup(byGroup.id, product.skuId, await world.addGroup([byGroup.id]));
    await world.turnAutoClaim(false);
    for (const one of [user, byGroup]) {
      const { outcome, reason, isEntitled, skuId, servicePlans, policyId, claimId, isBackup } = await world.signIn(
        app,
        one,
      );
      assert.deepEqual(
        { outcome, reason, isEntitled, skuId, servicePlans, policyId, claimId, isBackup },
        {
          outcome: 'licensed',
          reason: null,
          isEntitled: true,
          skuId: product.skuId,
          servicePlans: ['TEAMS1'],
          policyId: null,
          claimId: null,
          isBackup: null,
        },
      );
    }
    await world.turnAutoClaim(true);
    assert.equal(await world.consumed(product), 2);
  });

  it('claims anew after a release, and the report keeps both claims', async () => {
    const { app, user, product } = await scene(1);
    const first = await world.signIn(app, user);
    await world.assign(user, [], [product]);
    assert.equal(await world.consumed(product), 0);
    const second = await world.signIn(app, user);
    assert.equal(second.outcome, 'claimed');
    assert.notEqual(second.claimId, first.claimId);
    const { value } = await world.get(`/reports/autoClaim?$filter=userId eq '${user.id}'`);
    assert.deepEqual(
      value.map((row: any) => row.claimId),
      [second.claimId, first.claimId],
    );
  });

  describe('at a seat that the user has already', () => {
    let product: WorldProduct;
    let user: WorldUser;
    let chat: { app: WorldApp; claim: any };
    let mail: { app: WorldApp; policy: any };
    before(async () => {
      product = await world.addProduct({ CHAT: {}, MAIL: {}, VIDEO: {} });
      await world.buy(product, 1);
      const { CHAT, MAIL, VIDEO } = product.plans as Record<'CHAT' | 'MAIL' | 'VIDEO', string>;
      user = await world.addUser();
      const [chatApp, mailApp] = [await world.addApp([CHAT]), await world.addApp([MAIL])];
      await world.addPolicy(chatApp, [{ skuId: product.skuId, disabledPlans: [MAIL, VIDEO] }]);
      const policy = await world.addPolicy(mailApp, [{ skuId: product.skuId, disabledPlans: [CHAT, VIDEO] }]);
      chat = { app: chatApp, claim: await world.signIn(chatApp, user) };
      mail = { app: mailApp, policy };
    });

    it('claims a second policy’s path, though no seat is free, and the pool stays as it was', async () => {
      const claim = await world.signIn(mail.app, user);
      assert.deepEqual([claim.outcome, claim.policyId, claim.servicePlans], ['claimed', mail.policy.id, ['MAIL']]);
      assert.notEqual(claim.claimId, chat.claim.claimId);
      assert.equal(await world.consumed(product), 1);
      const { assignedLicenses, licenseAssignmentStates } = await world.get(
        `/users/${user.id}?$select=assignedLicenses,licenseAssignmentStates`,
      );
      assert.deepEqual(assignedLicenses, [{ disabledPlans: [product.plans['VIDEO']], skuId: product.skuId }]);
      assert.equal(licenseAssignmentStates.length, 2);
      assert.equal((await world.signIn(chat.app, user)).claimId, chat.claim.claimId);
    });

    it('keeps the claim where the app has come to require another plan: the path is widened, under audit', async () => {
      const { VIDEO } = product.plans as Record<'VIDEO', string>;
      const count = await world.value(`select count(*) from claims where tenant_id = $1 and user_id = $2`, user.id);
      await world.patch(`/policies/autoClaimPolicies/${chat.claim.policyId}`, { products: [{ skuId: product.skuId }] });
      await world.patch(`/applications/${chat.app.id}`, { requiredServicePlanIds: [VIDEO] });
      const told = await world.explain(chat.app, user);
      assert.deepEqual([told.outcome, told.policyId, told.servicePlans], ['licensed', chat.claim.policyId, ['VIDEO']]);
      const widened = await world.signIn(chat.app, user);
      assert.deepEqual(
        [widened.outcome, widened.claimId, widened.servicePlans],
        ['licensed', chat.claim.claimId, ['VIDEO']],
      );
      assert.equal(await world.consumed(product), 1);
      assert.equal(
        await world.value(`select count(*) from claims where tenant_id = $1 and user_id = $2`, user.id),
        count,
      );
      const { assignedLicenses } = await world.get(`/users/${user.id}?$select=assignedLicenses`);
      assert.deepEqual(assignedLicenses, [{ disabledPlans: [], skuId: product.skuId }]);
      const audits = await world.get(`/auditLogs/directoryAudits?$filter=targetResources/any(t:t/id eq '${user.id}')`);
      const [entry, ...others] = audits.value.filter((one: any) => one.activityDisplayName === 'Change user license');
      assert.deepEqual(others, []);
      const [{ oldValue, newValue }] = entry.targetResources[0].modifiedProperties;
      assert.ok(JSON.parse(oldValue).disabledPlans.includes(VIDEO));
      assert.deepEqual(JSON.parse(newValue).disabledPlans, []);
      assert.equal((await world.signIn(chat.app, user)).claimId, chat.claim.claimId);
    });
  });

  it('is told of the lowest skuId where several products license it, with all their plans', async () => {
    const one = await world.addProduct({ BETA: {}, ALPHA: {} });
    const two = await world.addProduct({ GAMMA: {}, ALPHA: { id: one.plans['ALPHA']! } });
    const app = await world.addApp([one.plans['BETA']!, one.plans['ALPHA']!, two.plans['GAMMA']!]);
    const user = await world.addUser();
    for (const product of [one, two]) await world.buy(product, 1);
    await world.assign(user, [one, two]);
    const { skuId, servicePlans } = await world.signIn(app, user);
    assert.equal(skuId, [one.skuId, two.skuId].sort()[0]);
    assert.deepEqual(servicePlans, ['ALPHA', 'BETA', 'GAMMA']);
  });
});
