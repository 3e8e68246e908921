import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'node:test';
import type pg from 'pg';
import { restoreBackup } from '../../src/db/backup/restore.ts';
import { writeBackup } from '../../src/db/backup/write.ts';
import { migrate } from '../../src/db/migrate.ts';
import { readMigrations } from '../../src/db/migrations.ts';
import { openDatabase } from '../../src/db/open.ts';
import { temporaryFolder } from '../harness/autoclaim-process.ts';
import { beginCommand, runCommand, runForJson } from '../harness/command.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';
import { EmptyDatabases } from '../harness/empty-databases.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

describe('a back-up', { concurrency: false }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let db: TestDatabase;
  let url: string;
  const databases = new EmptyDatabases();
  const at = (name: string) => join(folder.path, name);

  before(async () => {
    folder = await temporaryFolder();
    db = await createTestDatabase();
    const { host, port, user, database } = db.connection;
    url = `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;
    await db.pool.query(
      "insert into tenants (tenant_id, display_name, default_domain, country_letter_code, created_at) values ($1, 'A', 'a.example', 'US', now())",
      [randomUUID()],
    );
  });

  after(async () => {
    await databases.drop();
    await db.close();
    await folder.remove();
  });

  /** Everything in a database, in an order. */
  const everything = async (pool: pg.Pool) => {
    const { rows: tables } = await pool.query<{ name: string }>(
      "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'schema_migrations' order by 1",
    );
    const all: Record<string, unknown[]> = {};
    for (const { name } of tables) {
      all[name] = (await pool.query(`select row_to_json(t)::text as row from "${name}" t order by 1`)).rows;
    }
    return all;
  };
  const schema = async (pool: pg.Pool) =>
    (
      await pool.query(
        `select conrelid::regclass::text as on, conname as name, pg_get_constraintdef(oid) as text from pg_constraint where connamespace = 'public'::regnamespace
         union all select tablename, indexname, indexdef from pg_indexes where schemaname = 'public' order by 1, 2, 3`,
      )
    ).rows;

  it('brings back every value as it was, and every key and index', async () => {
    const names = [
      'tab\there',
      'line\nend',
      'back\\slash',
      '\\.',
      '\\N',
      '"quotes" \'and\' {braces}',
      'É 日本 🎫 \u200f',
      ' ',
      '\r\n',
      'NULL',
    ];
    for (const name of names) {
      await db.pool.query(
        `insert into users (tenant_id, user_id, user_principal_name, display_name, mail, other_mails, created_at)
         select tenant_id, gen_random_uuid(), gen_random_uuid(), $1, case when $1 = ' ' then '' end, array[$1, '', 'x,y'], now() from tenants`,
        [name],
      );
      await db.pool.query(
        `insert into audit_entries (tenant_id, audit_id, happened_at, category, activity, operation, actor, target_type, changes)
         select tenant_id, gen_random_uuid(), clock_timestamp(), 'c', 'a', 'Add', jsonb_build_object('name', $1::text, 'n', 1e30), 't', '[null, 0.1]' from tenants`,
        [name],
      );
    }
    const { manifest, sha256, bytes, file } = await runForJson(['db', 'backup', at('whole.tar.gz')], {
      DATABASE_URL: url,
    });
    assert.equal(manifest.tables.find(({ name }: any) => name === 'users').rows, names.length);
    assert.equal(statSync(file).size, bytes);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.match(sha256, /^[0-9a-f]{64}$/);
    const target = await databases.make();
    const restored = await runForJson(['db', 'restore', file], { DATABASE_URL: target.url });
    assert.deepEqual(restored.migrated, []);
    assert.deepEqual(await everything(target.pool), await everything(db.pool));
    assert.deepEqual(await schema(target.pool), await schema(db.pool));
    assert.ok((await schema(db.pool)).length > 50);
  });

  it('is a tar archive that any tar reads', async () => {
    await runForJson(['db', 'backup', at('tar.tar.gz')], { DATABASE_URL: url });
    const { stdout, status } = spawnSync('tar', ['-xzOf', at('tar.tar.gz'), 'manifest.json'], { encoding: 'utf8' });
    assert.equal(status, 0);
    assert.equal(JSON.parse(stdout).application, 'autoclaim');
  });

  it('has every table of the schema', async () => {
    const { manifest } = await runForJson(['db', 'backup', at('tables.tar.gz')], { DATABASE_URL: url });
    assert.deepEqual(
      manifest.tables.map(({ name }: any) => name),
      Object.keys(await everything(db.pool)),
    );
  });

  it('replaces a file only where it is told to, and leaves nothing half-written', async () => {
    writeFileSync(at('mine.tar.gz'), 'mine');
    const refused = await runCommand(['db', 'backup', at('mine.tar.gz')], { DATABASE_URL: url });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /mine\.tar\.gz is there already\. Choose another name, or replace it with --force\./);
    assert.equal(readFileSync(at('mine.tar.gz'), 'utf8'), 'mine');
    await runForJson(['db', 'backup', '--force', at('mine.tar.gz')], { DATABASE_URL: url });
    assert.equal((await runCommand(['db', 'check', at('mine.tar.gz')])).code, 0);
    assert.equal(statSync(at('mine.tar.gz')).mode & 0o777, 0o600);
    const nowhere = await runCommand(['db', 'backup', at('no/such/folder.tar.gz')], { DATABASE_URL: url });
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.stderr, /can't be written: ENOENT/);
    assert.deepEqual(
      readdirSync(folder.path).filter((name) => name.includes('.part')),
      [],
    );
  });

  it('that is interrupted, or whose connection is cut, leaves no file', async (t) => {
    const holder = await db.pool.connect();
    t.after(() => {
      holder.release(true);
    });
    await holder.query('begin; lock table users in access exclusive mode');
    const isWaiting = async () => {
      const { rows } = await db.pool.query(
        "select pid from pg_stat_activity where datname = current_database() and application_name = 'autoclaim db' and wait_event_type = 'Lock'",
      );
      return rows[0]?.pid as number | undefined;
    };
    for (const end of ['SIGINT', 'cut'] as const) {
      const command = beginCommand(['db', 'backup', at('cut.tar.gz')], { DATABASE_URL: url });
      let pid: number | undefined;
      while ((pid = await isWaiting()) === undefined) await sleep(20);
      if (end === 'SIGINT') command.kill(end);
      else await db.pool.query('select pg_terminate_backend($1)', [pid]);
      const { code, stderr } = await command.ended;
      assert.equal(code, end === 'SIGINT' ? 130 : 1);
      assert.match(
        stderr,
        end === 'SIGINT' ? /^Interrupted: nothing was changed\.\n$/ : /^Can't reach the database of DATABASE_URL/,
      );
      // The server has noticed that nobody waits any more.
      for (const until = Date.now() + 20_000; (await isWaiting()) !== undefined;) {
        assert.ok(Date.now() < until);
        await sleep(20);
      }
    }
    assert.deepEqual(
      readdirSync(folder.path).filter((name) => name.startsWith('cut')),
      [],
    );
  });

  it('of an older version is restored as it was, and migrated from there; sequences go on', async () => {
    const older = at('older');
    cpSync(MIGRATIONS, older, { recursive: true });
    writeFileSync(
      join(older, '9001_numbered.sql'),
      `create table numbered (tenant_id uuid not null, n bigint generated always as identity, twice bigint generated always as (1 + 1) stored, primary key (tenant_id, n));
       create index numbered_by_twice on numbered (twice);`,
    );
    const newer = at('newer');
    cpSync(older, newer, { recursive: true });
    writeFileSync(
      join(newer, '9002_filled.sql'),
      '-- breaking\nalter table numbered add column seen_rows bigint; update numbered set seen_rows = (select count(*) from numbered);',
    );
    const source = await databases.make();
    const old = openDatabase({ connectionString: source.url }, () => undefined);
    await migrate(old, { migrations: await readMigrations(older) });
    await old.close();
    await source.pool.query('insert into numbered select gen_random_uuid() from generate_series(1, 7)');
    const backup = await writeBackup({ connectionString: source.url }, at('older.tar.gz'), {
      version: '0',
      mayReplace: false,
      migrations: await readMigrations(newer),
    });
    assert.deepEqual(backup.manifest.sequences, [{ name: 'numbered_n_seq', lastValue: '7', isCalled: true }]);
    const target = await databases.make();
    const { migrated } = await restoreBackup({ connectionString: target.url }, at('older.tar.gz'), {
      migrations: await readMigrations(newer),
    });
    assert.deepEqual(migrated, ['9002_filled']);
    await target.pool.query('insert into numbered select gen_random_uuid()');
    const { rows } = await target.pool.query(
      'select max(n)::int as last, count(*)::int as count, sum(seen_rows)::int as seen from numbered',
    );
    assert.deepEqual(rows, [{ last: 8, count: 8, seen: 49 }]);
    // This version doesn't know those migrations: neither does it back such a database up, nor restore it.
    const unknown = await runCommand(['db', 'backup', at('unknown.tar.gz')], { DATABASE_URL: target.url });
    assert.equal(unknown.code, 1);
    assert.match(
      unknown.stderr,
      /The database is of a newer version of Autoclaim \(9001_numbered\)\. Use that version's command\./,
    );
  });

  it('that fails at its last step leaves the database empty', async () => {
    const later = at('failing');
    mkdirSync(later);
    cpSync(MIGRATIONS, later, { recursive: true });
    writeFileSync(join(later, '9001_fails.sql'), 'select 1 / 0');
    await writeBackup(db.connection, at('fails.tar.gz'), { version: '0', mayReplace: false });
    const target = await databases.make();
    await assert.rejects(
      restoreBackup({ connectionString: target.url }, at('fails.tar.gz'), { migrations: await readMigrations(later) }),
      /division by zero/,
    );
    assert.deepEqual(await everything(target.pool), {});
  });

  it('needs an Autoclaim in the database', async () => {
    const { code, stderr } = await runCommand(['db', 'backup', at('x.tar.gz')], {
      DATABASE_URL: (await databases.make()).url,
    });
    assert.deepEqual([code, stderr], [1, 'There is no Autoclaim in that database.\n']);
  });
});

describe('the command line', () => {
  it('ends with 2, and says where to look, where it is not understood', async () => {
    for (const [args, message] of [
      [['bd'], /unknown command 'bd'/],
      [['db'], /Usage: autoclaim db/],
      [['db', 'backup'], /missing required argument 'file'[^]+autoclaim db backup --help/],
      [['db', 'restore', '--force', 'x'], /unknown option '--force'/],
      [['db', 'move'], /required option '--to <url>' not specified/],
      [['serve', 'x'], /too many arguments for 'serve'/],
    ] as const) {
      const { code, stderr, stdout } = await runCommand(args);
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, message);
    }
    const help = await runCommand(['db', '--help']);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /backup \[options\] <file>/);
  });
});
