import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createFirstClient } from '../../src/engine/app/first-client.ts';
import { ensureFirstTenant } from '../../src/engine/tenant/create-tenant.ts';
import { createTestDatabase } from '../harness/database.ts';
import { getToken, startTestServer, type TestServer } from '../harness/server.ts';

describe('tenants', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const create = (body: unknown, permissions = ['Tenant.Create'] as const) =>
    server.request('POST', '/v1.0/admin/tenants', { permissions, body });
  const fabrikam = { displayName: 'Fabrikam', defaultDomain: 'Fabrikam.Example', countryLetterCode: 'DE' };

  it('are created with a domain and a first client, which may do all there but make tenants', async () => {
    const answer = await create(fabrikam);
    assert.equal(answer.status, 201);
    const { id, displayName, defaultDomain, countryLetterCode, createdDateTime, clientId, clientSecret } = answer.body;
    assert.deepEqual([displayName, defaultDomain, countryLetterCode], ['Fabrikam', 'fabrikam.example', 'DE']);
    assert.match(createdDateTime, /Z$/);
    const token = await getToken(server, 'fabrikam.example', { clientId, clientSecret });
    const apps = await server.request('GET', '/v1.0/applications', { token });
    assert.deepEqual(
      apps.body.value.map((app: any) => app.displayName),
      ['First client'],
    );
    assert.ok(apps.body.value[0].permissions.includes('Application.ReadWrite.All'));
    assert.equal((await server.request('POST', '/v1.0/admin/tenants', { token, body: fabrikam })).status, 403);
    const { rows } = await server.db.pool.query('select * from tenants where tenant_id = $1', [id]);
    assert.equal(rows[0].default_usage_location, 'DE');
    assert.equal(rows[0].is_auto_claim_enabled, false);
    const audit = await server.db.pool.query(
      "select activity from audit_entries where tenant_id = $1 and target_type = 'Tenant'",
      [server.tenantId],
    );
    assert.deepEqual(audit.rows, [{ activity: 'Add tenant' }]);
    const everything = await server.db.pool.query('select * from app_secrets, audit_entries');
    assert.ok(!JSON.stringify(everything.rows).includes(clientSecret));
  });

  it("can't have a domain that another has, in any case", async () => {
    await create({ ...fabrikam, defaultDomain: 'taken.example' });
    const before = await server.db.pool.query('select count(*) from tenants');
    const answer = await create({ ...fabrikam, defaultDomain: 'TAKEN.example' });
    assert.equal(answer.status, 400);
    assert.equal(answer.body.error.code, 'Request_MultipleObjectsWithSameKeyValue');
    assert.match(answer.body.error.message, /defaultDomain/);
    assert.deepEqual((await server.db.pool.query('select count(*) from tenants')).rows, before.rows);
  });

  it('of two that want one domain at the same time get it once', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => create({ ...fabrikam, defaultDomain: 'race.example' })));
    assert.deepEqual(answers.map((answer) => answer.status).toSorted(), [201, 400, 400]);
  });

  for (const [what, changed, message] of [
    ['no name', { displayName: undefined }, /displayName is missing/],
    ['a blank name', { displayName: '\t' }, /displayName/],
    ['no domain', { defaultDomain: undefined }, /defaultDomain is missing/],
    ['a domain of one word', { defaultDomain: 'localhost' }, /defaultDomain: must be a host name/],
    ['a GUID for a domain', { defaultDomain: '01a205d2-8a55-77eb-b074-125e32004490' }, /defaultDomain/],
    ['the name of every tenant', { defaultDomain: 'common' }, /defaultDomain/],
    ['an address for a domain', { defaultDomain: 'https://a.example' }, /defaultDomain/],
    ['a domain with a hyphen at an edge', { defaultDomain: '-a.example' }, /defaultDomain/],
    ['a domain with an empty label', { defaultDomain: 'a..example' }, /defaultDomain/],
    ['a domain that is an IP address', { defaultDomain: '127.0.0.1' }, /defaultDomain/],
    ['a domain that is too long', { defaultDomain: `${'a.'.repeat(130)}example` }, /defaultDomain/],
    ['a domain with a line break', { defaultDomain: 'a.example\n' }, /defaultDomain/],
    ['a country in small letters', { countryLetterCode: 'de' }, /countryLetterCode must be a two-letter country code/],
    ['a country that there is not', { countryLetterCode: 'ZZ' }, /countryLetterCode: ZZ is not a country/],
    ['an unknown property', { id: 'x' }, /id is not a property/],
  ] as const) {
    it(`with ${what} are refused, naming it`, async () => {
      const count = async () =>
        (
          await server.db.pool.query(
            'select (select count(*) from tenants) + (select count(*) from verified_domains) as count',
          )
        ).rows[0].count;
      const before = await count();
      const answer = await create({ ...fabrikam, defaultDomain: 'fresh.example', ...changed });
      assert.equal(answer.status, 400);
      assert.match(answer.body.error.message, message);
      assert.equal(await count(), before);
    });
  }

  it('need the permission to make them', async () => {
    assert.equal((await create(fabrikam, ['Organization.ReadWrite.All'] as never)).status, 403);
  });

  it('the first is made once, by whichever server starts first', async () => {
    const db = await createTestDatabase();
    try {
      const ids = await Promise.all(
        Array.from({ length: 6 }, () => ensureFirstTenant(db, { name: 'My organisation' })),
      );
      assert.equal(new Set(ids).size, 1);
      assert.equal(await ensureFirstTenant(db, { name: 'Another name' }), ids[0]);
      const { rows } = await db.pool.query('select display_name, default_domain from tenants');
      assert.deepEqual(rows, [{ display_name: 'My organisation', default_domain: 'organisation.example' }]);
    } finally {
      await db.close();
    }
  });

  it('the first gets a first client that may make others', async () => {
    const credentials = await createFirstClient(server.db, server.tenantId);
    const token = await getToken(server, server.tenantId, credentials);
    assert.equal(
      (
        await server.request('POST', '/v1.0/admin/tenants', {
          token,
          body: { ...fabrikam, defaultDomain: 'more.example' },
        })
      ).status,
      201,
    );
  });
});
