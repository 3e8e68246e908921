import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { PERMISSIONS } from '../../contract/permission.ts';
import { getToken, startTestServer, type Answer, type TestClient, type TestServer } from '../harness/server.ts';
import {
  assertRefused,
  worldOf,
  type World,
  type WorldApp,
  type WorldProduct,
  type WorldUser,
} from '../harness/world.ts';

const PATH = '/auditLogs/directoryAudits';

describe('the audit log', () => {
  let server: TestServer;
  let world: World;
  let client: TestClient;
  let token: string;
  let product: WorldProduct;
  let subscription: any;
  let app: WorldApp;
  let user: WorldUser;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    client = await server.createClient(PERMISSIONS);
    token = await getToken(server, server.tenantId, client);
    product = await world.addProduct({ TEAMS1: {}, MAIL: {} });
    subscription = await world.buy(product, 100);
    app = await world.addApp([product.plans['TEAMS1']!], 'Teams');
    user = await world.addUser();
  });
  after(() => server.close());

  const call = (method: string, path: string, body?: unknown) =>
    server.request(method, `/v1.0${path}`, { token, body });
  const entriesOf = async (answer: Answer) =>
    (await world.get(`${PATH}?$filter=correlationId eq '${answer.headers.get('request-id')}'`)).value;
  const count = () => world.value('select count(*) from audit_entries where tenant_id = $1');

  /** Does a change that must write one entry, and looks at what every entry must have. */
  async function change(method: string, path: string, body?: unknown): Promise<{ entry: any; answer: Answer }> {
    const before = await count();
    const answer = await call(method, path, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    assert.equal(await count(), before + 1, `${method} ${path} writes one entry`);
    const [entry] = await entriesOf(answer);
    assert.equal(entry.correlationId, answer.headers.get('request-id'));
    assert.ok(Math.abs(Date.parse(entry.activityDateTime) - Date.now()) < 60_000);
    assert.deepEqual([entry.result, entry.resultReason, entry.loggedByService], ['success', '', 'Autoclaim']);
    assert.deepEqual(entry.initiatedBy, {
      app: {
        appId: client.appId,
        displayName: `Test client ${client.appId}`,
        servicePrincipalId: null,
        servicePrincipalName: null,
      },
      user: null,
    });
    assert.equal(entry.targetResources.length, 1);
    return { entry, answer };
  }
  /** What changed, from what to what. */
  const changes = (entry: any) =>
    Object.fromEntries(
      entry.targetResources[0].modifiedProperties.map((one: any) => [
        one.displayName,
        [one.oldValue && JSON.parse(one.oldValue), one.newValue && JSON.parse(one.newValue)],
      ]),
    );
  const told = (entry: any) => {
    const { type, id, displayName } = entry.targetResources[0];
    return [entry.category, entry.activityDisplayName, entry.operationType, type, id, displayName];
  };

  it('tells of the setting', async () => {
    const { entry } = await change('PATCH', '/admin/autoClaim', {
      isEnabled: true,
      allowedDomains: ['contoso.example'],
    });
    assert.deepEqual(told(entry), [
      'Policy',
      'Update auto-claim setting',
      'Update',
      'Setting',
      server.tenantId,
      'Auto-claim',
    ]);
    assert.deepEqual(changes(entry), { isEnabled: [false, true], allowedDomains: [[], ['contoso.example']] });
  });

  it('tells of a policy made, changed and deleted', async () => {
    const products = [{ skuId: product.skuId, disabledPlans: [] }];
    const body = { displayName: 'Audited', appId: app.appId, products };
    const made = await change('POST', '/policies/autoClaimPolicies', body);
    const { id } = made.answer.body;
    assert.deepEqual(told(made.entry), ['Policy', 'Add auto-claim policy', 'Add', 'Policy', id, 'Audited']);
    const whole = {
      displayName: 'Audited',
      isEnabled: true,
      appId: app.appId,
      products,
      includeGroups: [],
      excludeGroups: [],
      includeGuests: false,
    };
    const asAdded = Object.fromEntries(Object.entries(whole).map(([name, value]) => [name, [null, value]]));
    assert.deepEqual(changes(made.entry), asAdded);
    const lessMail = [{ skuId: product.skuId, disabledPlans: [product.plans['MAIL']] }];
    const patched = await change('PATCH', `/policies/autoClaimPolicies/${id}`, {
      displayName: 'Renamed',
      products: lessMail,
    });
    assert.deepEqual(told(patched.entry), ['Policy', 'Update auto-claim policy', 'Update', 'Policy', id, 'Renamed']);
    assert.deepEqual(changes(patched.entry), { displayName: ['Audited', 'Renamed'], products: [products, lessMail] });
    const deleted = await change('DELETE', `/policies/autoClaimPolicies/${id}`);
    assert.deepEqual(told(deleted.entry), ['Policy', 'Delete auto-claim policy', 'Delete', 'Policy', id, 'Renamed']);
    const asDeleted = Object.entries({ ...whole, displayName: 'Renamed', products: lessMail });
    assert.deepEqual(
      changes(deleted.entry),
      Object.fromEntries(asDeleted.map(([name, value]) => [name, [value, null]])),
    );
  });

  it('tells of a subscription bought and changed', async () => {
    const { entry, answer } = await change('POST', '/directory/subscriptions', {
      skuId: product.skuId,
      totalLicenses: 5,
    });
    const target = ['Subscription', answer.body.id, product.skuPartNumber];
    assert.deepEqual(told(entry), ['DirectoryManagement', 'Add subscription', 'Add', ...target]);
    assert.deepEqual(changes(entry), {
      skuId: [null, product.skuId],
      totalLicenses: [null, 5],
      status: [null, 'Enabled'],
    });
    const cut = await change('PATCH', `/directory/subscriptions/${answer.body.id}`, { totalLicenses: 2 });
    assert.deepEqual(told(cut.entry), ['DirectoryManagement', 'Update subscription', 'Update', ...target]);
    assert.deepEqual(changes(cut.entry), { totalLicenses: [5, 2] });
    const end = '2999-01-01T00:00:00.000Z';
    const ending = await change('PATCH', `/directory/subscriptions/${answer.body.id}`, { nextLifecycleDateTime: end });
    assert.deepEqual(changes(ending.entry), { nextLifecycleDateTime: [null, end] });
  });

  it('tells of a claim: the policy and the product by name and id, under the app that signed in', async () => {
    const policy = await world.addPolicy(app, [product], { displayName: 'Teams for all' });
    const { entry, answer } = await change('POST', '/signIns', { appId: app.appId, userId: user.id });
    const { claimId } = answer.body;
    assert.deepEqual(told(entry), [
      'UserManagement',
      'Claim license',
      'Assign',
      'User',
      user.id,
      user.userPrincipalName,
    ]);
    assert.deepEqual(Object.fromEntries(entry.additionalDetails.map(({ key, value }: any) => [key, value])), {
      Policy: 'Teams for all',
      PolicyId: policy.id,
      App: 'Teams',
      Product: product.skuPartNumber,
      SkuId: product.skuId,
      ClaimId: claimId,
      Backup: 'false',
    });
    assert.deepEqual(changes(entry), {
      assignmentPath: [null, { skuId: product.skuId, policyId: policy.id, claimId, disabledPlans: [] }],
    });
    const before = await count();
    await call('POST', '/signIns', { appId: app.appId, userId: user.id });
    await call('POST', '/signIns', { appId: app.appId, userId: randomUUID() });
    await call('POST', '/signIns/explain', { appId: app.appId, userId: user.id });
    assert.equal(await count(), before, 'what claims nothing changes nothing');
  });

  it('tells of an assignment by hand, with every path before and after', async () => {
    const path = `/users/${user.id}/assignLicense`;
    const add = { skuId: product.skuId, disabledPlans: [product.plans['MAIL']] };
    const { entry } = await change('POST', path, { addLicenses: [add], removeLicenses: [] });
    assert.deepEqual(told(entry), [
      'UserManagement',
      'Change user license',
      'Update',
      'User',
      user.id,
      user.userPrincipalName,
    ]);
    assert.equal(entry.targetResources[0].userPrincipalName, user.userPrincipalName);
    const [before, after] = changes(entry).assignedLicenses;
    assert.deepEqual(
      [before[0].skuId, before[0].disabledPlans, Object.keys(before[0].assignedBy[0])],
      [product.skuId, [], ['policy']],
    );
    assert.deepEqual(after, [{ ...add, assignedBy: ['direct'] }]);
    const removed = await change('POST', path, { addLicenses: [], removeLicenses: [product.skuId] });
    assert.deepEqual(changes(removed.entry), { assignedLicenses: [after, []] });
    const count_ = await count();
    await call('POST', path, { addLicenses: [], removeLicenses: [] });
    assert.equal(await count(), count_);
  });

  it('tells of the catalogue, apps, users and groups, each made, changed and gone', async () => {
    const part = {
      skuPartNumber: 'NEW',
      displayName: 'New',
      servicePlans: [{ servicePlanId: randomUUID(), servicePlanName: 'X' }],
    };
    const skuId = randomUUID();
    assert.equal((await change('POST', '/admin/products', { skuId, ...part })).entry.operationType, 'Add');
    const renamed = await change('PATCH', `/admin/products/${skuId}`, { displayName: 'Newer' });
    assert.deepEqual(changes(renamed.entry), { displayName: ['New', 'Newer'] });

    const made = await change('POST', '/applications', { displayName: 'Short-lived' });
    const secret = await change('POST', `/applications/${made.answer.body.id}/addPassword`, {});
    assert.equal(JSON.stringify(secret.entry).includes(secret.answer.body.secretText), false);
    await change('PATCH', `/applications/${made.answer.body.id}`, { onRefusal: 'continue' });
    const gone = await change('DELETE', `/applications/${made.answer.body.id}`);
    assert.deepEqual(changes(gone.entry)['displayName'], ['Short-lived', null]);

    const password = `Secret ${randomUUID()}`;
    const person = {
      displayName: 'Eve',
      userPrincipalName: `eve-${randomUUID()}@contoso.example`,
      usageLocation: 'DE',
    };
    const added = await change('POST', '/users', { ...person, accountEnabled: true, passwordProfile: { password } });
    assert.equal(JSON.stringify(added.entry).includes(password), false);
    const { id } = added.answer.body;
    const blocked = await change('PATCH', `/users/${id}`, { accountEnabled: false });
    assert.deepEqual(changes(blocked.entry), { accountEnabled: [true, false] });
    await world.assign({ id, userPrincipalName: '' }, [product]);

    const group = await change('POST', '/groups', {
      displayName: 'Readers',
      mailEnabled: false,
      mailNickname: 'readers',
      securityEnabled: true,
    });
    const members = `/groups/${group.answer.body.id}/members`;
    await change('POST', `${members}/$ref`, { '@odata.id': `${server.config.baseUrl}/v1.0/directoryObjects/${id}` });
    await change('DELETE', `${members}/${id}/$ref`);
    await change('DELETE', `/groups/${group.answer.body.id}`);

    const left = await change('DELETE', `/users/${id}`);
    assert.deepEqual(changes(left.entry)['licenses'], [[product.skuId], null]);
    assert.deepEqual(changes(left.entry)['displayName'], ['Eve', null]);
  });

  it('has nothing of what was refused', async () => {
    const before = await count();
    for (const [method, path, body, status] of [
      ['PATCH', '/admin/autoClaim', { isEnabled: 'x' }, 400],
      ['POST', '/policies/autoClaimPolicies', { displayName: 'X', appId: app.appId, products: [] }, 400],
      ['DELETE', `/policies/autoClaimPolicies/${randomUUID()}`, undefined, 404],
      ['DELETE', `/applications/${app.id}`, undefined, 400],
      [
        'PATCH',
        `/directory/subscriptions/${subscription.id}`,
        { status: 'Enabled', nextLifecycleDateTime: '2020-01-01T00:00:00Z' },
        400,
      ],
      ['POST', `/users/${user.id}/assignLicense`, { addLicenses: [{ skuId: randomUUID() }], removeLicenses: [] }, 400],
      ['POST', '/users', { displayName: 'X', userPrincipalName: user.userPrincipalName }, 400],
      ['POST', '/signIns', { appId: 'x' }, 400],
    ] as const) {
      assert.equal((await call(method, path, body)).status, status, `${method} ${path}`);
    }
    assert.equal(await count(), before);
  });

  it('is newest first, filtered by time, target, activity and request, and paged', async () => {
    const all = (await world.get(`${PATH}?$top=999`)).value;
    const times = all.map((entry: any) => entry.activityDateTime);
    assert.deepEqual(times, times.toSorted().toReversed());
    const ids = async (filter: string) =>
      (await world.get(`${PATH}?$top=999&$filter=${encodeURIComponent(filter)}`)).value.map((entry: any) => entry.id);
    const wanted = (condition: (entry: any) => boolean) => all.filter(condition).map((entry: any) => entry.id);
    const middle = times[Math.floor(times.length / 2)];
    for (const [filter, condition] of [
      [`activityDateTime ge ${middle}`, (entry: any) => entry.activityDateTime >= middle],
      [`activityDateTime lt ${middle}`, (entry: any) => entry.activityDateTime < middle],
      [`targetResources/any(t:t/id eq '${user.id}')`, (entry: any) => entry.targetResources[0].id === user.id],
      [
        `targetResources/any(t:t/displayName eq 'renamed')`,
        (entry: any) => entry.targetResources[0].displayName === 'Renamed',
      ],
      [`activityDisplayName eq 'Claim license'`, (entry: any) => entry.activityDisplayName === 'Claim license'],
      [
        `category eq 'Policy' and operationType eq 'Delete'`,
        (entry: any) => entry.category === 'Policy' && entry.operationType === 'Delete',
      ],
    ] as const) {
      const found = await ids(filter);
      assert.deepEqual(found, wanted(condition), filter);
      assert.ok(found.length > 0, filter);
    }
    const page = await world.get(`${PATH}?$top=3&$count=true`);
    assert.equal(page['@odata.count'], all.length);
    const next = await world.get(page['@odata.nextLink'].replace(`${server.config.baseUrl}/v1.0`, ''));
    assert.deepEqual(
      [...page.value, ...next.value].map((entry: any) => entry.id),
      all.slice(0, 6).map((entry: any) => entry.id),
    );
    const { '@odata.context': _, ...one } = await world.get(`${PATH}/${all[0].id}`);
    assert.deepEqual(one, all[0]);
    assertRefused(await world.call('GET', `${PATH}?$filter=initiatedBy eq 'x'`), 400, /initiatedBy/);
    assertRefused(await world.call('GET', `${PATH}?$orderby=category`), 400, /category can not be sorted by/);
  });

  it('is one tenant’s alone, and can be read with AuditLog.Read.All and written by nobody', async () => {
    const other = worldOf(server, await server.createTenant());
    await other.turnAutoClaim(true);
    const theirs = (await other.get(`${PATH}?$filter=category eq 'Policy'`)).value;
    assert.deepEqual(
      theirs.map((entry: any) => entry.targetResources[0].id),
      [other.tenantId],
    );
    const [entry] = (await world.get(PATH)).value;
    assertRefused(await other.call('GET', `${PATH}/${entry.id}`), 404, /does not exist/);
    for (const permission of ['Reports.Read.All', 'AutoClaimPolicy.ReadWrite.All'] as const) {
      assert.equal((await server.request('GET', `/v1.0${PATH}`, { permissions: [permission] })).status, 403);
    }
    for (const method of ['DELETE', 'PATCH', 'PUT']) {
      assert.equal((await call(method, `${PATH}/${entry.id}`, {})).status, 404);
    }
    assert.equal((await call('POST', PATH, {})).status, 404);
  });
});
