import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { assertRefused, worldOf, type World, type WorldApp, type WorldProduct } from '../harness/world.ts';

const PATH = '/policies/autoClaimPolicies';

describe('auto-claim policies', () => {
  let server: TestServer;
  let world: World;
  let suite: WorldProduct;
  let backup: WorldProduct;
  let teams: string;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    suite = await world.addProduct({ TEAMS1: {}, MAIL: {} });
    teams = suite.plans['TEAMS1']!;
    backup = await world.addProduct({ TEAMS1: { id: teams }, VIDEO: {} });
  });
  after(() => server.close());

  const newApp = () => world.addApp([teams]);
  const read = (id: string) => world.get(`${PATH}/${id}`);
  const update = (id: string, body: unknown, headers = {}) => world.call('PATCH', `${PATH}/${id}`, body, headers);
  const orders = async (app: WorldApp) => {
    const { value } = await world.get(`${PATH}?$filter=appId eq '${app.appId}'&$orderby=order`);
    return value.map((policy: any) => [policy.order, policy.id]);
  };
  const lastAudit = () =>
    world.value<{ activity: string; changes: any[] }>(
      `select json_build_object('activity', activity, 'changes', changes) from audit_entries
        where tenant_id = $1 order by happened_at desc, audit_id desc limit 1`,
    );
  const auditCount = () => world.value('select count(*) from audit_entries where tenant_id = $1');

  it('makes a policy with what was left out filled in, and answers it as every read does', async () => {
    const app = await newApp();
    const answer = await world.call('POST', PATH, {
      displayName: 'Teams for everyone',
      appId: app.appId.toUpperCase(),
      products: [{ skuId: suite.skuId.toUpperCase() }],
    });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    const {
      '@odata.context': context,
      '@odata.etag': etag,
      id,
      createdDateTime,
      lastModifiedDateTime,
      ...rest
    } = answer.body;
    assert.deepEqual(rest, {
      displayName: 'Teams for everyone',
      isEnabled: true,
      appId: app.appId,
      order: 1,
      products: [{ skuId: suite.skuId, disabledPlans: [] }],
      includeGroups: [],
      excludeGroups: [],
      includeGuests: false,
    });
    assert.match(etag, /^W\/"[^"]+"$/);
    assert.match(createdDateTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.equal(lastModifiedDateTime, createdDateTime);
    assert.match(context, /#policies\/autoClaimPolicies\/\$entity$/);
    assert.equal(answer.headers.get('etag'), etag);
    assert.equal(answer.headers.get('location'), `${server.config.baseUrl}/v1.0${PATH}/${id}`);
    const again = await world.call('GET', `${PATH}/${id.toUpperCase()}`);
    assert.deepEqual(again.body, answer.body);
    assert.equal(again.headers.get('etag'), etag);
    const { value } = await world.get(`${PATH}?$filter=id eq '${id}'`);
    assert.deepEqual({ '@odata.context': context, ...value[0] }, answer.body);
  });

  it('takes GUIDs in upper case, answers and keeps them in lower case, each disabled plan and group once', async () => {
    const app = await newApp();
    const group = await world.addGroup();
    const mail = suite.plans['MAIL']!;
    const policy = await world.addPolicy(
      app,
      [{ skuId: suite.skuId.toUpperCase(), disabledPlans: [mail.toUpperCase(), mail] }],
      { includeGroups: [group.toUpperCase(), group], excludeGroups: [group.toUpperCase()] },
    );
    assert.deepEqual(policy.products, [{ skuId: suite.skuId, disabledPlans: [mail] }]);
    assert.deepEqual([policy.includeGroups, policy.excludeGroups], [[group], [group]]);
    const changed = await update(policy.id.toUpperCase(), { products: [{ skuId: backup.skuId.toUpperCase() }] });
    assert.deepEqual(changed.body.products, [{ skuId: backup.skuId, disabledPlans: [] }]);
  });

  it('may be written while the setting is off', async () => {
    assert.equal((await world.get('/admin/autoClaim')).isEnabled, false);
    const policy = await world.addPolicy(await newApp(), [suite]);
    assert.equal((await update(policy.id, { isEnabled: false })).status, 200);
    await world.remove(`${PATH}/${policy.id}`);
  });

  it('adds, removes and reorders products at once by a new list; what isn’t named stays', async () => {
    const policy = await world.addPolicy(await newApp(), [suite, backup], { includeGuests: true });
    const third = await world.addProduct({ TEAMS1: { id: teams } });
    const products = [third, backup].map(({ skuId }) => ({ skuId, disabledPlans: [] }));
    const changed = (await update(policy.id, { products })).body;
    assert.deepEqual(changed.products, products);
    assert.deepEqual(await read(policy.id), changed);
    const { '@odata.etag': _etag, products: _products, lastModifiedDateTime: _time, ...kept } = changed;
    for (const [name, value] of Object.entries(kept)) assert.deepEqual(value, policy[name], name);
    assert.ok(changed.lastModifiedDateTime >= policy.lastModifiedDateTime);
  });

  it('puts a new policy last of its app’s, closes gaps after a deletion, and counts each app by itself', async () => {
    const [app, other] = [await newApp(), await newApp()];
    const [first, second, third] = [
      await world.addPolicy(app, [suite]),
      await world.addPolicy(app, [suite]),
      await world.addPolicy(app, [suite]),
    ];
    const elsewhere = await world.addPolicy(other, [suite]);
    assert.deepEqual([first.order, second.order, third.order, elsewhere.order], [1, 2, 3, 1]);
    await world.remove(`${PATH}/${first.id}`);
    assert.deepEqual(await orders(app), [
      [1, second.id],
      [2, third.id],
    ]);
    const fourth = await world.addPolicy(app, [suite]);
    assert.equal(fourth.order, 3);
    assert.deepEqual(await orders(other), [[1, elsewhere.id]]);
  });

  it('is put in order with the whole order of its app, in either case of the ids', async () => {
    const app = await newApp();
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) ids.push((await world.addPolicy(app, [suite])).id);
    const wanted = [ids[2]!, ids[0]!, ids[1]!];
    const answer = await world.post(`${PATH}/reorder`, { ids: wanted.map((id) => id.toUpperCase()) });
    assert.deepEqual(
      answer.value.map((policy: any) => [policy.order, policy.id]),
      wanted.map((id, index) => [index + 1, id]),
    );
    assert.deepEqual(
      await orders(app),
      wanted.map((id, index) => [index + 1, id]),
    );
    const { changes, activity } = await lastAudit();
    assert.equal(activity, 'Reorder auto-claim policies');
    assert.deepEqual(changes, [{ name: 'order', before: ids, after: wanted }]);
    const count = await auditCount();
    await world.post(`${PATH}/reorder`, { ids: wanted });
    assert.equal(await auditCount(), count, 'an order that was so already is no change');
  });

  it('refuses an order that isn’t the whole of one app, naming what is wrong, and keeps the order', async () => {
    const [app, other] = [await newApp(), await newApp()];
    const [a, b] = [
      await world.addPolicy(app, [suite]),
      await world.addPolicy(app, [suite], { displayName: 'The second' }),
    ];
    const stranger = await world.addPolicy(other, [suite]);
    const nobody = randomUUID();
    const reorder = (ids: unknown, more = {}) => world.call('POST', `${PATH}/reorder`, { ids, ...more });
    assertRefused(await reorder([a.id]), 400, /^ids: .*"The second"/);
    assertRefused(await reorder([a.id, b.id, a.id]), 400, /^ids\[2\]: .* named twice/);
    assertRefused(await reorder([a.id, stranger.id, b.id]), 400, new RegExp(`^ids\\[1\\]: policy ${stranger.id}`));
    assertRefused(await reorder([nobody, a.id, b.id]), 400, new RegExp(`^ids\\[0\\]: no policy has the id ${nobody}`));
    assertRefused(await reorder([a.id, b.id, nobody]), 400, /^ids\[2\]/);
    assertRefused(await reorder([]), 400, /^ids /);
    assertRefused(await reorder([a.id, 7]), 400, /^ids\[1\] must be /);
    assertRefused(await reorder([a.id, 'x']), 400, /^ids\[1\] must be a GUID/);
    assertRefused(await reorder(undefined), 400, /^ids is missing/);
    assertRefused(await reorder([a.id, b.id], { appId: app.appId }), 400, /^appId /);
    assert.deepEqual(await orders(app), [
      [1, a.id],
      [2, b.id],
    ]);
  });

  it('has an etag that changes with each write, and refuses a stale one with 412 and nothing written', async () => {
    const policy = await world.addPolicy(await newApp(), [suite]);
    const first = policy['@odata.etag'];
    const changed = await update(policy.id, { isEnabled: false }, { 'if-match': first });
    assert.equal(changed.status, 200);
    const second = changed.body['@odata.etag'];
    assert.notEqual(second, first);
    assert.equal(changed.headers.get('etag'), second);
    for (const stale of [first, 'W/"x"', '"nonsense"', 'nonsense', '']) {
      const refused = await update(policy.id, { isEnabled: true }, { 'if-match': stale });
      assertRefused(refused, 412, /changed since you read it/);
      assert.equal((await world.call('DELETE', `${PATH}/${policy.id}`, undefined, { 'if-match': stale })).status, 412);
    }
    assert.equal((await read(policy.id)).isEnabled, false);
    const strong = second.replace('W/', '');
    const third = await update(policy.id, { isEnabled: true }, { 'if-match': `"0", ${strong}` });
    assert.equal(third.status, 200);
    assert.equal((await update(policy.id, { isEnabled: false }, { 'if-match': '*' })).status, 200);
    assert.equal((await update(policy.id, { isEnabled: true })).status, 200, 'without If-Match it is written');
    const current = (await read(policy.id))['@odata.etag'];
    assert.equal((await world.call('DELETE', `${PATH}/${policy.id}`, undefined, { 'if-match': current })).status, 204);
    assert.equal((await update(policy.id, { isEnabled: true }, { 'if-match': current })).status, 404);
  });

  it('lets one of two who change the same etag at the same time', async () => {
    const policy = await world.addPolicy(await newApp(), [suite]);
    const headers = { 'if-match': policy['@odata.etag'] };
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) => update(policy.id, { displayName: `Race ${n} ${policy.id}` }, headers)),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412, 412, 412, 412, 412]);
  });

  it('stays as it is, etag and all, where a patch changes nothing', async () => {
    const policy = await world.addPolicy(await newApp(), [suite], { displayName: 'Nothing new' });
    const count = await auditCount();
    for (const body of [{}, { displayName: 'Nothing new', isEnabled: true }, { products: [{ skuId: suite.skuId }] }]) {
      const answer = await update(policy.id, body);
      assert.equal(answer.status, 200);
      assert.equal(answer.body['@odata.etag'], policy['@odata.etag']);
    }
    assert.deepEqual(await read(policy.id), policy);
    assert.equal(await auditCount(), count);
  });

  it('keeps a group that was deleted since in its list, which then matches nobody', async () => {
    const user = await world.addUser();
    const [group, spare] = [await world.addGroup([user.id]), await world.addGroup()];
    const app = await newApp();
    await world.buy(suite, 10);
    await world.turnAutoClaim(true);
    const policy = await world.addPolicy(app, [suite], { includeGroups: [group], excludeGroups: [spare] });
    await world.remove(`/groups/${group}`);
    await world.remove(`/groups/${spare}`);
    const renamed = await update(policy.id, { displayName: 'After the group went' });
    assert.equal(renamed.status, 200, JSON.stringify(renamed.body));
    assert.deepEqual([renamed.body.includeGroups, renamed.body.excludeGroups], [[group], [spare]]);
    assert.equal((await world.signIn(app, user)).reason, 'notInAudience');
    const listed = await update(policy.id, { includeGroups: [group], isEnabled: true });
    assert.equal(listed.status, 200);
    assert.deepEqual(listed.body.includeGroups, [group]);
    const emptied = await update(policy.id, { includeGroups: [] });
    assert.deepEqual(emptied.body.includeGroups, []);
    assertRefused(
      await update(policy.id, { includeGroups: [group] }),
      400,
      new RegExp(`^includeGroups\\[0\\]: .*${group}`),
    );
    await world.turnAutoClaim(false);
  });

  it('is deleted for good, its claims staying in the report and its licenses with their users', async () => {
    const product = await world.addProduct({ TEAMS1: { id: teams } });
    await world.buy(product, 2);
    await world.turnAutoClaim(true);
    const [app, user] = [await newApp(), await world.addUser()];
    const policy = await world.addPolicy(app, [product], { displayName: 'Short-lived' });
    const claim = await world.signIn(app, user);
    const answer = await world.call('DELETE', `${PATH}/${policy.id}`);
    assert.equal(answer.status, 204);
    assert.equal(answer.body, '');
    for (const method of ['GET', 'DELETE'])
      assert.equal((await world.call(method, `${PATH}/${policy.id}`)).status, 404);
    assert.deepEqual((await world.signIn(app, user)).claimId, claim.claimId);
    const { value } = await world.get(`/reports/autoClaim?$filter=policyId eq '${policy.id}'`);
    assert.deepEqual(
      value.map((row: any) => [row.claimId, row.policyDisplayName]),
      [[claim.claimId, 'Short-lived']],
    );
    await world.turnAutoClaim(false);
  });

  it('takes its name back when it is deleted, and keeps it to itself until then, whatever the case', async () => {
    const app = await newApp();
    const policy = await world.addPolicy(app, [suite], { displayName: 'Straße ÉCOLE' });
    const body = { displayName: 'straße école', appId: app.appId, products: [{ skuId: suite.skuId }] };
    const taken = await world.call('POST', PATH, body);
    assertRefused(taken, 400, /property displayName already exists/);
    assert.equal(taken.body.error.code, 'Request_MultipleObjectsWithSameKeyValue');
    const other = await world.addPolicy(app, [suite]);
    assertRefused(await update(other.id, { displayName: 'STRAßE école' }), 400, /property displayName already exists/);
    assert.equal(
      (await update(policy.id, { displayName: 'straße ÉCOLE' })).status,
      200,
      'its own name in another case',
    );
    await world.remove(`${PATH}/${policy.id}`);
    assert.equal((await world.call('POST', PATH, body)).status, 201);
    const elsewhere = worldOf(server, await server.createTenant());
    const theirs = await elsewhere.addProduct({ TEAMS1: { id: teams } });
    await elsewhere.addPolicy(await elsewhere.addApp([teams]), [theirs], { displayName: 'straße école' });
  });

  it('lists with filter, order, count, selection and pages', async () => {
    const app = await newApp();
    const names = ['Paging C', 'paging a', 'Paging b'];
    for (const displayName of names)
      await world.addPolicy(app, [suite], { displayName, isEnabled: displayName !== 'Paging b' });
    const query = `${PATH}?$filter=appId eq '${app.appId}'`;
    const byName = await world.get(`${query}&$orderby=displayName desc&$count=true&$top=2&$select=displayName`);
    assert.equal(byName['@odata.count'], 3);
    assert.deepEqual(
      byName.value.map((policy: any) => policy.displayName),
      ['Paging C', 'Paging b'],
    );
    assert.deepEqual(Object.keys(byName.value[0]), ['@odata.etag', 'displayName']);
    const next = await world.get(byName['@odata.nextLink'].replace(`${server.config.baseUrl}/v1.0`, ''));
    assert.deepEqual(
      next.value.map((policy: any) => policy.displayName),
      ['paging a'],
    );
    const off = await world.get(`${query} and isEnabled eq false`);
    assert.deepEqual(
      off.value.map((policy: any) => policy.displayName),
      ['Paging b'],
    );
  });

  it('stands in the way of its app’s deletion and of required plans without which it would be invalid', async () => {
    const app = await newApp();
    const mail = suite.plans['MAIL']!;
    const policy = await world.addPolicy(app, [{ skuId: suite.skuId, disabledPlans: [mail] }], {
      displayName: 'In the way',
    });
    const plans = (requiredServicePlanIds: string[]) =>
      world.call('PATCH', `/applications/${app.id}`, { requiredServicePlanIds });
    assertRefused(await world.call('DELETE', `/applications/${app.id}`), 400, /"In the way"/);
    assertRefused(await plans([mail]), 400, /^requiredServicePlanIds: .*"In the way"/);
    assertRefused(await plans([]), 400, /^requiredServicePlanIds: .*"In the way"/);
    assert.equal((await plans([mail, teams])).status, 204);
    // What the product itself contains can't be taken away under the policy, either.
    const withoutTeams = [{ servicePlanId: mail, servicePlanName: 'MAIL' }];
    assertRefused(
      await world.call('PATCH', `/admin/products/${suite.skuId}`, { servicePlans: withoutTeams }),
      400,
      /"In the way"/,
    );
    await world.remove(`${PATH}/${policy.id}`);
    await world.remove(`/applications/${app.id}`);
  });

  it('is never left without a plan by a change of its product or app in the same moment, also before anything is bought', async () => {
    const other = worldOf(server, await server.createTenant());
    let made = 0;
    for (let n = 0; n < 12; n += 1) {
      const product = await other.addProduct({ TEAMS1: {}, MAIL: {} });
      const [one, two] = [product.plans['TEAMS1']!, product.plans['MAIL']!];
      const app = await other.addApp([one]);
      const [policy, change] = await Promise.all([
        other.call('POST', PATH, { displayName: `Race ${n}`, appId: app.appId, products: [{ skuId: product.skuId }] }),
        n % 2
          ? other.call('PATCH', `/admin/products/${product.skuId}`, {
              servicePlans: [{ servicePlanId: two, servicePlanName: 'MAIL' }],
            })
          : other.call('PATCH', `/applications/${app.id}`, { requiredServicePlanIds: [] }),
      ]);
      const statuses = [policy.status, change.status < 300 ? 200 : change.status];
      assert.ok(['201,400', '400,200'].includes(statuses.join()), `${n}: ${statuses.join()}`);
      if (policy.status === 201) made += 1;
    }
    assert.equal((await other.get(PATH)).value.length, made);
  });

  it('is read by readers and written by writers', async () => {
    const policy = await world.addPolicy(await newApp(), [suite]);
    const as = (method: string, path: string, permission: any, body?: object) =>
      server.request(method, `/v1.0${PATH}${path}`, { permissions: permission ? [permission] : [], body });
    assert.equal((await as('GET', '', 'AutoClaimPolicy.Read.All')).status, 200);
    assert.equal((await as('GET', `/${policy.id}`, 'AutoClaimPolicy.ReadWrite.All')).status, 200);
    for (const permission of ['AutoClaimPolicy.Read.All', 'Application.ReadWrite.All', undefined]) {
      assert.equal((await as('POST', '', permission, {})).status, 403);
      assert.equal((await as('PATCH', `/${policy.id}`, permission, {})).status, 403);
      assert.equal((await as('DELETE', `/${policy.id}`, permission)).status, 403);
      assert.equal((await as('POST', '/reorder', permission, {})).status, 403);
    }
    assert.equal((await as('GET', '', 'Reports.Read.All')).status, 403);
  });
});
