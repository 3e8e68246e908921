import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import * as openid from 'openid-client';
import { ensureBootstrapClient } from '../../src/engine/app/first-client.ts';
import { getToken, startTestServer, type TestClient, type TestServer } from '../harness/server.ts';
import { askForToken, discover, grant } from '../harness/tokens.ts';

describe('the token endpoint', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const ask = (client: TestClient, form?: Record<string, string | undefined>, tenant?: string) =>
    askForToken(server, client, form, tenant);

  for (const [place, method] of [
    ['the body', openid.ClientSecretPost],
    ['the header', openid.ClientSecretBasic],
  ] as const) {
    it(`gives a token for a secret in ${place}, found by discovery`, async () => {
      const client = await server.createClient(['User.Read.All', 'SignIn.Create']);
      const token = await grant(server, await discover(server, client.clientId, method(client.clientSecret)));
      const { iat, exp, jti, ...claims } = decodeJwt(token);
      assert.equal(exp! - iat!, 3600);
      assert.ok(jti);
      assert.deepEqual(claims, {
        iss: `${server.url}/${server.tenantId}/v2.0`,
        aud: server.url,
        ver: '2.0',
        tid: server.tenantId,
        oid: client.objectId,
        sub: client.objectId,
        client_id: client.clientId,
        appid: client.appId,
        azp: client.appId,
        idtyp: 'app',
        app_displayname: `Test client ${client.appId}`,
        roles: ['User.Read.All', 'SignIn.Create'],
      });
      assert.equal(decodeProtectedHeader(token).typ, 'at+jwt');
      assert.equal(decodeProtectedHeader(token).alg, 'RS256');
    });
  }

  it('opens the API with the permissions of the app, and no others', async () => {
    const token = await getToken(server, server.tenantId, await server.createClient(['Application.ReadWrite.All']));
    assert.equal((await server.request('GET', '/v1.0/applications', { token })).status, 200);
    const none = await getToken(server, server.tenantId, await server.createClient([]));
    const refused = await server.request('GET', '/v1.0/applications', { token: none });
    assert.equal(refused.status, 403);
    assert.equal(refused.body.error.code, 'Authorization_RequestDenied');
  });

  it('refuses a secret that is wrong, over, not yet good, or removed, in the same words', async () => {
    const client = await server.createClient([]);
    const change = (sql: string) => server.db.pool.query(`${sql} where app_id = $1`, [client.appId]);
    const answers = [
      await ask(client, { client_secret: `${client.clientSecret}x` }),
      await ask(client, { client_id: randomUUID() }),
    ];
    await change("update app_secrets set ends_at = clock_timestamp() - interval '1 ms'");
    answers.push(await ask(client));
    await change(
      "update app_secrets set starts_at = clock_timestamp() + interval '1 hour', ends_at = clock_timestamp() + interval '2 hours'",
    );
    answers.push(await ask(client));
    await change('delete from app_secrets');
    answers.push(await ask(client));
    for (const answer of answers) {
      assert.equal(answer.status, 401);
      assert.deepEqual(answer.body, { error: 'invalid_client', error_description: 'client authentication failed' });
    }
  });

  it('takes any of several secrets', async () => {
    const client = await server.createClient([]);
    const added = await server.request('POST', `/v1.0/applications/${client.objectId}/addPassword`, {
      permissions: ['Application.ReadWrite.All'],
      body: {},
    });
    assert.equal((await ask(client)).status, 200);
    assert.equal((await ask(client, { client_secret: added.body.secretText })).status, 200);
  });

  it("doesn't know a client of another tenant", async () => {
    const other = await server.createTenant();
    const theirs = await server.createClient([], other);
    assert.equal((await ask(theirs, {}, other)).status, 200);
    assert.equal((await ask(theirs)).body.error, 'invalid_client');
  });

  it('gives a removed app nothing', async () => {
    const client = await server.createClient([]);
    assert.equal((await ask(client)).status, 200);
    await server.request('DELETE', `/v1.0/applications/${client.objectId}`, {
      permissions: ['Application.ReadWrite.All'],
    });
    assert.equal((await ask(client)).status, 401);
  });

  for (const [what, form, status, error] of [
    ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['the authorization code grant', { grant_type: 'authorization_code', code: 'x' }, 400, 'invalid_request'],
    ['a refresh token', { grant_type: 'refresh_token', refresh_token: 'x' }, 400, 'invalid_request'],
    ['no grant', { grant_type: undefined }, 400, 'invalid_request'],
    ['no scope', { scope: undefined }, 400, 'invalid_scope'],
    ['another scope', { scope: 'openid' }, 400, 'invalid_scope'],
    ['another resource', { resource: 'https://graph.microsoft.com' }, 400, 'invalid_target'],
    ['no client', { client_id: undefined, client_secret: undefined }, 400, 'invalid_request'],
    ['a client id with a NUL', { client_id: 'a\0b' }, 401, 'invalid_client'],
    ['a client id of ten thousand characters', { client_id: 'x'.repeat(10_000) }, 401, 'invalid_client'],
  ] as const) {
    it(`refuses ${what} in OAuth's form`, async () => {
      const answer = await ask(await server.createClient([]), form);
      assert.equal(answer.status, status, JSON.stringify(answer.body));
      assert.equal(answer.body.error, error);
      assert.ok(answer.body.error_description);
    });
  }

  it('takes forms alone, of limited size', async () => {
    const url = `${server.url}/${server.tenantId}/oauth2/v2.0/token`;
    const post = async (body: string | ReadableStream, type: string) => {
      const response = await fetch(url, {
        method: 'POST',
        body,
        headers: { 'content-type': type },
        duplex: 'half',
      });
      return { status: response.status, body: (await response.json()) as any };
    };
    const form = 'application/x-www-form-urlencoded';
    assert.deepEqual(
      [(await post('{}', 'application/json')).status, (await post('{}', 'application/json')).body.error],
      [415, 'invalid_request'],
    );
    assert.equal((await post(`client_id=${'x'.repeat(100_000)}`, form)).status, 413);
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(Buffer.alloc(64 * 1024, 'x')),
    });
    const answer = await post(endless, form).catch(() => ({ status: 'cut' }));
    assert.ok([400, 'cut'].includes(answer.status));
    assert.equal((await post('client_id=a&client_id=b', form)).status, 400);
  });

  it('answers with the request-id, and not into caches', async () => {
    const { headers } = await ask(await server.createClient([]));
    assert.match(headers.get('request-id') ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
  });

  it("leaves other routes' bodies alone", async () => {
    const answer = await server.request('POST', '/v1.0/applications', {
      permissions: ['Application.ReadWrite.All'],
      body: 'displayName=x',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    assert.equal(answer.status, 415);
    assert.equal(answer.body.error.code, 'Request_UnsupportedMediaType');
  });

  describe('by the names of a tenant', () => {
    it('serves its domain and, while it is alone, common and organizations', async () => {
      const alone = await startTestServer();
      try {
        for (const name of [
          alone.tenantId,
          alone.tenantId.toUpperCase(),
          'contoso.example',
          'Contoso.EXAMPLE',
          'common',
          'organizations',
        ]) {
          const answer = await alone.request('GET', `/${name}/v2.0/.well-known/openid-configuration`, { token: null });
          assert.equal(answer.status, 200, name);
          const own = `${alone.url}/${alone.tenantId}`;
          assert.equal(answer.body.issuer, `${own}/v2.0`);
          assert.equal(answer.body.token_endpoint, `${own}/oauth2/v2.0/token`);
          assert.equal(answer.body.jwks_uri, `${own}/discovery/v2.0/keys`);
          assert.deepEqual(answer.body.grant_types_supported.toSorted(), [
            'authorization_code',
            'client_credentials',
            'refresh_token',
            'urn:ietf:params:oauth:grant-type:device_code',
          ]);
          assert.equal(
            (await alone.request('GET', `/${name}/discovery/v2.0/keys`, { token: null })).body.keys.length,
            1,
          );
        }
        const client = await alone.createClient([]);
        await getToken(alone, 'contoso.example', client);
        await getToken(alone, 'common', client);
        await alone.createTenant();
        await assert.rejects(getToken(alone, 'common', client), /400.*invalid_tenant/);
      } finally {
        await alone.close();
      }
    });

    it('refuses a tenant that there is not', async () => {
      for (const name of [randomUUID(), 'nowhere.example', '..%2f..', '%00', 'x'.repeat(300)]) {
        for (const path of ['/v2.0/.well-known/openid-configuration', '/discovery/v2.0/keys']) {
          const answer = await server.request('GET', `/${name}${path}`, { token: null });
          assert.equal(answer.status, 400, name);
          assert.ok(['invalid_tenant', 'invalid_request'].includes(answer.body.error));
        }
      }
    });

    it('shows the public part of keys alone', async () => {
      const { body } = await server.request('GET', `/${server.tenantId}/discovery/v2.0/keys`, { token: null });
      for (const key of body.keys)
        assert.deepEqual(Object.keys(key).toSorted(), ['alg', 'e', 'kid', 'kty', 'n', 'use']);
    });

    it('tells its own address, whatever the Host header says', async () => {
      const text = await new Promise<string>((resolve, reject) => {
        const url = `${server.url}/${server.tenantId}/v2.0/.well-known/openid-configuration`;
        const call = httpRequest(
          url,
          { headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example' } },
          (response) => {
            let body = '';
            response.on('data', (part: Buffer) => (body += part.toString())).on('end', () => resolve(body));
          },
        );
        call.on('error', reject).end();
      });
      assert.ok(!text.includes('evil.example'));
      assert.ok(text.includes(`"token_endpoint":"${server.url}/`));
    });
  });

  it('stands below a path, where the base URL has one', async () => {
    const base = 'https://licenses.example/autoclaim';
    const below = await startTestServer({ config: { baseUrl: base } });
    try {
      const found = await below.request('GET', '/contoso.example/v2.0/.well-known/openid-configuration', {
        token: null,
      });
      assert.equal(found.body.issuer, `${base}/${below.tenantId}/v2.0`);
      assert.equal(found.body.token_endpoint, `${base}/${below.tenantId}/oauth2/v2.0/token`);
      assert.equal(found.body.jwks_uri, `${base}/${below.tenantId}/discovery/v2.0/keys`);
      const token = await getToken(below, below.tenantId, await below.createClient(['Application.ReadWrite.All']));
      assert.equal(decodeJwt(token).aud, base);
      assert.equal((await below.request('GET', '/v1.0/applications', { token })).status, 200);
    } finally {
      await below.close();
    }
  });

  it('knows the client that the operator named, by the secret that was named last', async () => {
    const id = 'ops/client 1: "main"';
    const client = (clientSecret: string): TestClient => ({ clientId: id, clientSecret, appId: '', objectId: '' });
    await ensureBootstrapClient(server.db, server.tenantId, { id, secret: 'first' });
    await ensureBootstrapClient(server.db, server.tenantId, { id, secret: 'first' });
    const token = await grant(server, await discover(server, id, openid.ClientSecretBasic('first')));
    assert.ok((decodeJwt(token)['roles'] as string[]).includes('Tenant.Create'));
    assert.equal((await server.request('GET', '/v1.0/applications', { token })).status, 200);
    await ensureBootstrapClient(server.db, server.tenantId, { id, secret: 'second' });
    assert.equal((await ask(client('first'))).status, 401);
    assert.equal((await ask(client('second'))).status, 200);
    assert.equal((await ask(client('second'))).status, 200);
    const { rows } = await server.db.pool.query(
      'select s.secret_hash, s.hint from app_secrets s join apps using (app_id) where client_id = $1',
      [id],
    );
    assert.equal(rows.length, 1);
    assert.match(rows[0].secret_hash, /^\$argon2id\$/);
    assert.equal(rows[0].hint, '');
  });

  it('says to come back when the database is away', async () => {
    const away = await startTestServer();
    const client = await away.createClient([]);
    await away.db.pool.end();
    await assert.rejects(getToken(away, away.tenantId, client), /503.*temporarily_unavailable/);
    await away.close().catch(() => undefined);
  });
});
