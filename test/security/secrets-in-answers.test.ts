import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { PERMISSIONS } from '../../contract/permission.ts';
import { inParallel } from '../harness/in-parallel.ts';
import { pathOf } from './requests.ts';
import { startTwoTenants, type TwoTenants } from './two-tenants.ts';

// Secrets are planted; then everything that can be read is searched for them: answers, refusals,
// and the tables themselves.

/** So many characters of a secret are some of it. */
const PART = 5;

describe('a secret', () => {
  let tenants: TwoTenants;
  let token: string;
  before(async () => {
    tenants = await startTwoTenants();
    token = await tenants.server.token(PERMISSIONS);
  });
  after(() => tenants.close());

  const canary = () => `Canary-${randomBytes(12).toString('hex')}`;

  async function assertKeptNowhere(secret: string): Promise<void> {
    const { server, first } = tenants;
    const { rows: tables } = await server.db.pool.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'public'",
    );
    for (const { name } of tables) {
      const { rows } = await server.db.pool.query(`select from "${name}" as row where strpos(row::text, $1) > 0`, [
        secret,
      ]);
      assert.equal(rows.length, 0, `the table ${name}`);
    }
    const reads = server.routes.filter(({ method }) => method === 'GET');
    await inParallel(reads, async ({ path }) => {
      const answer = await server.request('GET', pathOf(path, first), { token });
      assert.ok(!JSON.stringify([answer.body, ...answer.headers]).includes(secret), path);
    });
  }

  it('that is a password is kept as a hash, and shown to nobody', async () => {
    const { server, first } = tenants;
    const [password, changed] = [canary(), canary()];
    const user = {
      displayName: 'A',
      userPrincipalName: `${randomUUID()}@contoso.example`,
      passwordProfile: { password },
    };
    const headers = { 'idempotency-key': randomUUID() };
    const made = await server.request('POST', '/v1.0/users', { token, headers, body: user });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const patch = { passwordProfile: { password: changed } };
    assert.equal((await server.request('PATCH', `/v1.0/users/${first.user}`, { token, body: patch })).status, 204);
    for (const secret of [password, changed]) {
      assert.ok(!JSON.stringify(made.body).includes(secret));
      await assertKeptNowhere(secret);
    }
  });

  it("that is a client's is shown once, and kept as a hash", async () => {
    const { server, first } = tenants;
    const headers = { 'idempotency-key': randomUUID() };
    const body = { displayName: 'Fabrikam', defaultDomain: `${randomUUID()}.example`, countryLetterCode: 'US' };
    const added = await server.request('POST', `/v1.0/applications/${first.application}/addPassword`, {
      token,
      headers,
      body: {},
    });
    const tenant = await server.request('POST', '/v1.0/admin/tenants', {
      token,
      headers: { 'idempotency-key': randomUUID() },
      body,
    });
    const secrets = [added.body.secretText, tenant.body.clientSecret];
    for (const secret of secrets) {
      assert.ok(secret?.length > 20);
      await assertKeptNowhere(secret);
    }
    const again = await server.request('POST', `/v1.0/applications/${first.application}/addPassword`, {
      token,
      headers,
      body: {},
    });
    assert.ok(!JSON.stringify(again.body).includes(secrets[0]));
  });

  it('that stands in a refused body is not repeated', async () => {
    const { server, first } = tenants;
    const user = (passwordProfile: unknown) =>
      JSON.stringify({ displayName: 'A', userPrincipalName: 'a@contoso.example', passwordProfile });
    // Without anything that looks the same in each: parts of it must not be repeated either.
    const secret = `Q${randomBytes(16).toString('hex')}`;
    const good = user({ password: secret });
    const bodies = [
      user(secret),
      user([secret]),
      user({ password: [secret] }),
      user({ password: { secret } }),
      user({ password: `${secret}\0` }),
      user({ password: `${secret}\ud800` }),
      user({ password: secret.repeat(1_000) }),
      user({ password: secret, surprise: secret }),
      user({ password: secret, forceChangePasswordNextSignIn: secret }),
      JSON.stringify({ passwordProfile: { password: secret } }),
      `${good.slice(0, -1)},"displayName":"${secret}"}`,
      `${good.slice(0, -1)},"accountEnabled":"${secret}"}`,
      `${good}}`,
      `${good} x`,
      good.slice(0, -1),
      good.slice(0, -3),
      good.replace('":"Q', '":Q'),
      good.replace('Q', 'Q"'),
      good.replace('Q', '\nQ'),
      good.replace('"Q', "'Q"),
      `${good.slice(0, -1)},}`,
      `"${secret}`,
      secret,
    ];
    const tries = bodies.flatMap((body) => [
      { method: 'POST', path: '/v1.0/users', body },
      { method: 'PATCH', path: `/v1.0/users/${first.user}`, body },
      { method: 'POST', path: '/v1.0/signIns', body },
    ]);
    await inParallel(tries, async ({ method, path, body }) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await server.request(method, path, { token, headers, body });
      const told = `${method} ${path} ${body.slice(0, 120)}: ${answer.status} ${JSON.stringify(answer.body)}`;
      if (answer.status < 300) return;
      for (let at = 0; at + PART <= secret.length; at += 1) {
        assert.ok(!JSON.stringify(answer.body).includes(secret.slice(at, at + PART)), told);
      }
    });
  });

  it('that proves who is asking is not repeated where it proves nothing', async () => {
    const { server, first } = tenants;
    const secret = canary();
    const basic = `Basic ${Buffer.from(`${first.appId}:${secret}`).toString('base64')}`;
    for (const authorization of [`Bearer ${secret}`, secret, basic, `Bearer ${secret} ${secret}`]) {
      const answer = await server.request('GET', '/v1.0/users', { token: null, headers: { authorization } });
      assert.equal(answer.status, 401);
      assert.ok(!JSON.stringify([answer.body, ...answer.headers]).includes(secret));
    }
    for (const form of [
      { client_id: first.appId, client_secret: secret },
      { client_id: randomUUID(), client_secret: secret },
      {
        client_id: first.appId,
        client_assertion: secret,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      },
      { client_id: first.appId, client_secret: secret, scope: 'nope' },
      { client_id: first.appId, client_secret: `${secret}\0` },
    ]) {
      const answer = await server.request('POST', `/${first.tenantId}/oauth2/v2.0/token`, {
        token: null,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(Object.entries({ grant_type: 'client_credentials', ...form })).toString(),
      });
      assert.ok(answer.status >= 400 && answer.status < 500);
      assert.ok(!JSON.stringify([answer.body, ...answer.headers]).includes(secret), JSON.stringify(answer.body));
    }
  });
});
