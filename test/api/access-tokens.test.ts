import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { createFirstSigningKey, rotateSigningKeys } from '../../src/signin/openid/signing-keys.ts';
import { getToken, startTestServer, type TestClient, type TestServer } from '../harness/server.ts';

describe('an access token', () => {
  let server: TestServer;
  let client: TestClient;
  let genuine: string;
  let claims: JWTPayload;
  let keyId: string;
  let key: KeyObject;

  before(async () => {
    server = await startTestServer();
    client = await server.createClient(['Application.ReadWrite.All']);
    genuine = await getToken(server, server.tenantId, client);
    claims = decodeJwt(genuine);
    keyId = decodeProtectedHeader(genuine).kid!;
    key = await privateKeyOf(server.tenantId);
  });
  after(() => server.close());

  async function privateKeyOf(tenantId: string): Promise<KeyObject> {
    const { rows } = await server.db.pool.query('select private_jwk from signing_keys where tenant_id = $1', [
      tenantId,
    ]);
    return createPrivateKey({ format: 'jwk', key: rows[0].private_jwk });
  }

  const statusOf = async (token: string, path = '/v1.0/applications') =>
    (await server.request('GET', path, { token })).status;
  const sign = (
    changed: Record<string, unknown> = {},
    header: Record<string, unknown> = {},
    by: KeyObject | Uint8Array = key,
  ) =>
    new SignJWT({ ...claims, ...changed })
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: keyId, ...header })
      .sign(by);

  it('counts where everything fits', async () => {
    assert.equal(await statusOf(genuine), 200);
    // What the forgeries below are varied from is accepted itself.
    assert.equal(await statusOf(await sign()), 200);
  });

  describe('counts for nothing', () => {
    const refused = async (token: string) => {
      const answer = await server.request('GET', '/v1.0/applications', { token });
      assert.equal(answer.status, 401);
      assert.equal(answer.body.error.code, 'InvalidAuthenticationToken');
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/);
    };
    const seconds = () => Math.floor(Date.now() / 1000);

    it('without a signature (alg none)', async () => {
      const [, body] = new UnsecuredJWT(claims).encode().split('.');
      const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt', kid: keyId })).toString('base64url');
      await refused(`${header}.${body}.`);
      await refused(`${header}.${body}.${genuine.split('.')[2]}`);
    });

    it('signed with the public key as a secret (HS256)', async () => {
      const pem = createPublicKey(key).export({ type: 'spki', format: 'pem' });
      await refused(await sign({}, { alg: 'HS256' }, Buffer.from(pem)));
      const { keys } = (await server.request('GET', `/${server.tenantId}/discovery/v2.0/keys`, { token: null })).body;
      await refused(await sign({}, { alg: 'HS256' }, Buffer.from(JSON.stringify(keys[0]))));
      await refused(await sign({}, { alg: 'HS256' }, Buffer.from(keys[0].n, 'base64url')));
    });

    it('signed with the right key by another algorithm', async () => {
      await refused(await sign({}, { alg: 'RS512' }));
      await refused(await sign({}, { alg: 'PS256' }));
    });

    it('that is an ID token', async () => {
      await refused(await sign({}, { typ: 'JWT' }));
      await refused(await sign({}, { typ: undefined }));
    });

    it('for another audience', async () => {
      for (const aud of ['https://graph.microsoft.com', client.appId, `${server.url}/`, undefined])
        await refused(await sign({ aud }));
    });

    it('of another issuer', async () => {
      for (const iss of [
        `https://login.microsoftonline.com/${server.tenantId}/v2.0`,
        `${server.url}/${server.tenantId}`,
        undefined,
      ]) {
        await refused(await sign({ iss }));
      }
    });

    it('that has expired, or never does', async () => {
      await refused(await sign({ exp: seconds() - 1 }));
      await refused(await sign({ exp: undefined }));
      await refused(await sign({ nbf: seconds() + 600 }));
    });

    it('of a key that is not ours', async () => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      await refused(await sign({}, {}, privateKey));
      await refused(await sign({}, { kid: 'unknown' }, privateKey));
      await refused(await sign({}, { kid: undefined }));
      const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
      await refused(await sign({}, { jwk, kid: 'embedded' }, privateKey));
    });

    it('signed by another tenant', async () => {
      const other = await server.createTenant();
      const theirs = await getToken(server, other, await server.createClient(['Application.ReadWrite.All'], other));
      const theirKey = await privateKeyOf(other);
      const theirKeyId = decodeProtectedHeader(theirs).kid!;
      assert.equal(await statusOf(theirs), 200);
      await refused(await sign({}, { kid: theirKeyId }, theirKey));
      await refused(await sign({ tid: other }));
      await refused(await sign({ tid: other }, { kid: theirKeyId }, theirKey));
      await refused(await sign({ iss: `${server.url}/${other}/v2.0` }, { kid: theirKeyId }, theirKey));
      // Theirs in all, but for an app of ours.
      await refused(await sign({ tid: other, iss: `${server.url}/${other}/v2.0` }, { kid: theirKeyId }, theirKey));
    });

    it('with claims of another kind', async () => {
      for (const changed of [
        { tid: undefined },
        { tid: 1 },
        { tid: '../x' },
        { tid: randomUUID() },
        { roles: undefined },
        { roles: 'all' },
        { appid: randomUUID() },
        { appid: undefined },
        { client_id: undefined },
      ]) {
        await refused(await sign(changed));
      }
    });

    it('with a letter changed anywhere', async () => {
      for (const at of [10, 200, genuine.length - 10]) {
        const letter = genuine[at] === 'A' ? 'B' : 'A';
        await refused(genuine.slice(0, at) + letter + genuine.slice(at + 1));
      }
    });

    it('that is no token at all', async () => {
      for (const token of ['x', 'a.b.c', '..', genuine.split('.').slice(0, 2).join('.'), `${genuine}.${genuine}`])
        await refused(token);
      for (const authorization of [`Basic ${genuine}`, 'Bearer', `Bearer ${genuine} ${genuine}`, genuine]) {
        assert.equal(
          (await server.request('GET', '/v1.0/applications', { token: null, headers: { authorization } })).status,
          401,
        );
      }
    });
  });

  it('grants no permission that it names and the app never had', async () => {
    assert.equal(await statusOf(await sign({ roles: ['Tenant.Create', 'User.Read.All'] })), 403);
  });

  it('that names unknown keys in a storm makes few reads, and real tokens count meanwhile', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const readsBefore = await signingKeyReads();
    const forged = await Promise.all(
      Array.from({ length: 60 }, (_, index) => sign({}, { kid: `storm ${index}` }, privateKey)),
    );
    const started = performance.now();
    const storm = Promise.all(forged.map((token) => statusOf(token)));
    assert.equal(await statusOf(genuine), 200);
    assert.ok(performance.now() - started < 900, 'a real token waits for no forged one');
    assert.deepEqual(new Set(await storm), new Set([401]));
    assert.ok((await signingKeyReads()) - readsBefore <= 5);
  });

  /** How often PostgreSQL has scanned the table of keys, as its own statistics say. */
  async function signingKeyReads(): Promise<number> {
    // Every connection of the pool gives its counts on; they are put together after a moment.
    await Promise.all(
      Array.from({ length: 20 }, () => server.db.pool.query('select pg_stat_force_next_flush(), pg_sleep(0.02)')),
    );
    const { rows } = await server.db.pool.query(
      "select coalesce(seq_scan, 0) + coalesce(idx_scan, 0) as scans from pg_stat_user_tables where relname = 'signing_keys'",
    );
    return rows[0].scans;
  }
});

