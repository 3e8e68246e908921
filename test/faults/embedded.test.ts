import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import {
  inThisMoment,
  isRunning,
  postmasterOf,
  startAutoclaim,
  temporaryFolder,
  type AutoclaimProcess,
} from '../harness/autoclaim-process.ts';

// One data folder through its life, with real processes; each test begins where the one before ended.

describe('the embedded PostgreSQL', { skip: process.platform !== 'linux' && 'looks into /proc' }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let data: string;
  let server: AutoclaimProcess;

  before(async () => {
    folder = await temporaryFolder();
    data = join(folder.path, 'data');
  });

  after(async () => {
    server.kill('SIGTERM');
    await server.ended;
    await folder.remove();
  });

  const start = () => startAutoclaim({ AUTOCLAIM_DATA_DIR: data });
  const connect = async () => {
    const client = new pg.Client({ host: join(data, 'postgresql-socket'), user: 'autoclaim', database: 'autoclaim' });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  /** What a client was told is committed. */
  const acknowledge = async (domain: string) => {
    const client = await connect();
    await client.query('insert into verified_domains (domain, tenant_id) select $1, tenant_id from tenants', [domain]);
    await client.end();
  };
  const acknowledged = async () => {
    const client = await connect();
    const { rows } = await client.query<{ domain: string }>(
      "select domain from verified_domains where domain like '%.test' order by 1",
    );
    await client.end();
    return rows.map(({ domain }) => domain);
  };
  const isAnswering = async () => (await fetch(`${server.url}/readyz`)).status === 200;

  it('starts on an empty folder, which is closed to everybody else, and listens on a socket alone', async () => {
    server = await start();
    await server.ready;
    assert.ok(await isAnswering());
    for (const name of ['', 'postgresql', 'postgresql-socket'])
      assert.equal(statSync(join(data, name)).mode & 0o777, 0o700, name);
    for (const name of ['first-client.env', 'postgresql.log'])
      assert.equal(statSync(join(data, name)).mode & 0o777, 0o600, name);
    const client = await connect();
    const { rows } = await client.query(
      "select current_setting('listen_addresses') as tcp, current_setting('fsync') as fsync, current_setting('synchronous_commit') as sync",
    );
    await client.end();
    assert.deepEqual(rows, [{ tcp: '', fsync: 'on', sync: 'on' }]);
  });

  it('shows the first secret once, on stdout and in a file, and never in the log', async () => {
    const file = readFileSync(join(data, 'first-client.env'), 'utf8');
    const secret = /^AUTOCLAIM_CLIENT_SECRET=(.+)$/m.exec(file)?.[1] ?? '';
    assert.match(secret, /^[\w-]{43}$/);
    assert.ok(server.stdout.includes(secret));
    assert.ok(!server.stderr.includes(secret));
    assert.ok(!readFileSync(join(data, 'postgresql.log'), 'utf8').includes(secret));
  });

  it('refuses a second Autoclaim on the folder at once, and the first goes on unharmed', async () => {
    const postmaster = postmasterOf(data);
    const second = await start();
    const { code, afterMs } = await second.ended;
    assert.equal(code, 1);
    assert.match(
      second.stderr,
      /^Another Autoclaim is running on the data folder .+ Stop it first, or set AUTOCLAIM_DATA_DIR/,
    );
    assert.doesNotMatch(second.stderr, /\n\s+at /);
    // Within 2 s on a machine that does nothing else; here, only that it doesn't wait for the first to end.
    const limitMs = await inThisMoment(6_000);
    assert.ok(afterMs < limitMs, `${afterMs} ms of ${limitMs}`);
    assert.equal(postmasterOf(data), postmaster);
    assert.ok(await isAnswering());
  });

  it('is adopted after a SIGKILL of Autoclaim, with all that was acknowledged', async () => {
    await acknowledge('one.test');
    const postmaster = postmasterOf(data);
    server.kill('SIGKILL');
    await server.ended;
    assert.ok(isRunning(postmaster));
    server = await start();
    await server.ready;
    assert.equal(postmasterOf(data), postmaster);
    assert.deepEqual(await acknowledged(), ['one.test']);
    assert.match(server.stdout, /its id and secret are in .*first-client\.env/);
  });

  it('comes back by itself after a SIGKILL of the postmaster, and still belongs to this Autoclaim', async () => {
    await acknowledge('two.test');
    const postmaster = postmasterOf(data);
    process.kill(postmaster, 'SIGKILL');
    await eventually(async () => postmasterOf(data) !== postmaster && (await isAnswering()));
    assert.deepEqual(await acknowledged(), ['one.test', 'two.test']);
    const second = await start();
    assert.equal((await second.ended).code, 1);
    assert.match(second.stderr, /^Another Autoclaim is running/);
    assert.ok(await isAnswering());
  });

  it('leaves no process after a stop', async () => {
    const postmaster = postmasterOf(data);
    await server.stop();
    assert.deepEqual((await server.ended).code, 0);
    assert.ok(!isRunning(postmaster));
    assert.ok(!existsSync(join(data, 'postgresql', 'postmaster.pid')));
  });

  it('starts where a pid file names a process that is now something else', async () => {
    // This test itself, and a PostgreSQL that isn't this folder's.
    for (const stranger of [process.pid, await anyPostmaster()]) {
      writeFileSync(
        join(data, 'postgresql', 'postmaster.pid'),
        `${stranger}\n${join(data, 'postgresql')}\n0\n5432\n\n\n0 0\n`,
      );
      writeFileSync(join(data, 'postgresql-socket', '.s.PGSQL.5432.lock'), `${stranger}\n`);
      server = await start();
      await server.ready;
      assert.notEqual(postmasterOf(data), stranger);
      assert.ok(isRunning(stranger));
      assert.deepEqual(await acknowledged(), ['one.test', 'two.test']);
      await server.stop();
    }
  });

  it('says what PostgreSQL complains of where it does not start', async () => {
    const configuration = join(data, 'postgresql', 'postgresql.conf');
    const whole = readFileSync(configuration);
    writeFileSync(configuration, 'no_such_setting = 1\n', { flag: 'a' });
    server = await start();
    assert.equal((await server.ended).code, 1);
    assert.match(
      server.stderr,
      /^PostgreSQL does not start: configuration file .* contains errors\. Its log is .*postgresql\.log\.\n$/,
    );
    writeFileSync(configuration, whole);
  });

  it('refuses data of another version of PostgreSQL', async () => {
    const file = join(data, 'postgresql', 'PG_VERSION');
    const version = readFileSync(file, 'utf8');
    writeFileSync(file, '14\n');
    server = await start();
    assert.equal((await server.ended).code, 1);
    assert.match(server.stderr, /are PostgreSQL 14's, and this Autoclaim brings 18/);
    writeFileSync(file, version);
  });

  it('begins with nothing where the folder was deleted', async () => {
    rmSync(data, { recursive: true });
    server = await start();
    await server.ready;
    assert.deepEqual(await acknowledged(), []);
  });
});

/** Some PostgreSQL that runs here: that of the test run. */
async function anyPostmaster(): Promise<number> {
  const { host, user } = JSON.parse(process.env['TEST_POSTGRESQL'] ?? '') as { host: string; user: string };
  const client = new pg.Client({ host, user, database: 'postgres' });
  await client.connect();
  const { rows } = await client.query<{ pid: string }>(
    "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1) as pid",
  );
  await client.end();
  return Number(rows[0]!.pid);
}

async function eventually(isSo: () => Promise<boolean>, withinMs = 10_000): Promise<void> {
  const until = performance.now() + withinMs;
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > until) assert.fail(`not within ${withinMs} ms`);
    await sleep(50);
  }
}
