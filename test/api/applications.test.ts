import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { getToken, startTestServer, type RequestOptions, type TestServer } from '../harness/server.ts';

describe('applications', () => {
  let server: TestServer;
  const [word, excel, teams] = [randomUUID(), randomUUID(), randomUUID()];
  const skuId = randomUUID();

  before(async () => {
    server = await startTestServer();
    await addProduct(skuId, [word, excel, teams]);
  });
  after(() => server.close());

  const ask = (method: string, path: string, body?: unknown, more: RequestOptions = {}) =>
    server.request(method, `/v1.0/applications${path}`, { permissions: ['Application.ReadWrite.All'], body, ...more });
  const create = async (body: object = {}) =>
    (await ask('POST', '', { displayName: `App ${randomUUID()}`, ...body })).body;

  async function addProduct(id: string, plans: readonly string[]): Promise<void> {
    const tenant_id = server.tenantId;
    await server.db.query
      .insertInto('products')
      .values({ tenant_id, sku_id: id, sku_part_number: id, display_name: id, created_at: new Date() })
      .execute();
    await server.db.query
      .insertInto('product_plans')
      .values(
        plans.map((plan, position) => ({
          tenant_id,
          sku_id: id,
          service_plan_id: plan,
          service_plan_name: plan,
          friendly_name: plan,
          position,
        })),
      )
      .execute();
  }

  async function addPolicy(appId: string, displayName: string, disabledPlans: readonly string[] = []): Promise<void> {
    await server.db.query
      .insertInto('policies')
      .values({
        tenant_id: server.tenantId,
        policy_id: randomUUID(),
        app_id: appId,
        display_name: displayName,
        is_enabled: true,
        position: 1,
        products: JSON.stringify([{ skuId, disabledPlans }]),
        created_at: new Date(),
        modified_at: new Date(),
      })
      .execute();
  }

  it('are registered, and answered in the form of Graph', async () => {
    const answer = await ask('POST', '', {
      displayName: 'Word',
      requiredServicePlanIds: [word.toUpperCase()],
      permissions: ['User.Read.All'],
    });
    assert.equal(answer.status, 201);
    const { id, appId, createdDateTime, ...rest } = answer.body;
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.notEqual(id, appId);
    assert.match(createdDateTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(rest, {
      '@odata.context': `${server.url}/v1.0/$metadata#applications/$entity`,
      displayName: 'Word',
      keyCredentials: [],
      passwordCredentials: [],
      requiredServicePlanIds: [word],
      permissions: ['User.Read.All'],
      onRefusal: 'block',
      web: { redirectUris: [] },
      spa: { redirectUris: [] },
      publicClient: { redirectUris: [] },
    });
    assert.equal(answer.headers.get('location'), `${server.url}/v1.0/applications/${id}`);
    assert.deepEqual((await ask('GET', `/${id}`)).body, answer.body);
  });

  it('are listed, filtered, selected and paged', async () => {
    const names = ['Zeta 1', 'Zeta 2', 'Zeta 3'];
    const apps = await Promise.all(names.map((displayName) => create({ displayName })));
    const list = async (query: string) => (await ask('GET', query)).body;
    const byName = await list("?$filter=startswith(displayName,'zeta')&$select=displayName");
    assert.deepEqual(
      byName.value,
      names.map((displayName) => ({ displayName })),
    );
    const byAppId = await list(`?$filter=appId eq '${apps[1].appId}'`);
    assert.deepEqual(
      byAppId.value.map((app: any) => app.id),
      [apps[1].id],
    );
    const first = await list("?$filter=startswith(displayName,'zeta')&$top=2&$count=true");
    assert.equal(first['@odata.count'], 3);
    assert.equal(first.value.length, 2);
    const second = (
      await server.request('GET', first['@odata.nextLink'].slice(server.url.length), {
        permissions: ['Application.ReadWrite.All'],
      })
    ).body;
    assert.deepEqual(
      second.value.map((app: any) => app.displayName),
      ['Zeta 3'],
    );
    assert.equal((await ask('GET', "?$filter=secret eq 'x'")).status, 400);
  });

  it('are changed and deleted, which the audit tells', async () => {
    const app = await create({ permissions: ['User.Read.All'] });
    assert.equal(
      (await ask('PATCH', `/${app.id}`, { displayName: 'Other', onRefusal: 'continue', permissions: [] })).status,
      204,
    );
    const read = (await ask('GET', `/${app.id}`)).body;
    assert.deepEqual([read.displayName, read.onRefusal, read.permissions], ['Other', 'continue', []]);
    assert.equal((await ask('DELETE', `/${app.id}`)).status, 204);
    assert.equal((await ask('GET', `/${app.id}`)).status, 404);
    assert.equal((await ask('DELETE', `/${app.id}`)).status, 404);
    const { rows } = await server.db.pool.query(
      'select activity from audit_entries where target_id = $1 order by audit_id',
      [app.id],
    );
    assert.deepEqual(
      rows.map((row) => row.activity),
      ['Add application', 'Update application', 'Delete application'],
    );
  });

  describe('secrets', () => {
    it('are shown once, work, and work no more when removed', async () => {
      const app = await create();
      const added = await ask('POST', `/${app.id}/addPassword`, {
        passwordCredential: { displayName: 'For the script' },
      });
      assert.equal(added.status, 200);
      const { secretText, keyId, hint, startDateTime, endDateTime } = added.body;
      assert.ok(secretText.length >= 40 && secretText.startsWith(hint) && hint.length === 3);
      assert.equal(new Date(endDateTime).getUTCFullYear() - new Date(startDateTime).getUTCFullYear(), 2);
      const client = { clientId: app.appId, clientSecret: secretText };
      await getToken(server, server.tenantId, client);
      const shown = (await ask('GET', `/${app.id}`)).body.passwordCredentials;
      assert.deepEqual(shown, [
        {
          customKeyIdentifier: null,
          displayName: 'For the script',
          endDateTime,
          hint,
          keyId,
          secretText: null,
          startDateTime,
        },
      ]);
      assert.equal((await ask('POST', `/${app.id}/removePassword`, { keyId })).status, 204);
      await assert.rejects(getToken(server, server.tenantId, client), /401/);
      assert.equal((await ask('POST', `/${app.id}/removePassword`, { keyId })).status, 400);
      const everything = await server.db.pool.query('select * from app_secrets, audit_entries');
      assert.ok(!JSON.stringify(everything.rows).includes(secretText));
    });

    it('may have an end and a start of their own', async () => {
      const app = await create();
      const future = { startDateTime: '2999-01-01T00:00:00Z', endDateTime: '2999-06-01T00:00:00Z' };
      const added = await ask('POST', `/${app.id}/addPassword`, { passwordCredential: future });
      assert.equal(added.body.endDateTime, '2999-06-01T00:00:00.000Z');
      await assert.rejects(
        getToken(server, server.tenantId, { clientId: app.appId, clientSecret: added.body.secretText }),
        /401/,
      );
      for (const [bad, field] of [
        [{ endDateTime: '2020-01-01T00:00:00Z' }, /endDateTime/],
        [{ startDateTime: '2999-01-02T00:00:00Z', endDateTime: '2999-01-01T00:00:00Z' }, /endDateTime/],
        [{ endDateTime: 'tomorrow' }, /endDateTime must be a date/],
        [{ endDateTime: '2030-12-31T23:59:60Z' }, /endDateTime/],
        [{ secretText: 'mine' }, /secretText is not a property/],
      ] as const) {
        const answer = await ask('POST', `/${app.id}/addPassword`, { passwordCredential: bad });
        assert.equal(answer.status, 400, JSON.stringify(bad));
        assert.match(answer.body.error.message, field);
      }
    });
  });

  describe('required service plans', () => {
    it('must be of the catalogue, each once, a hundred at most', async () => {
      const unknown = randomUUID();
      for (const [ids, message] of [
        [[word, unknown], new RegExp(`requiredServicePlanIds\\[1\\].*${unknown}`)],
        [[word, word.toUpperCase()], /requiredServicePlanIds\[1\].*twice/],
        [Array.from({ length: 101 }, () => randomUUID()), /requiredServicePlanIds/],
        [['x'], /requiredServicePlanIds\[0\] must be a GUID/],
      ] as const) {
        const answer = await ask('POST', '', { displayName: 'Bad', requiredServicePlanIds: ids });
        assert.equal(answer.status, 400);
        assert.match(answer.body.error.message, message);
      }
    });

    it("can't become such that a policy of the app couldn't stand", async () => {
      const app = await create({ requiredServicePlanIds: [word, excel] });
      await addPolicy(app.appId, 'Word for all', [teams, excel]);
      const refused = await ask('PATCH', `/${app.id}`, {
        requiredServicePlanIds: [excel, teams],
        displayName: 'Not written',
      });
      assert.equal(refused.status, 400);
      assert.match(refused.body.error.message, /^requiredServicePlanIds: .*"Word for all"/);
      assert.equal((await ask('GET', `/${app.id}`)).body.displayName, app.displayName);
      assert.equal((await ask('PATCH', `/${app.id}`, { requiredServicePlanIds: [] })).status, 400);
      assert.equal((await ask('PATCH', `/${app.id}`, { requiredServicePlanIds: [word] })).status, 204);
    });

    it('keep an app that has policies from being deleted', async () => {
      const app = await create({ requiredServicePlanIds: [word] });
      await addPolicy(app.appId, 'Still there');
      const refused = await ask('DELETE', `/${app.id}`);
      assert.equal(refused.status, 400);
      assert.match(refused.body.error.message, /"Still there"/);
      assert.equal((await ask('GET', `/${app.id}`)).status, 200);
    });
  });

  describe('permissions', () => {
    it('to create tenants are given only by who has it, in the first tenant', async () => {
      const body = { displayName: 'Maker', permissions: ['Tenant.Create'] };
      assert.equal((await ask('POST', '', body)).status, 403);
      const permissions = ['Application.ReadWrite.All', 'Tenant.Create'] as const;
      const made = await ask('POST', '', body, { permissions });
      assert.equal(made.status, 201);
      // Nor by giving such an app credentials that one knows.
      assert.equal((await ask('POST', `/${made.body.id}/addPassword`, {})).status, 403);
      assert.equal((await ask('PATCH', `/${made.body.id}`, { displayName: 'Renamed' })).status, 204);
      const tenantId = await server.createTenant();
      assert.equal((await ask('POST', '', body, { permissions, tenantId })).status, 403);
    });

    it('are of those that there are', async () => {
      const answer = await ask('POST', '', { displayName: 'Bad', permissions: ['Everything.All'] });
      assert.equal(answer.status, 400);
      assert.match(answer.body.error.message, /permissions\[0\] must be one of .*Tenant\.Create/);
    });

    it('that were taken away stop counting for tokens that name them', async () => {
      const caller = await server.createClient(['Application.ReadWrite.All']);
      const token = await getToken(server, server.tenantId, caller);
      assert.equal((await ask('GET', '', undefined, { token })).status, 200);
      assert.equal((await ask('PATCH', `/${caller.objectId}`, { permissions: [] }, { token })).status, 204);
      const other = await startTestServer({ beside: server });
      try {
        assert.equal((await other.request('GET', '/v1.0/applications', { token })).status, 403);
      } finally {
        await other.close();
      }
    });
  });

  for (const [what, body, message] of [
    ['no name', {}, /displayName is missing/],
    ['a blank name', { displayName: ' ' }, /displayName must be a text/],
    ['too long a name', { displayName: 'x'.repeat(257) }, /displayName/],
    ['a number for a name', { displayName: 1 }, /displayName must be string/],
    ['an unknown property', { displayName: 'x', appId: randomUUID() }, /appId is not a property/],
    [
      'an unknown answer to refusals',
      { displayName: 'x', onRefusal: 'ignore' },
      /onRefusal must be one of block, continue/,
    ],
    [
      'a key that is no certificate',
      { displayName: 'x', keyCredentials: [{ type: 'AsymmetricX509Cert', usage: 'Verify', key: 'AAAA' }] },
      /keyCredentials\[0\]\.key: must be an X\.509/,
    ],
    [
      'a key of another kind',
      { displayName: 'x', keyCredentials: [{ type: 'Symmetric', usage: 'Verify', key: 'AAAA' }] },
      /keyCredentials\[0\]\.type must be AsymmetricX509Cert/,
    ],
    ['nothing at all', undefined, /body must be object|body/i],
  ] as const) {
    it(`with ${what} are refused, naming it`, async () => {
      const count = async () => (await server.db.pool.query('select count(*) from apps')).rows[0].count;
      await server.token(['Application.ReadWrite.All']);
      const before = await count();
      const answer = await ask('POST', '', body);
      assert.equal(answer.status, 400);
      assert.match(answer.body.error.message, message);
      assert.equal(await count(), before);
    });
  }

  it("of another tenant aren't there", async () => {
    const tenantId = await server.createTenant();
    const theirs = (await ask('POST', '', { displayName: 'Theirs' }, { tenantId })).body;
    const password = (await ask('POST', `/${theirs.id}/addPassword`, {}, { tenantId })).body;
    for (const [method, path, body] of [
      ['GET', `/${theirs.id}`, undefined],
      ['PATCH', `/${theirs.id}`, { displayName: 'Mine' }],
      ['DELETE', `/${theirs.id}`, undefined],
      ['POST', `/${theirs.id}/addPassword`, {}],
      ['POST', `/${theirs.id}/removePassword`, { keyId: password.keyId }],
    ] as const) {
      const answer = await ask(method, path, body);
      assert.equal(answer.status, 404, `${method} ${path}`);
      assert.equal(answer.body.error.code, 'Request_ResourceNotFound');
    }
    assert.deepEqual((await ask('GET', `?$filter=id eq '${theirs.id}'`)).body.value, []);
    assert.equal((await ask('GET', `/${theirs.id}`, undefined, { tenantId })).body.passwordCredentials.length, 1);
  });

  it('need the permission', async () => {
    assert.equal(
      (await server.request('GET', '/v1.0/applications', { permissions: ['User.ReadWrite.All'] })).status,
      403,
    );
    assert.equal((await server.request('GET', '/v1.0/applications', { token: null })).status, 401);
  });
});
