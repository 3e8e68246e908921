import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, describe, it } from 'node:test';
import pg from 'pg';
import { inThisMoment, startAutoclaim, temporaryFolder, type AutoclaimProcess } from '../harness/autoclaim-process.ts';
import { testServer } from '../harness/database.ts';

// The program on a PostgreSQL of its own choosing (DATABASE_URL: the test run's), with real processes.

describe('a start with DATABASE_URL', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let running: AutoclaimProcess[] = [];
  const databases: string[] = [];
  const admin = new pg.Client({ ...testServer(), database: 'postgres' });

  before(async () => {
    folder = await temporaryFolder();
    await admin.connect();
  });

  afterEach(async () => {
    running.forEach((server) => server.kill('SIGTERM'));
    await Promise.all(running.map((server) => server.ended));
    running = [];
  });

  after(async () => {
    for (const name of databases) await admin.query(`drop database ${name} with (force)`);
    await admin.end();
    await folder.remove();
  });

  const start = async (settings: Record<string, string>) => {
    const data = join(folder.path, randomBytes(4).toString('hex'));
    const server = await startAutoclaim({ AUTOCLAIM_DATA_DIR: data, ...settings });
    running.push(server);
    return server;
  };
  const emptyDatabase = async () => {
    const name = `start_${randomBytes(6).toString('hex')}`;
    await admin.query(`create database ${name}`);
    databases.push(name);
    return name;
  };
  const urlOf = (database: string) => {
    const { host, port, user } = testServer();
    return `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;
  };
  const connectTo = async (database: string) => {
    const client = new pg.Client({ ...testServer(), database });
    await client.connect();
    return client;
  };
  /** How a start that must fail ends: code 1, and one plain sentence or two without a stack trace. */
  const refusal = async (settings: Record<string, string>) => {
    const server = await start(settings);
    const { code } = await server.ended;
    assert.equal(code, 1, server.stdout);
    assert.doesNotMatch(server.stderr, /\n\s+at |Error:/);
    assert.equal(server.stderr.trim().split('\n').length, 1, server.stderr);
    return server.stderr.trim();
  };

  it('migrates once, and makes one tenant and one client, where two servers start at the same time', async () => {
    const database = await emptyDatabase();
    const both = await Promise.all([
      start({ DATABASE_URL: urlOf(database) }),
      start({ DATABASE_URL: urlOf(database) }),
    ]);
    await Promise.all(both.map((server) => server.ready));
    for (const server of both) assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
    const client = await connectTo(database);
    const { rows } = await client.query(
      `select (select count(*)::int from tenants) as tenants, (select count(*)::int from client_ids) as clients,
              (select count(*) = count(distinct version) and count(*) > 0 from schema_migrations) as migrated_once`,
    );
    await client.end();
    assert.deepEqual(rows, [{ tenants: 1, clients: 1, migrated_once: true }]);
    assert.equal(both.filter((server) => /Client secret {3}\S{43}/.test(server.stdout)).length, 1);
  });

  it('keeps the secret of another database that was started in the same folder', async () => {
    const data = join(folder.path, 'shared');
    const secrets: string[] = [];
    for (const database of [await emptyDatabase(), await emptyDatabase()]) {
      const server = await start({ DATABASE_URL: urlOf(database), AUTOCLAIM_DATA_DIR: data });
      await server.ready;
      await server.stop();
      secrets.push(/^AUTOCLAIM_CLIENT_ID=.*(.{12})$/m.exec(readFileSync(join(data, 'first-client.env'), 'utf8'))![1]!);
    }
    assert.notEqual(secrets[0], secrets[1]);
    assert.match(
      readFileSync(join(data, `first-client-${secrets[0]!}.env`), 'utf8'),
      /^AUTOCLAIM_CLIENT_SECRET=\S{43}$/m,
    );
  });

  it('makes the client that the settings name, and no other', async () => {
    const database = await emptyDatabase();
    const server = await start({
      DATABASE_URL: urlOf(database),
      AUTOCLAIM_BOOTSTRAP_CLIENT_ID: 'robot',
      AUTOCLAIM_BOOTSTRAP_CLIENT_SECRET: 'a secret of the operator',
    });
    await server.ready;
    const client = await connectTo(database);
    const { rows } = await client.query('select client_id from client_ids');
    await client.end();
    assert.deepEqual(rows, [{ client_id: 'robot' }]);
    assert.match(server.stdout, /Client {10}robot/);
    assert.doesNotMatch(server.stdout + server.stderr, /a secret of the operator/);
  });

  it('names settings that mean nothing, and goes on', async () => {
    const server = await start({
      DATABASE_URL: urlOf(await emptyDatabase()),
      AUTOCLAIM_DATADIR: '/x',
      AUTOCLAIM_PORT: '1',
    });
    await server.ready;
    assert.match(server.stdout, /Warning: AUTOCLAIM_DATADIR is no setting/);
    assert.match(server.stdout, /Warning: AUTOCLAIM_PORT is no setting/);
    assert.doesNotMatch(server.stdout, /AUTOCLAIM_DATA_DIR is no setting/);
  });

  it('is refused on a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    for (const workers of ['1', '2']) {
      const settings = { DATABASE_URL: urlOf(await emptyDatabase()), PORT: String(port), AUTOCLAIM_WORKERS: workers };
      assert.equal(
        await refusal(settings),
        `Port ${port} on 127.0.0.1 is taken by another program. Stop it, or set PORT to a free port.`,
      );
    }
    other.close();
  });

  it('is refused with settings that cannot be', async () => {
    assert.match(await refusal({ PORT: '80000' }), /^PORT must be a whole number from 1 to 65535/);
    for (const workers of ['0', '17', 'two']) {
      assert.match(
        await refusal({ AUTOCLAIM_WORKERS: workers }),
        /^AUTOCLAIM_WORKERS must be a whole number from 1 to 16/,
      );
    }
    assert.match(await refusal({ AUTOCLAIM_SAMPLE: 'fabrikam' }), /^AUTOCLAIM_SAMPLE must be one of contoso, none/);
    assert.match(await refusal({ AUTOCLAIM_BOOTSTRAP_CLIENT_ID: 'a' }), /must be set together\.$/);
    assert.match(
      await refusal({ DATABASE_URL: 'mysql://root:hunter2@db/x' }),
      /^DATABASE_URL must begin with postgres/,
    );
    assert.equal(
      await refusal({ DATABASE_URL: 'postgres://ann:hunter2@one,two/x?target_session_attrs=standby' }),
      "DATABASE_URL can't be used: target_session_attrs must be read-write, which is also the default: Autoclaim writes.",
    );
  });

  it('is refused where the database cannot be reached, or is none, or is not to be used', async () => {
    assert.match(
      await refusal({ DATABASE_URL: 'postgres://ann:hunter2@127.0.0.1:1/autoclaim' }),
      /^Can't reach the database of DATABASE_URL \(127\.0\.0\.1:1\): connect ECONNREFUSED .+ Check that PostgreSQL runs there, and DATABASE_URL\.$/,
    );
    assert.match(
      await refusal({ DATABASE_URL: 'postgres://ann:hunter2@127.0.0.1:1,127.0.0.1:2/autoclaim' }),
      /^Can't reach the database of DATABASE_URL \(127\.0\.0\.1:1, 127\.0\.0\.1:2\): None of the hosts takes writes \(127\.0\.0\.1:1: connect ECONNREFUSED/,
    );
    assert.match(
      await refusal({ DATABASE_URL: urlOf('no_such_database') }),
      /^The database that DATABASE_URL names does not exist/,
    );
    const database = await emptyDatabase();
    const client = await connectTo(database);
    await client.query(`create role reader_${database} login`);
    await client.query('revoke create on schema public from public');
    const url = urlOf(database).replace(`//${testServer().user}@`, `//reader_${database}@`);
    assert.match(
      await refusal({ DATABASE_URL: url }),
      /^The user of DATABASE_URL may not create tables\. Make it the database's owner\.$/,
    );
    await client.query(`drop role reader_${database}`);
    await client.end();
  });

  it('is refused on a database that a newer version changed', async () => {
    const database = await emptyDatabase();
    const first = await start({ DATABASE_URL: urlOf(database) });
    await first.ready;
    const client = await connectTo(database);
    await client.query("insert into schema_migrations (version, name, is_breaking) values (9999, '9999_later', true)");
    await client.end();
    assert.match(
      await refusal({ DATABASE_URL: urlOf(database) }),
      /migrated by a newer version of Autoclaim \(9999_later\)\. Start that version/,
    );
  });

  it('is refused without its certificate', async () => {
    const settings = { AUTOCLAIM_TLS_CERT: '/no/such.pem', AUTOCLAIM_TLS_KEY: '/no/such.key' };
    const message = await refusal({ DATABASE_URL: urlOf(await emptyDatabase()), ...settings });
    assert.equal(message, 'There is no file /no/such.pem. Correct the setting that names it.');
  });

  it('stops at once at a second signal, but not at the echo of the first', async () => {
    const database = await emptyDatabase();
    const server = await start({ DATABASE_URL: urlOf(database) });
    await server.ready;
    const lock = await holdTenants(database);
    const answer = fetch(`${server.url}/common/v2.0/.well-known/openid-configuration`).catch(() => 'cut');
    await lock.isWaitedFor();
    server.kill('SIGINT');
    server.kill('SIGINT');
    await sleep(700);
    assert.doesNotMatch(server.stdout, /second signal/);
    server.kill('SIGINT');
    assert.equal((await server.ended).code, 1);
    assert.equal(await answer, 'cut');
    await lock.release();
  });

  it('is alive, but not ready, while the database does not answer; and stops in order', async () => {
    const database = await emptyDatabase();
    const server = await start({ DATABASE_URL: urlOf(database) });
    await server.ready;
    const lock = await holdTenants(database);
    const asked = performance.now();
    const answers = await Promise.all(Array.from({ length: 30 }, () => fetch(`${server.url}/readyz`)));
    const tookMs = performance.now() - asked;
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([503]));
    assert.equal(answers[0]!.headers.get('retry-after'), '1');
    assert.ok(tookMs < (await inThisMoment(2_000)), `${tookMs} ms`);
    assert.equal(await lock.waiters(), 1);
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
    await lock.release();
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);

    // A stop answers what is in flight, and takes nothing new.
    const again = await holdTenants(database);
    const answer = fetch(`${server.url}/common/v2.0/.well-known/openid-configuration`);
    await again.isWaitedFor();
    server.kill('SIGTERM');
    await sleep(300);
    await assert.rejects(fetch(`${server.url}/healthz`));
    await again.release();
    assert.equal((await answer).status, 200);
    const { code } = await server.ended;
    assert.equal(code, 0);
    assert.match(server.stdout, /Stopping \(SIGTERM\)/);
  });

  it('writes the secret nowhere else than where only its owner reads', async () => {
    const data = join(folder.path, 'given');
    mkdirSync(data);
    writeFileSync(join(data, 'first-client.env'), '', { mode: 0o644 });
    const server = await start({ DATABASE_URL: urlOf(await emptyDatabase()), AUTOCLAIM_DATA_DIR: data });
    await server.ready;
    assert.equal(statSync(join(data, 'first-client.env')).mode & 0o777, 0o600);
  });

  /** Keeps the tenants from being read, as a database that hangs would. */
  async function holdTenants(database: string) {
    const client = await connectTo(database);
    await client.query('begin; lock table tenants, verified_domains in access exclusive mode');
    const waiters = async () => {
      const { rows } = await admin.query<{ count: string }>(
        "select count(*) from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'",
        [database],
      );
      return Number(rows[0]!.count);
    };
    return {
      waiters,
      async isWaitedFor() {
        while ((await waiters()) === 0) await sleep(20);
      },
      async release() {
        await client.query('rollback');
        await client.end();
      },
    };
  }
});
