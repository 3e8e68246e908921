import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { openLog } from '../../src/start-up/log.ts';
import { startAutoclaim, temporaryFolder, type AutoclaimProcess } from '../harness/autoclaim-process.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';

// Secrets are planted everywhere that a request or a setting can carry one, things are made to
// fail, and the most talkative log is searched for them.

const canaries: string[] = [];
function canary(): string {
  const secret = `canary-${randomBytes(12).toString('hex')}`;
  canaries.push(secret);
  return secret;
}

describe('secrets', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let db: TestDatabase;
  let server: AutoclaimProcess;
  const clientSecret = canary();

  before(async () => {
    folder = await temporaryFolder();
    db = await createTestDatabase();
    const { host, port, user, database } = db.connection;
    server = await startAutoclaim({
      DATABASE_URL: `postgres://${user}:${canary()}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`,
      AUTOCLAIM_DATA_DIR: folder.path,
      AUTOCLAIM_LOG_LEVEL: 'trace',
      AUTOCLAIM_BOOTSTRAP_CLIENT_ID: 'robot',
      AUTOCLAIM_BOOTSTRAP_CLIENT_SECRET: clientSecret,
    });
    await server.ready;
  });
  after(async () => {
    await server.stop();
    await db.close();
    await folder.remove();
  });

  const tokenRequest = (secret: string, more: Record<string, string> = {}) =>
    fetch(`${server.url}/common/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'robot',
        client_secret: secret,
        scope: `http://localhost:${new URL(server.url).port}/.default`,
        ...more,
      }),
    });

  it('are in no line of the log, whatever is asked and whatever fails', async () => {
    const granted = await tokenRequest(clientSecret);
    assert.equal(granted.status, 200, await granted.clone().text());
    const { access_token: token } = (await granted.json()) as { access_token: string };
    canaries.push(token, token.split('.')[2]!);

    assert.equal((await tokenRequest(canary())).status, 401);
    await tokenRequest(canary(), {
      client_assertion: canary(),
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
    await fetch(`${server.url}/common/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`robot:${canary()}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    for (const [path, init] of [
      [`/v1.0/users?$filter=${canary()}`, { headers: { authorization: `Bearer ${canary()}` } }],
      [
        `/v1.0/users?code=${canary()}&id_token_hint=${canary()}`,
        { headers: { authorization: `Bearer ${token}`, cookie: `session=${canary()}` } },
      ],
      ['/v1.0/users', { method: 'POST', body: JSON.stringify({ password: canary() }) }],
      ['/v1.0/users', { method: 'POST', body: `{"passwordProfile":{"password":"${canary()}"` }],
      [`/${canary()}`, {}],
    ] as const) {
      const headers = {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        ...('headers' in init && init.headers),
      };
      const { status } = await fetch(server.url + path, { ...init, headers });
      assert.ok(status >= 400 && status < 500, `${path}: ${status}`);
    }

    // What can't be foreseen is logged whole, with its error.
    await db.pool.query('alter table users rename to people');
    const unforeseen = await fetch(`${server.url}/v1.0/users?$search="displayName:${canary()}"`, {
      headers: { authorization: `Bearer ${token}` },
    });
    assert.equal(unforeseen.status, 500);
    const requestId = unforeseen.headers.get('request-id')!;
    assert.doesNotMatch(await unforeseen.text(), /people|relation|users"/);
    await db.pool.query('alter table people rename to users');
    await db.pool
      .query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      )
      .catch(() => undefined);
    await fetch(`${server.url}/readyz`);

    const log = server.stdout + server.stderr;
    assert.ok(server.stderr.includes(requestId), 'the failure is in the log');
    assert.ok(canaries.length >= 15);
    for (const secret of canaries) {
      assert.ok(!log.includes(secret), `${secret} in ${log.split('\n').find((line) => line.includes(secret))!}`);
    }
  });

  it('are censored by name where something logs a whole thing', () => {
    const lines: string[] = [];
    const log = openLog('trace', { write: (line) => void lines.push(line) });
    const secret = canary();
    log.info({ secret, authorization: secret }, 'one');
    log.info({ req: { method: 'GET', url: `/x?code=${secret}`, headers: { authorization: secret } } }, 'two');
    log.info({ body: { client_secret: secret, nested: { password: secret, private_jwk: { d: secret } } } }, 'three');
    log.error(
      {
        err: Object.assign(new Error('failed', { cause: Object.assign(new Error('below'), { detail: secret }) }), {
          detail: secret,
          parameters: [secret],
        }),
      },
      'four',
    );
    assert.equal(lines.length, 4);
    for (const line of lines) assert.ok(!line.includes(secret), line);
    assert.match(lines[1]!, /"path":"\/x"/);
    assert.match(lines[3]!, /"message":"failed".*"message":"below"/);
  });
});
