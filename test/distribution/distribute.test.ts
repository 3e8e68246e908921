import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { writeBackup } from '../../src/db/backup/write.ts';
import { distributeDatabase, type Distribution } from '../../src/db/distribute/distribute.ts';
import { DistributionRefused } from '../../src/db/distribute/refusal.ts';
import { COORDINATOR_TABLES, DISTRIBUTED_TABLES } from '../../src/db/distribute/tables.ts';
import { holdSchema } from '../../src/db/held-schema.ts';
import { migrate } from '../../src/db/migrate.ts';
import { readMigrations } from '../../src/db/migrations.ts';
import { openDatabase } from '../../src/db/open.ts';
import { createTestDatabase, testServer, type TestDatabase } from '../harness/database.ts';
import { createStandIn } from './citus-stand-in.ts';

const refusal = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof DistributionRefused, String(error));
  assert.match(error.message, message);
  return true;
};

describe('distributing a database', () => {
  it('is refused on a PostgreSQL without Citus, and changes nothing', async () => {
    const db = await createTestDatabase();
    try {
      await assert.rejects(distributeDatabase(db.connection), refusal(/has no Citus.*One PostgreSQL needs no/));
    } finally {
      await db.close();
    }
  });

  describe('where Citus is', () => {
    let db: Awaited<ReturnType<typeof createStandIn>>;
    beforeEach(async () => {
      db = await createStandIn();
    });
    const closing = (work: () => Promise<void>) => () => work().finally(() => db.close());

    it(
      'distributes all tables of the tenants, parents first, and frees the coordinator, children first',
      closing(async () => {
        const seen: string[] = [];
        const done = await distributeDatabase(db.connection, { onTable: (name) => seen.push(name) });
        const expected: Distribution = {
          distributed: DISTRIBUTED_TABLES,
          already: [],
          onCoordinator: COORDINATOR_TABLES,
          nodes: 2,
        };
        assert.deepEqual(done, expected);
        assert.deepEqual(seen, [...DISTRIBUTED_TABLES]);
        assert.deepEqual(await db.calls(), [
          ...DISTRIBUTED_TABLES.map((name) => `distribute ${name}${name === 'tenants' ? ' into 32 shards' : ''}`),
          ...DISTRIBUTED_TABLES.toReversed().map((name) => `free ${name}`),
        ]);
        const { rows } = await db.pool.query(
          'select distinct partmethod::text, partkey, colocationid from pg_dist_partition',
        );
        assert.deepEqual(rows, [{ partmethod: 'h', partkey: 'tenant_id', colocationid: 1 }]);
      }),
    );

    it(
      'takes the number of shards that is wanted',
      closing(async () => {
        await distributeDatabase(db.connection, { shards: 7 });
        assert.equal((await db.calls())[0], 'distribute tenants into 7 shards');
      }),
    );

    it(
      'does nothing again, and distributes what came since beside the others',
      closing(async () => {
        await distributeDatabase(db.connection);
        const again = await distributeDatabase(db.connection);
        assert.deepEqual([again.distributed, again.already], [[], [...DISTRIBUTED_TABLES]]);
        // As if an upgrade had just brought these.
        await db.pool.query(
          "delete from pg_dist_partition where logicalrelid in ('claims'::regclass, 'sign_ins'::regclass)",
        );
        assert.deepEqual((await distributeDatabase(db.connection)).distributed, ['claims', 'sign_ins']);
        const { rows } = await db.pool.query('select distinct colocationid from pg_dist_partition');
        assert.equal(rows.length, 1);
      }),
    );

    it(
      'leaves nothing behind of an attempt that fails half-way',
      closing(async () => {
        await db.pool.query(
          "create function bad() returns trigger language plpgsql as 'begin return new; end'; create trigger bad before insert on policies for each row execute function bad()",
        );
        await assert.rejects(distributeDatabase(db.connection), /"policies" because it has triggers/);
        assert.deepEqual(await db.calls(), []);
        await db.pool.query('drop trigger bad on policies');
        assert.equal((await distributeDatabase(db.connection)).distributed.length, DISTRIBUTED_TABLES.length);
      }),
    );

    it(
      'is refused while a server runs on the database',
      closing(async () => {
        const server = await holdSchema(db.connection, () => undefined);
        await assert.rejects(distributeDatabase(db.connection), refusal(/server of Autoclaim is running.*Stop all/));
        assert.deepEqual(await db.calls(), []);
        await server.release();
        assert.equal((await distributeDatabase(db.connection)).already.length, 0);
      }),
    );

    it(
      'leaves a database that db backup refuses, since no file could be of one moment of several nodes',
      closing(async () => {
        const folder = await mkdtemp(join(tmpdir(), 'autoclaim-backup-'));
        const backup = (name: string) =>
          writeBackup(db.connection, join(folder, name), { version: '0', mayReplace: false, onTable: () => undefined });
        await backup('before.tar.gz');
        await distributeDatabase(db.connection);
        await assert.rejects(backup('after.tar.gz'), /distributed over several nodes.*Back up each node/);
        assert.deepEqual(await readdir(folder), ['before.tar.gz']);
        await rm(folder, { recursive: true });
      }),
    );

    it(
      'leaves a database whose migrations distribute the tables that they make, before their foreign keys',
      closing(async () => {
        await distributeDatabase(db.connection);
        // As before the migration that makes these.
        await db.pool.query(`drop table pool_use;
          delete from pg_dist_partition p where not exists (select from pg_class c where c.oid = p.logicalrelid);
          delete from schema_migrations where name = '0004_pool_use'`);
        const migrations = await readMigrations();
        const table =
          'create table pool_use (tenant_id uuid, sku_id uuid, day date, primary key (tenant_id, sku_id, day)';
        const key = 'foreign key (tenant_id, sku_id) references products';
        const written = (sql: string) =>
          migrations.map((one) => (one.name === '0004_pool_use' ? { ...one, sql } : one));
        const sql = `${table});\n-- once distributed\nalter table pool_use add ${key};\n`;
        assert.deepEqual(await migrate(db, { migrations: written(sql) }), ['0004_pool_use']);
        assert.deepEqual((await db.calls()).at(-1), 'distribute pool_use');
        const { rows } = await db.pool.query(
          "select from pg_constraint where conrelid = 'pool_use'::regclass and contype = 'f'",
        );
        assert.equal(rows.length, 1);
      }),
    );

    for (const [name, statement, message] of [
      ['on a worker', 'update pg_dist_local_group set groupid = 3', /a worker of the cluster.*DATABASE_URL/],
      [
        'without nodes that take shards',
        'update pg_dist_node set shouldhaveshards = false',
        /No node .* citus_add_node/,
      ],
      [
        'where a table is distributed by something else',
        "insert into pg_dist_partition values ('users', 'h', 'user_id', 9)",
        /the table users already.*undistribute_table\('users'\)/,
      ],
      [
        'where a table is a reference table',
        "insert into pg_dist_partition values ('client_ids', 'n', null, 9)",
        /client_ids already/,
      ],
      [
        'on the schema of another version',
        "insert into schema_migrations values (9999, '9999_later', false)",
        /9999_later, which is not/,
      ],
      ['on a database without Autoclaim', 'drop table schema_migrations', /no Autoclaim in this database yet/],
    ] as const) {
      it(
        `is refused ${name}`,
        closing(async () => {
          await db.pool.query(statement);
          await assert.rejects(distributeDatabase(db.connection), refusal(message));
          assert.deepEqual(await db.calls(), []);
        }),
      );
    }

    it(
      'says so where the tables came to lie apart',
      closing(async () => {
        await distributeDatabase(db.connection);
        await db.pool.query("update pg_dist_partition set colocationid = 2 where logicalrelid = 'claims'::regclass");
        await assert.rejects(distributeDatabase(db.connection), refusal(/do not all lie together/));
      }),
    );
  });

  it('is refused by a Citus that is too old', async () => {
    const db = await createStandIn('11.3-1');
    try {
      await assert.rejects(distributeDatabase(db.connection), refusal(/Citus 11.3-1, and Citus 12 or later/));
    } finally {
      await db.close();
    }
  });

  it('is refused where Citus is installed and not created', async () => {
    const db = await createStandIn();
    // The files are gone, but the catalogue's view of what there is can be had.
    await db.pool.query('drop extension citus cascade; create schema shown');
    await db.pool.query("create view shown.pg_available_extensions as select 'citus' as name");
    const search = { ...db.connection, options: '-c search_path=shown,pg_catalog,public' };
    try {
      await assert.rejects(distributeDatabase(search), refusal(/not in this database.*create extension citus/));
    } finally {
      await db.close();
    }
  });
});