describe('signing keys', () => {
  let server: TestServer;
  const opened: TestServer[] = [];
  before(async () => {
    server = await startTestServer();
  });
  after(async () => {
    for (const other of opened) await other.close();
    await server.close();
  });

  const another = async () => {
    const other = await startTestServer({ beside: server });
    opened.push(other);
    return other;
  };
  const published = async (at: TestServer, tenantId = server.tenantId) =>
    (await at.request('GET', `/${tenantId}/discovery/v2.0/keys`, { token: null })).body.keys
      .map((key: any) => key.kid)
      .toSorted();
  const isAccepted = async (at: TestServer, token: string) =>
    (await at.request('GET', '/v1.0/applications', { token })).status === 200;
  const age = (hours: number, keyId?: string) =>
    server.db.pool.query(
      `update signing_keys set signs_from = signs_from - make_interval(hours => $1) where $2::text is null or key_id = $2`,
      [hours, keyId],
    );

  it('are made once, where two servers need them at the same time', async () => {
    const other = await another();
    for (let round = 0; round < 5; round += 1) {
      const tenantId = await server.createTenant();
      const client = await server.createClient(['Application.ReadWrite.All'], tenantId);
      const tokens = await Promise.all([server, other, server, other].map((at) => getToken(at, tenantId, client)));
      assert.equal(new Set(tokens.map((token) => decodeProtectedHeader(token).kid)).size, 1);
      for (const token of tokens) assert.ok((await isAccepted(server, token)) && (await isAccepted(other, token)));
    }
  });

  it('are made once, where several are about to at the very same moment', async () => {
    const tenantId = await server.createTenant();
    const keys = async () =>
      (await server.db.pool.query('select from signing_keys where tenant_id = $1', [tenantId])).rowCount;
    await atTheSameMoment(tenantId, 5, () => createFirstSigningKey(server.db, tenantId));
    assert.equal(await keys(), 1);
    await age(90 * 24);
    await atTheSameMoment(tenantId, 5, () => rotateSigningKeys(server.db));
    assert.equal(await keys(), 2);
  });

  /** Holds back all who would change a tenant's keys until they all stand in line. */
  async function atTheSameMoment(tenantId: string, times: number, work: () => Promise<unknown>): Promise<void> {
    const holder = await server.db.pool.connect();
    await holder.query('begin');
    await holder.query('select from tenants where tenant_id = $1 for update', [tenantId]);
    const all = Promise.all(Array.from({ length: times }, work));
    for (let waiting = 0; waiting < times;) {
      await sleep(20);
      // Not by the holder: a transaction sees this view as it was at first.
      const { rows } = await server.db.pool.query(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      waiting = rows[0].count;
    }
    await holder.query('commit');
    holder.release();
    await all;
  }

  it('of another server count at once, known before or not', async () => {
    const other = await another();
    const tenantId = await server.createTenant();
    const client = await server.createClient(['Application.ReadWrite.All'], tenantId);
    // A forged token makes the other one look for keys, while there are none yet.
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const forged = await new SignJWT({ tid: tenantId })
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: 'x' })
      .sign(privateKey);
    assert.equal(await isAccepted(other, forged), false);
    assert.ok(await isAccepted(other, await getToken(server, tenantId, client)));
  });

  it('are replaced after 90 days, announced a day ahead, while tokens live on', async () => {
    const client = await server.createClient(['Application.ReadWrite.All']);
    const first = await getToken(server, server.tenantId, client);
    const firstKey = decodeProtectedHeader(first).kid!;
    assert.deepEqual(await rotateSigningKeys(server.db), { added: 0, removed: 0 });

    // 89 days and an hour on: the next one is published, and the first one signs on.
    await server.db.pool.query('delete from signing_keys where tenant_id <> $1', [server.tenantId]);
    await age(89 * 24 + 1);
    const rotations = await Promise.all([rotateSigningKeys(server.db), rotateSigningKeys(server.db)]);
    assert.equal(rotations[0].added + rotations[1].added, 1);
    assert.deepEqual(await rotateSigningKeys(server.db), { added: 0, removed: 0 });
    const announced = await another();
    const keys = await published(announced);
    assert.equal(keys.length, 2);
    assert.ok(keys.includes(firstKey));
    assert.equal(decodeProtectedHeader(await getToken(announced, server.tenantId, client)).kid, firstKey);
    const { rows } = await server.db.pool.query(
      "select signs_from - clock_timestamp() >= interval '23 hours 59 minutes' as ahead from signing_keys where key_id <> $1",
      [firstKey],
    );
    assert.deepEqual(rows, [{ ahead: true }]);

    // A day later the next one signs; tokens of both count, also where the next one wasn't known.
    await age(24);
    const later = await another();
    const second = await getToken(later, server.tenantId, client);
    assert.notEqual(decodeProtectedHeader(second).kid, firstKey);
    for (const at of [server, announced, later]) {
      assert.ok(await isAccepted(at, second));
      assert.ok(await isAccepted(at, first));
    }
    assert.deepEqual(await rotateSigningKeys(server.db), { added: 0, removed: 0 });
    assert.equal((await published(later)).length, 2);

    // The last token of the first key has expired: the key goes.
    await age(3);
    assert.deepEqual(await rotateSigningKeys(server.db), { added: 0, removed: 1 });
    const last = await another();
    assert.deepEqual(await published(last), [decodeProtectedHeader(second).kid]);
    assert.equal(await isAccepted(last, first), false);
    assert.ok(await isAccepted(last, second));
  });
});
