import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import pg from 'pg';
import { restoreBackup } from '../../src/db/backup/restore.ts';
import { preparePlace } from '../../src/db/embedded/place.ts';
import { ServerProcess } from '../../src/db/embedded/server-process.ts';
import { startAutoclaim, temporaryFolder, type AutoclaimProcess } from '../harness/autoclaim-process.ts';
import { runCommand, runForJson } from '../harness/command.ts';
import { EmptyDatabases } from '../harness/empty-databases.ts';

const OLD_PROGRAMS = '/usr/lib/postgresql/15/bin';

describe('the commands on the embedded PostgreSQL', { concurrency: false }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let running: AutoclaimProcess[] = [];
  const databases = new EmptyDatabases();
  const at = (name: string) => join(folder.path, name);
  const start = async (data: string, settings: Record<string, string> = {}) => {
    const server = await startAutoclaim({ AUTOCLAIM_DATA_DIR: data, AUTOCLAIM_SAMPLE: 'contoso', ...settings });
    running.push(server);
    return server;
  };
  const signIns = (data: string) => ({
    AUTOCLAIM_DATA_DIR: data,
    AUTOCLAIM_BOOTSTRAP_CLIENT_ID: 'robot',
    AUTOCLAIM_BOOTSTRAP_CLIENT_SECRET: 'a long secret of the test',
  });
  /** A statement on the folder's running server, as one column. */
  const ask = async (data: string, statement: string) => {
    const client = new pg.Client({ host: join(data, 'postgresql-socket'), user: 'autoclaim', database: 'autoclaim' });
    await client.connect();
    const { rows } = await client.query(statement);
    await client.end();
    return rows[0].value as unknown;
  };
  const PRINT =
    "select md5(string_agg(u::text, ',' order by u::text)) as value from (select user_id, display_name, created_at from users) u";
  let print: unknown;

  before(async () => {
    folder = await temporaryFolder();
  });
  afterEach(async () => {
    running.forEach((server) => server.kill('SIGTERM'));
    await Promise.all(running.map((server) => server.ended));
    running = [];
  });
  after(async () => {
    await databases.drop();
    await folder.remove();
  });

  it('back up while it serves, refuse to restore meanwhile, and restore elsewhere', async () => {
    const [data, other] = [at('data'), at('other')];
    const server = await start(data);
    await server.ready;
    const { manifest } = await runForJson(['db', 'backup', at('served.tar.gz')], signIns(data));
    assert.ok(manifest.tables.find(({ name }: any) => name === 'users').rows >= 250);
    for (const command of [
      ['db', 'restore', at('served.tar.gz')],
      ['db', 'move', '--to', 'postgres://x@127.0.0.1:1/x'],
    ]) {
      const { code, stderr } = await runCommand(command, signIns(data));
      assert.equal(code, 1);
      assert.match(stderr, /^Another Autoclaim is running on the data folder/);
    }
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
    print = await ask(data, PRINT);
    await server.stop();
    // Once more, now that nobody serves: it starts the server, and stops it again.
    await runForJson(['db', 'backup', at('stopped.tar.gz')], signIns(data));
    assert.ok(!existsSync(join(data, 'postgresql', 'postmaster.pid')));
    await runForJson(['db', 'restore', at('served.tar.gz')], signIns(other));
    const restored = await start(other);
    await restored.ready;
    assert.equal(await ask(other, PRINT), print);
    assert.match(restored.stdout, /for Contoso/);
    assert.doesNotMatch(restored.stdout, /Client secret/);
  });

  it('need an installation there', async () => {
    for (const command of [['backup', at('x.tar.gz')], ['move', '--to', 'postgres://x@127.0.0.1:1/x'], ['upgrade']]) {
      const { code, stderr } = await runCommand(['db', ...command], { AUTOCLAIM_DATA_DIR: at('nowhere') });
      assert.equal(code, 1);
      assert.match(stderr, /^There is no database in the data folder/);
    }
    assert.ok(!existsSync(at('nowhere')));
  });

  it('move it to a PostgreSQL of its own, and keep two from going on from one moment', async () => {
    const data = at('data');
    const target = await databases.make();
    const unreachable = await runCommand(['db', 'move', '--to', 'postgres://ann:hunter2@127.0.0.1:1/x'], signIns(data));
    assert.equal(unreachable.code, 1);
    assert.match(unreachable.stderr, /^Can't reach the database of --to \(127\.0\.0\.1:1\)/);
    assert.doesNotMatch(unreachable.stderr, /hunter2/);
    const withPassword = target.url.replace('@', ':hunter2@');
    const { code, stdout, stderr } = await runCommand(['db', 'move', '--to', withPassword], signIns(data));
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /each table has as many rows there as here\.\nFrom now on start the server with\n {2}DATABASE_URL=postgres:\/\/autoclaim:\*\*\*@/,
    );
    assert.doesNotMatch(stdout, /hunter2/);
    const { rows } = await target.pool.query(PRINT);
    assert.equal(rows[0].value, print);
    const old = await start(data);
    assert.equal((await old.ended).code, 1);
    assert.match(old.stderr, /^The database of .+ moved to postgres:.+ Set DATABASE_URL to it\. To go back .+ delete /);
    const moved = await start(data, { DATABASE_URL: target.url });
    await moved.ready;
    assert.match(moved.stdout, /for Contoso\.[^]+its id and secret are in/);
    // A second time there is nothing empty to move to.
    const again = await runCommand(['db', 'move', '--to', target.url], signIns(data));
    assert.equal(again.code, 1);
  });

  it(
    'upgrade the data of an older PostgreSQL, and say so where a start finds them',
    { skip: !existsSync(join(OLD_PROGRAMS, 'initdb')) && `needs PostgreSQL 15 in ${OLD_PROGRAMS}` },
    async () => {
      const data = at('of-15');
      await makeOldData(data, at('served.tar.gz'));
      const refused = await start(data);
      assert.equal((await refused.ended).code, 1);
      assert.match(
        refused.stderr,
        /are PostgreSQL 15's, and this Autoclaim brings \d+\. Nothing was changed\. To bring them over: autoclaim db upgrade\./,
      );
      const wrong = await runCommand(['db', 'upgrade', '--old-programs', folder.path], signIns(data));
      assert.equal(wrong.code, 1);
      assert.match(
        wrong.stderr,
        /can only be read by PostgreSQL 15, which is not in .+ Install it, or name its folder with --old-programs\./,
      );
      const { from, to, former } = await runForJson(['db', 'upgrade'], signIns(data));
      assert.equal(from, '15');
      assert.equal(readFileSync(join(data, 'postgresql', 'PG_VERSION'), 'utf8').trim(), to);
      assert.equal(readFileSync(join(former, 'PG_VERSION'), 'utf8').trim(), '15');
      assert.deepEqual(
        readdirSync(data).filter((name) => name.includes('-upgrade')),
        [],
      );
      const upgraded = await start(data);
      await upgraded.ready;
      assert.equal(await ask(data, PRINT), print);
      await upgraded.stop();
      const again = await runCommand(['db', 'upgrade'], signIns(data));
      assert.equal(again.code, 1);
      assert.match(again.stderr, /^There is nothing to upgrade/);
    },
  );

  /** A data folder as a version of Autoclaim with PostgreSQL 15 would have left it. */
  async function makeOldData(data: string, backup: string): Promise<void> {
    const place = preparePlace(data, () => undefined);
    const options = ['-D', place.data, '--username=autoclaim', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8'];
    const { uid, gid } = place.runAs ?? {};
    const { status, stderr } = spawnSync(join(OLD_PROGRAMS, 'initdb'), options, {
      cwd: '/',
      uid,
      gid,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    const server = new ServerProcess(place, { folder: OLD_PROGRAMS, majorVersion: '15' }, () => undefined);
    await server.start();
    await restoreBackup(server.connection, backup);
    await server.stop();
  }
});