describe('autoclaim db distribute', () => {
  let db: TestDatabase;
  before(async () => {
    db = await createStandIn();
  });
  after(() => db.close());

  const urlOf = ({ connection }: TestDatabase) => {
    const { host, port, user } = testServer();
    return `postgresql://${user}@/${connection.database}?host=${encodeURIComponent(host)}&port=${port}`;
  };
  const run = async (args: readonly string[], databaseUrl: string) => {
    const { PATH = '' } = process.env;
    const environment = { PATH, DATABASE_URL: databaseUrl, AUTOCLAIM_DATA_DIR: '/nonexistent' };
    return promisify(execFile)(process.execPath, ['src/main.ts', 'db', 'distribute', ...args], {
      env: environment,
    }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
  };

  it('tells what it did, and as JSON that there is nothing more to do', async () => {
    const { code, stdout, stderr } = await run([], urlOf(db));
    assert.equal(code, 0, stderr);
    const tables = DISTRIBUTED_TABLES.length;
    assert.match(
      stdout,
      new RegExp(
        `^Distributed ${tables} tables by tenant over 2 nodes; verified_domains, .* stay on the coordinator. Start the servers.\n$`,
      ),
    );
    const again = await run(['--json'], urlOf(db));
    assert.equal(JSON.parse(again.stdout).already.length, tables);
  });

  it('refuses without a trace of a stack, with the exit code of a failure', async () => {
    const plain = await createTestDatabase();
    const { code, stdout, stderr } = await run([], urlOf(plain));
    await plain.close();
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^This PostgreSQL has no Citus.*\n$/);
    const embedded = await run([], '');
    assert.equal(embedded.code, 1);
    assert.match(embedded.stderr, /^The embedded PostgreSQL can not be distributed/);
    assert.equal((await run(['--shards', 'many'], urlOf(db))).code, 2);
  });

  it('leaves a database on which a server starts', async () => {
    const server = await holdSchema(db.connection, () => undefined);
    await server.release();
    const opened = openDatabase(db.connection, () => undefined);
    assert.deepEqual(await migrate(opened), []);
    await opened.close();
  });
});
