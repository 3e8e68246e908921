import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import tls from 'node:tls';
import { after, before, describe, it } from 'node:test';
import { Client, GraphError, PageIterator, type PageCollection } from '@microsoft/microsoft-graph-client';
import { PEOPLE } from '../../src/sample/people.ts';
import { skuOf } from '../../src/sample/products.ts';
import { startOverTls, type TlsAutoclaim } from '../harness/tls-autoclaim.ts';

// Microsoft's own client for Graph, as its documentation uses it, with two addresses changed: where
// tokens come from, and where Graph is. Over TLS, since it sends no token without.

/** Of this the sample has plenty. */
const PLENTY = skuOf('FLOW_FREE');

describe("Microsoft Graph's JavaScript client", () => {
  let server: TlsAutoclaim;
  let url: string;
  let graph: Client;
  const trusted = tls.getCACertificates('default');

  before(async () => {
    server = await startOverTls();
    url = server.url;
    tls.setDefaultCACertificates([...trusted, server.certificate]);
    graph = clientWith(await getToken());
  });
  after(async () => {
    tls.setDefaultCACertificates(trusted);
    await server.close();
  });

  async function getToken(): Promise<string> {
    const response = await fetch(`${url}/contoso.example/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: server.client.id,
        client_secret: server.client.secret,
        scope: `${url}/.default`,
      }),
    });
    assert.equal(response.status, 200);
    return ((await response.json()) as { access_token: string }).access_token;
  }

  function clientWith(token: string): Client {
    return Client.init({
      baseUrl: url,
      customHosts: new Set(['localhost']),
      authProvider: (done) => done(null, token),
    });
  }

  /** Every item of a list, page by page, as the client reads it. */
  async function readAll(first: PageCollection): Promise<any[]> {
    const items: any[] = [];
    await new PageIterator(graph, first, (item) => {
      items.push(item);
      return true;
    }).iterate();
    return items;
  }

  const userNamed = (name: string) => ({
    accountEnabled: true,
    displayName: name,
    mailNickname: name.toLowerCase(),
    userPrincipalName: `${name.toLowerCase()}@contoso.example`,
    usageLocation: 'US',
    passwordProfile: { password: 'correct horse 1 Battery', forceChangePasswordNextSignIn: true },
  });

  it('lists users, selected, filtered and in pages', async () => {
    const first = await graph.api('/users').select(['id', 'displayName', 'userPrincipalName']).top(60).get();
    assert.equal(first.value.length, 60);
    assert.deepEqual(Object.keys(first.value[0]).toSorted(), ['displayName', 'id', 'userPrincipalName']);
    const all = await readAll(first);
    assert.equal(all.length, PEOPLE.length);
    assert.deepEqual(all.map((user) => user.id).toSorted(), PEOPLE.map((person) => person.id).toSorted());

    const sales = await graph
      .api('/users')
      .filter("department eq 'Sales' and accountEnabled eq true")
      .count(true)
      .top(5)
      .get();
    const expected = PEOPLE.filter((person) => person.department === 'Sales' && person.isEnabled);
    assert.equal(sales['@odata.count'], expected.length);
    assert.equal((await readAll(sales)).length, expected.length);

    const found = await graph.api('/users').header('ConsistencyLevel', 'eventual').search('"displayName:admin"').get();
    assert.deepEqual(
      found.value.map((user: any) => user.userPrincipalName),
      ['admin@contoso.example'],
    );
    const sorted = await graph.api('/users').orderby('displayName desc').top(3).get();
    const names = sorted.value.map((user: any) => user.displayName);
    assert.deepEqual(
      names,
      names.toSorted((a: string, b: string) => b.localeCompare(a)),
    );
    const count = await graph.api('/users/$count').header('ConsistencyLevel', 'eventual').get();
    assert.equal(count, String(PEOPLE.length));
  });

  it('creates, reads, updates and deletes a user', async () => {
    const made = await graph.api('/users').post(userNamed('Adele'));
    assert.equal(made.userPrincipalName, 'adele@contoso.example');
    assert.equal(await graph.api(`/users/${made.id}`).update({ jobTitle: 'Manager' }), undefined);
    const read = await graph.api(`/users/${made.userPrincipalName}`).select('jobTitle,usageLocation').get();
    assert.deepEqual([read.jobTitle, read.usageLocation], ['Manager', 'US']);
    assert.equal(await graph.api(`/users/${made.id}`).delete(), undefined);
    await assert.rejects(
      () => graph.api(`/users/${made.id}`).get(),
      (error: GraphError) => {
        assert.ok(error instanceof GraphError);
        assert.equal(error.statusCode, 404);
        assert.equal(error.code, 'Request_ResourceNotFound');
        assert.match(error.message, new RegExp(`Resource '${made.id}' does not exist`));
        assert.match(String(error.requestId), /^[0-9a-f-]{36}$/);
        return true;
      },
    );
  });

  it('makes a group, and puts people in and takes them out', async () => {
    const group = await graph.api('/groups').post({
      displayName: 'Readers',
      mailEnabled: false,
      mailNickname: 'readers',
      securityEnabled: true,
    });
    const people = PEOPLE.slice(0, 3);
    for (const { id } of people) {
      const link = { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}` };
      assert.equal(await graph.api(`/groups/${group.id}/members/$ref`).post(link), undefined);
    }
    const members = await readAll(await graph.api(`/groups/${group.id}/members`).top(2).get());
    assert.deepEqual(members.map(({ id }) => id).toSorted(), people.map(({ id }) => id).toSorted());
    const of = await graph.api(`/users/${people[0]!.id}/memberOf`).get();
    assert.ok(of.value.some((one: any) => one.id === group.id));
    assert.equal(await graph.api(`/groups/${group.id}/members/${people[0]!.id}/$ref`).delete(), undefined);
    assert.equal((await graph.api(`/groups/${group.id}/members`).get()).value.length, 2);
    await graph.api(`/groups/${group.id}`).patch({ description: 'Those who read' });
    assert.equal((await graph.api(`/groups/${group.id}`).get()).description, 'Those who read');
    await graph.api(`/groups/${group.id}`).delete();
  });

  it('assigns licenses, and tells why not', async () => {
    const { id } = await graph.api('/users').post(userNamed('Lee'));
    const assign = (addLicenses: object[], removeLicenses: string[] = []) =>
      graph.api(`/users/${id}/assignLicense`).post({ addLicenses, removeLicenses });
    const user = await assign([{ skuId: PLENTY, disabledPlans: [] }]);
    assert.equal(user.id, id);
    const details = await graph.api(`/users/${id}/licenseDetails`).get();
    assert.deepEqual(
      details.value.map((detail: any) => detail.skuPartNumber),
      ['FLOW_FREE'],
    );

    const { value: skus } = await graph.api('/subscribedSkus').get();
    const full = skus.find(
      (sku: any) => sku.capabilityStatus === 'Enabled' && sku.consumedUnits === sku.prepaidUnits.enabled,
    );
    const rejected = async (work: () => Promise<unknown>, message: string) =>
      assert.rejects(work, (error: GraphError) => {
        assert.ok(error instanceof GraphError);
        assert.deepEqual([error.statusCode, error.code, error.message], [400, 'Request_BadRequest', message]);
        return true;
      });
    await rejected(
      () => assign([{ skuId: full.skuId, disabledPlans: [] }]),
      `Subscription with SKU ${full.skuId} does not have any available licenses.`,
    );
    const unknown = randomUUID();
    await rejected(
      () => assign([{ skuId: unknown, disabledPlans: [] }]),
      `License ${unknown} does not correspond to a valid company License.`,
    );
    await rejected(() => assign([], [full.skuId]), 'User does not have a corresponding license.');
    await assign([], [PLENTY]);
    assert.deepEqual((await graph.api(`/users/${id}/licenseDetails`).get()).value, []);
  });

  it('reads pools and subscriptions', async () => {
    const skus = await readAll(await graph.api('/subscribedSkus').get());
    const flow = skus.find((sku) => sku.skuPartNumber === 'FLOW_FREE');
    assert.deepEqual(flow.prepaidUnits, { enabled: 10_000, lockedOut: 0, suspended: 0, warning: 0 });
    assert.equal(
      (await graph.api(`/subscribedSkus/${flow.id}`).select('consumedUnits').get()).consumedUnits,
      flow.consumedUnits,
    );
    const subscriptions = await graph.api('/directory/subscriptions').get();
    assert.deepEqual(
      subscriptions.value.filter((one: any) => one.skuId === flow.skuId).map((one: any) => one.id),
      flow.subscriptionIds,
    );
  });

  it('registers an app, with a secret that works', async () => {
    const app = await graph.api('/applications').post({ displayName: 'Robot 2', permissions: ['User.Read.All'] });
    const { secretText, keyId } = await graph
      .api(`/applications/${app.id}/addPassword`)
      .post({ passwordCredential: { displayName: 'Night shift' } });
    const response = await fetch(`${url}/contoso.example/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: app.appId,
        client_secret: secretText,
        scope: `${url}/.default`,
      }),
    });
    const itsGraph = clientWith(((await response.json()) as { access_token: string }).access_token);
    assert.equal((await itsGraph.api('/users').top(1).get()).value.length, 1);
    await assert.rejects(
      () => itsGraph.api('/users').post(userNamed('Nobody')),
      (error: GraphError) => error.statusCode === 403 && error.code === 'Authorization_RequestDenied',
    );
    assert.ok((await readAll(await graph.api('/applications').top(2).get())).some(({ id }) => id === app.id));
    await graph.api(`/applications/${app.id}/removePassword`).post({ keyId });
    await graph.api(`/applications/${app.id}`).delete();
  });

  it('gets 401 with a token that is none', async () => {
    await assert.rejects(
      () => clientWith('nonsense').api('/users').get(),
      (error: GraphError) => error.statusCode === 401 && error.code === 'InvalidAuthenticationToken',
    );
  });

  it('makes a policy and claims, which are no part of Graph, in the same way', async () => {
    await graph.api('/admin/autoClaim').patch({ isEnabled: true });
    const { value: apps } = await graph.api('/applications').get();
    const { value: skus } = await graph.api('/subscribedSkus').get();
    const free = (sku: any): number => Number(sku.prepaidUnits.enabled) - Number(sku.consumedUnits);
    const [app, sku] = apps
      .flatMap((one: any) => skus.map((other: any) => [one, other]))
      .find(
        ([one, other]: any) =>
          free(other) > 0 &&
          other.servicePlans.some((plan: any) => one.requiredServicePlanIds.includes(plan.servicePlanId)),
      );
    const { id: userId } = await graph.api('/users').post(userNamed('Megan'));
    const policy = await graph.api('/policies/autoClaimPolicies').post({
      displayName: 'For everyone',
      appId: app.appId,
      products: [{ skuId: sku.skuId, disabledPlans: [] }],
    });
    const decision = await graph.api('/signIns').post({ appId: app.appId, userId });
    assert.deepEqual([decision.outcome, decision.skuId, decision.policyId], ['claimed', sku.skuId, policy.id]);
    const report = await graph.api('/reports/autoClaim').query({ period: 'D1' }).get();
    assert.deepEqual(
      report.value.map((row: any) => row.claimId),
      [decision.claimId],
    );
    await graph
      .api(`/policies/autoClaimPolicies/${policy.id}`)
      .header('If-Match', policy['@odata.etag'])
      .patch({ isEnabled: false });
    await assert.rejects(
      () => graph.api(`/policies/autoClaimPolicies/${policy.id}`).header('If-Match', policy['@odata.etag']).delete(),
      (error: GraphError) => error.statusCode === 412,
    );
  });
});
