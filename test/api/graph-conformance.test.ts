import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { PERMISSIONS } from '../../contract/permission.ts';
import { inTenant } from '../../src/engine/tenant/tenancy.ts';
import { SYSTEM } from '../../src/engine/tenant/tenant.ts';
import { furnishContoso } from '../../src/sample/contoso.ts';
import { readGraphSchemas, type GraphSchemas } from '../harness/graph-schemas.ts';
import { inParallel } from '../harness/in-parallel.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World } from '../harness/world.ts';

// What Graph's own resources answer, held against Graph's own description and a sample of its
// answers. Neither is part of the project: without them these tests are skipped.

const DESCRIPTION = new URL('../../../shared/data/graph-licensing-openapi.yaml', import.meta.url);
const SAMPLE = new URL('../../../shared/data/subscribedskus-sample.json', import.meta.url);
const skip =
  existsSync(DESCRIPTION) && existsSync(SAMPLE) ? false : "Graph's description isn't at hand (../shared/data)";

describe("Graph's resources", { skip }, () => {
  let server: TestServer;
  let world: World;
  let graph: GraphSchemas;
  let token: string;

  before(async () => {
    graph = readGraphSchemas(DESCRIPTION)!;
    server = await startTestServer();
    world = worldOf(server);
    token = await server.token(PERMISSIONS);
    const tenancy = { db: server.db, tenantId: server.tenantId, actor: SYSTEM, correlationId: null };
    await inTenant(tenancy, furnishContoso);
    await everyPath();
  });
  after(() => server.close());

  const everything = {
    accountEnabled: true,
    businessPhones: ['+1 425 555 0100'],
    city: 'Redmond',
    companyName: 'Contoso',
    country: 'United States',
    department: 'Sales',
    displayName: 'Adele Vance',
    employeeId: '1',
    faxNumber: '+1 425 555 0101',
    givenName: 'Adele',
    jobTitle: 'Manager',
    mail: 'adele@contoso.example',
    mailNickname: 'adele',
    mobilePhone: '+1 425 555 0102',
    officeLocation: '18/2111',
    otherMails: ['adele@fabrikam.example'],
    passwordPolicies: 'DisablePasswordExpiration',
    passwordProfile: { password: 'correct horse 1 Battery', forceChangePasswordNextSignIn: false },
    postalCode: '98052',
    preferredLanguage: 'en-US',
    state: 'WA',
    streetAddress: '1 Way',
    surname: 'Vance',
    usageLocation: 'US',
    userType: 'Member',
  };
  /** A user with every property, who holds a product directly, by a group and by a policy. */
  let fullUser: string;

  /** On top of the sample: licenses by every path, decisions with every outcome, a pool in every state. */
  async function everyPath(): Promise<void> {
    const made = await world.post('/users', { ...everything, userPrincipalName: `${randomUUID()}@contoso.example` });
    fullUser = made.id;
    const [byHand, byGroup, byPolicy] = [
      await world.addProduct({ A: {}, A2: {} }),
      await world.addProduct({ B: {} }),
      await world.addProduct({ C: {} }),
    ];
    for (const product of [byHand, byGroup, byPolicy]) await world.buy(product, 5);
    await world.buy(await world.addProduct({ D: {} }), 5, { status: 'Warning' });
    await world.buy(await world.addProduct({ E: {} }), 5, { status: 'Suspended' });
    await world.buy(await world.addProduct({ F: {} }, { appliesTo: 'Company' }), 5, { isTrial: true });
    await world.assign({ id: fullUser, userPrincipalName: '' }, [
      { skuId: byHand.skuId, disabledPlans: [byHand.plans['A2']!] },
    ]);
    const group = await world.addGroup([fullUser]);
    await world.giveByGroup(fullUser, byGroup.skuId, group);
    await world.turnAutoClaim(true);
    const app = await world.addApp([byPolicy.plans['C']!]);
    await world.addPolicy(app, [byPolicy]);
    for (const [appId, userId, outcome] of [
      [app.appId, fullUser, 'claimed'],
      [app.appId, fullUser, 'licensed'],
      [randomUUID(), fullUser, 'refused'],
      [app.appId, randomUUID(), 'refused'],
    ] as const) {
      assert.equal((await world.signIn({ appId }, { id: userId }, { correlationId: randomUUID() })).outcome, outcome);
    }
    await world.patch(`/users/${fullUser}`, { jobTitle: null, businessPhones: [] });
  }

  /** Asks, and holds the answer against a schema. */
  async function assertIs(
    schema: string,
    method: string,
    path: string,
    { body, status = 200 }: { body?: object; status?: number } = {},
  ) {
    const answer = await server.request(method, `/v1.0${path}`, { token, body });
    const told = `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 500)}`;
    assert.equal(answer.status, status, told);
    assert.deepEqual(graph.faultsOf(schema, answer.body), [], told);
    return answer.body;
  }

  async function assertPages(schema: string, path: string): Promise<any[]> {
    const items: any[] = [];
    for (let next = `${path}${path.includes('?') ? '&' : '?'}$count=true`; next;) {
      const page = await assertIs(`${schema}CollectionResponse`, 'GET', next);
      assert.equal(page['@odata.context'].split('#')[0], `${server.url}/v1.0/$metadata`);
      items.push(...page.value);
      next = page['@odata.nextLink']?.replace(`${server.url}/v1.0`, '') ?? '';
    }
    return items;
  }

  /** The properties that ours have of Graph's: those that $select doesn't refuse. */
  async function selectable(schema: string, path: string): Promise<string[]> {
    const names = graph.propertiesOf(schema);
    const known = await inParallel(names, async (name) => {
      const { status } = await server.request('GET', `/v1.0${path}?$top=1&$select=${name}`, { token });
      return status === 200;
    });
    return names.filter((_, index) => known[index]);
  }

  it('users are as described, by default and with everything selected', async () => {
    const byDefault = await assertPages('microsoft.graph.user', '/users?$top=999');
    assert.ok(byDefault.length > 250);
    // Graph's default properties, no more and no less.
    assert.deepEqual(Object.keys(byDefault[0]).toSorted(), [
      'businessPhones',
      'displayName',
      'givenName',
      'id',
      'jobTitle',
      'mail',
      'mobilePhone',
      'officeLocation',
      'preferredLanguage',
      'surname',
      'userPrincipalName',
    ]);
    const names = await selectable('microsoft.graph.user', '/users');
    for (const name of [
      ...Object.keys(everything),
      'assignedLicenses',
      'assignedPlans',
      'licenseAssignmentStates',
      'createdDateTime',
    ])
      assert.ok(name === 'passwordProfile' || names.includes(name), `${name} can't be selected`);
    const whole = await assertPages('microsoft.graph.user', `/users?$top=100&$select=${names.join()}`);
    assert.equal(whole.length, byDefault.length);
    for (const user of whole) assert.deepEqual(Object.keys(user).toSorted(), names.toSorted());

    const one = await assertIs('microsoft.graph.user', 'GET', `/users/${fullUser}?$select=${names.join()}`);
    assert.equal(one.licenseAssignmentStates.length, 3);
    assert.deepEqual(
      one.licenseAssignmentStates.map((state: any) => Object.keys(state).toSorted()),
      Array.from({ length: 3 }, () => [
        'assignedByGroup',
        'disabledPlans',
        'error',
        'lastUpdatedDateTime',
        'skuId',
        'state',
      ]),
    );
    await assertIs('microsoft.graph.user', 'GET', `/users/${one.userPrincipalName}`);
  });

  it('a user is answered when it is made, and when licenses are assigned', async () => {
    const body = { ...everything, userPrincipalName: `${randomUUID()}@contoso.example`, mailNickname: 'other' };
    const made = await assertIs('microsoft.graph.user', 'POST', '/users', { body, status: 201 });
    const product = await world.addProduct({ G: {} });
    await world.buy(product, 1);
    const path = `/users/${made.id}/assignLicense`;
    const add = { addLicenses: [{ skuId: product.skuId, disabledPlans: [] }], removeLicenses: [] };
    const assigned = await assertIs('microsoft.graph.user', 'POST', path, { body: add });
    assert.equal(assigned.id, made.id);
    await assertIs('microsoft.graph.user', 'POST', path, {
      body: { addLicenses: [], removeLicenses: [product.skuId] },
    });
  });

  it('licenseDetails are as described', async () => {
    const details = await assertPages('microsoft.graph.licenseDetails', `/users/${fullUser}/licenseDetails`);
    assert.equal(details.length, 3);
    for (const detail of details) {
      assert.deepEqual(Object.keys(detail).toSorted(), ['id', 'servicePlans', 'skuId', 'skuPartNumber']);
    }
  });

  it('groups, their members and who is in which are as described', async () => {
    const groups = await assertPages('microsoft.graph.group', '/groups?$top=999');
    assert.ok(groups.length > 10);
    const names = await selectable('microsoft.graph.group', '/groups');
    assert.ok(names.length > 8, names.join());
    await assertPages('microsoft.graph.group', `/groups?$select=${names.join()}`);
    const made = await assertIs('microsoft.graph.group', 'POST', '/groups', {
      body: {
        displayName: 'New',
        mailEnabled: false,
        mailNickname: 'new',
        securityEnabled: true,
        description: 'All of them',
      },
      status: 201,
    });
    await assertIs('microsoft.graph.group', 'GET', `/groups/${made.id}?$select=${names.join()}`);
    const product = await world.addProduct({ G: {} });
    await world.buy(product, 0);
    await world.patch(`/groups/${made.id}`, { 'members@odata.bind': [`https://x/directoryObjects/${fullUser}`] });
    await assertIs('microsoft.graph.group', 'POST', `/groups/${made.id}/assignLicense`, {
      body: { addLicenses: [{ skuId: product.skuId, disabledPlans: [] }], removeLicenses: [] },
      status: 202,
    });
    const inError = await assertPages('microsoft.graph.user', `/groups/${made.id}/membersWithLicenseErrors`);
    assert.deepEqual(
      inError.map(({ id }) => id),
      [fullUser],
    );
    await assertIs('microsoft.graph.user', 'GET', `/users/${fullUser}?$select=id,licenseAssignmentStates`);
    await assertIs('microsoft.graph.user', 'POST', `/users/${fullUser}/reprocessLicenseAssignment`);
    await assertIs('microsoft.graph.group', 'GET', `/groups/${made.id}?$select=${names.join()}`);
    assert.ok(
      ['assignedLicenses', 'licenseProcessingState', 'hasMembersWithLicenseErrors'].every((name) =>
        names.includes(name),
      ),
    );
    const kinds = new Set<string>();
    await inParallel(groups, async ({ id }) => {
      const { value } = await world.get(`/groups/${id}/members?$top=999`);
      for (const member of value) {
        kinds.add(member['@odata.type']);
        assert.deepEqual(graph.faultsOf(member['@odata.type'].slice(1), member), []);
      }
    });
    assert.deepEqual(kinds, new Set(['#microsoft.graph.user', '#microsoft.graph.group']));
    const { value: memberOf } = await world.get(`/users/${fullUser}/memberOf`);
    assert.ok(memberOf.length > 0);
    for (const group of memberOf) {
      assert.equal(group['@odata.type'], '#microsoft.graph.group');
      assert.deepEqual(graph.faultsOf('microsoft.graph.group', group), []);
    }
  });

  it('subscribedSkus are as described, and have the keys of a sample of Graph’s own', async () => {
    const skus = await assertPages('microsoft.graph.subscribedSku', '/subscribedSkus');
    const sample = JSON.parse(readFileSync(SAMPLE, 'utf8')).value[0];
    for (const sku of skus) {
      assert.deepEqual(Object.keys(sku).toSorted(), Object.keys(sample).toSorted());
      assert.deepEqual(Object.keys(sku.prepaidUnits).toSorted(), Object.keys(sample.prepaidUnits).toSorted());
      for (const plan of sku.servicePlans) {
        assert.deepEqual(Object.keys(plan).toSorted(), Object.keys(sample.servicePlans[0]).toSorted());
      }
      assert.equal(sku.id, `${server.tenantId}_${sku.skuId}`);
      const { '@odata.context': _context, ...one } = await assertIs(
        'microsoft.graph.subscribedSku',
        'GET',
        `/subscribedSkus/${sku.id}`,
      );
      assert.deepEqual(one, sku);
    }
    assert.deepEqual(new Set(skus.map((sku) => sku.capabilityStatus)), new Set(['Enabled', 'Warning', 'Suspended']));
    assert.deepEqual(new Set(skus.map((sku) => sku.appliesTo)), new Set(['User', 'Company']));
  });

  it('subscriptions are as described', async () => {
    const all = await assertPages('microsoft.graph.companySubscription', '/directory/subscriptions');
    assert.ok(all.length > 15);
    const known = graph.propertiesOf('microsoft.graph.companySubscription');
    for (const one of all) assert.deepEqual(Object.keys(one).toSorted(), ['id', ...known].toSorted());
    await assertIs('microsoft.graph.companySubscription', 'GET', `/directory/subscriptions/${all[0].id}`);
    const product = await world.addProduct({ H: {} });
    const body = { skuId: product.skuId, totalLicenses: 3, nextLifecycleDateTime: '2099-01-01T00:00:00Z' };
    const made = await assertIs('microsoft.graph.companySubscription', 'POST', '/directory/subscriptions', {
      body,
      status: 201,
    });
    const path = `/directory/subscriptions/${made.id}`;
    await assertIs('microsoft.graph.companySubscription', 'PATCH', path, { body: { totalLicenses: 4 } });
  });

  it('directoryAudits are as described', async () => {
    const audits = await assertPages('microsoft.graph.directoryAudit', '/auditLogs/directoryAudits?$top=999');
    assert.ok(audits.length > 20);
    assert.ok(new Set(audits.map((audit) => audit.activityDisplayName)).size > 8);
    const known = graph.propertiesOf('microsoft.graph.directoryAudit');
    for (const audit of audits) assert.deepEqual(Object.keys(audit).toSorted(), ['id', ...known].toSorted());
    await assertIs('microsoft.graph.directoryAudit', 'GET', `/auditLogs/directoryAudits/${audits[0].id}`);
  });

  it('signIns are as described, with our decision beside', async () => {
    const signIns = await assertPages('microsoft.graph.signIn', '/auditLogs/signIns');
    assert.equal(signIns.length, 4);
    assert.deepEqual(signIns.map((one) => one.outcome).toSorted(), ['claimed', 'licensed', 'refused', 'refused']);
    for (const { id } of signIns) await assertIs('microsoft.graph.signIn', 'GET', `/auditLogs/signIns/${id}`);
  });

  it('errors are as described, whatever they are of', async () => {
    for (const [method, path, status, body, bearer = token] of [
      ['GET', '/users/nobody', 404],
      ['GET', '/nothing', 404],
      ['GET', '/users?$filter=nope', 400],
      ['POST', '/users', 400, {}],
      ['POST', `/users/${fullUser}/assignLicense`, 400, { addLicenses: [] }],
      [
        'POST',
        '/users',
        400,
        { displayName: 'A', userPrincipalName: (await world.get(`/users/${fullUser}`)).userPrincipalName },
      ],
      ['GET', '/users', 401, undefined, null],
      ['GET', '/users', 403, undefined, await server.token([])],
      ['GET', '/users/%', 400],
    ] as const) {
      const answer = await server.request(method, `/v1.0${path}`, { token: bearer, body });
      assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
      assert.deepEqual(graph.faultsOf('microsoft.graph.ODataErrors.ODataError', answer.body), []);
      assert.match(answer.body.error.innerError.date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
    }
  });

  it('would not be found to be as described if they were otherwise', () => {
    const faults = (value: object) => graph.faultsOf('microsoft.graph.subscribedSku', value).length;
    const good = JSON.parse(readFileSync(SAMPLE, 'utf8')).value[0];
    assert.equal(faults(good), 0);
    assert.ok(faults({ ...good, consumedUnits: '14' }) > 0);
    assert.ok(faults({ ...good, consumedUnits: 1.5 }) > 0);
    assert.ok(faults({ ...good, prepaidUnits: { ...good.prepaidUnits, extra: 1 } }) > 0);
    assert.ok(faults({ ...good, prepaidUnits: 'many' }) > 0);
    assert.ok(faults({ ...good, skuID: good.skuId }) > 0);
    assert.ok(faults({ ...good, servicePlans: null }) > 0);
  });
});
