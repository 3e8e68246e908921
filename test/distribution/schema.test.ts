import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { COORDINATOR_TABLES, DISTRIBUTED_TABLES } from '../../src/db/distribute/tables.ts';
import { readMigrations } from '../../src/db/migrations.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';

// What the catalogue of a migrated database says of whether its tables can be distributed by
// tenant, without any Citus.

/** The version before the first that could be distributed: its tables were all there then. */
const LAST_BEFORE_DISTRIBUTION = 5;

let db: TestDatabase;
before(async () => {
  db = await createTestDatabase();
});
after(() => db.close());

/** The lines of a question that has none where all is well. */
async function faults(question: string, ...values: readonly unknown[]): Promise<string[]> {
  const { rows } = await db.pool.query<{ fault: string }>(question, [...values]);
  return rows.map(({ fault }) => fault);
}

const OURS = `n.nspname = 'public'`;
const KEY_COLUMNS = (numbers: string, table: string) =>
  `(select array_agg(a.attname::text order by k.place) from unnest(${numbers}) with ordinality as k(number, place)
      join pg_attribute a on a.attrelid = ${table} and a.attnum = k.number)`;

/** Keys of the tenants' tables that don't begin with tenant_id: primary, unique and foreign ones, and indexes that are unique. */
const KEYS = `
  select format('%s: %s (%s)', t.relname, c.conname, array_to_string(k.columns, ', ')) as fault
    from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_namespace n on n.oid = t.relnamespace
    cross join lateral (select ${KEY_COLUMNS('c.conkey', 'c.conrelid')} as columns,
                               ${KEY_COLUMNS('c.confkey', 'c.confrelid')} as referenced) as k
   where ${OURS} and t.relname = any($1) and c.contype in ('p', 'u', 'f', 'x')
     and (k.columns[1] is distinct from 'tenant_id' or (c.contype = 'f' and k.referenced[1] is distinct from 'tenant_id'))
  union all
  select format('%s: %s (%s)', t.relname, i.relname, array_to_string(k.columns, ', '))
    from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
    join pg_namespace n on n.oid = t.relnamespace
    cross join lateral (select ${KEY_COLUMNS('x.indkey::int2[]', 'x.indrelid')} as columns) as k
   where ${OURS} and t.relname = any($1) and x.indisunique and k.columns[1] is distinct from 'tenant_id'`;

const NO_PRIMARY_KEY = `
  select t.relname as fault from pg_class t join pg_namespace n on n.oid = t.relnamespace
   where ${OURS} and t.relname = any($1) and not exists (select from pg_constraint c where c.conrelid = t.oid and c.contype = 'p')`;

const TENANT_COLUMN = `
  select t.relname as fault from pg_class t join pg_namespace n on n.oid = t.relnamespace
    left join pg_attribute a on a.attrelid = t.oid and a.attname = 'tenant_id'
   where ${OURS} and t.relname = any($1) and (a.attnum is null or a.atttypid <> 'uuid'::regtype or not a.attnotnull)`;

/** Citus has no triggers on distributed tables; those that foreign keys bring are its own matter. */
const TRIGGERS = `
  select format('%s: %s', t.relname, g.tgname) as fault
    from pg_trigger g join pg_class t on t.oid = g.tgrelid join pg_namespace n on n.oid = t.relnamespace
   where ${OURS} and not g.tgisinternal`;

/** SET NULL and SET DEFAULT would write tenant_id, on deletes (confdeltype) or updates. */
const SET_NULL = `
  select format('%s: %s', t.relname, c.conname) as fault
    from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_namespace n on n.oid = t.relnamespace
   where ${OURS} and c.contype = 'f' and (c.confdeltype in ('n', 'd') or c.confupdtype <> 'a')`;

/** Keys that lead from a table to one that is distributed after it, or not at all; or from the coordinator's to the tenants'. */
const ORDER = `
  select format('%s → %s', t.relname, r.relname) as fault
    from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_class r on r.oid = c.confrelid
    join pg_namespace n on n.oid = t.relnamespace
   where ${OURS} and c.contype = 'f'
     and r.oid <> t.oid and (r.relname = any($1) or t.relname = any($1))
     and not coalesce(array_position($1, r.relname::text) < array_position($1, t.relname::text), false)`;

/** Numbers that a sequence gives would be given by each node anew. */
const SEQUENCES = `
  select coalesce(pg_get_expr(d.adbin, d.adrelid), t.relname || '.' || a.attname) as fault
    from pg_attribute a join pg_class t on t.oid = a.attrelid join pg_namespace n on n.oid = t.relnamespace
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where ${OURS} and t.relkind in ('r', 'p')
     and (a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) like '%nextval(%')`;

/** Views, rules, inheritance, partitions, row security, exclusion constraints, column defaults that read a clock. */
const OTHERS = `
  select format('%s is a %s', t.relname, t.relkind) as fault from pg_class t join pg_namespace n on n.oid = t.relnamespace
   where ${OURS} and (t.relkind in ('v', 'm', 'f', 'p') or t.relhassubclass or t.relispartition or t.relrowsecurity or t.relhasrules)
  union all
  select format('%s: %s', t.relname, c.conname) from pg_constraint c join pg_class t on t.oid = c.conrelid
    join pg_namespace n on n.oid = t.relnamespace where ${OURS} and c.contype = 'x'
  union all
  select format('%s: %s', t.relname, pg_get_expr(d.adbin, d.adrelid)) from pg_attrdef d join pg_class t on t.oid = d.adrelid
    join pg_namespace n on n.oid = t.relnamespace
   where ${OURS} and t.relname = any($1) and pg_get_expr(d.adbin, d.adrelid) ~ '\\('`;

describe('the schema', () => {
  it('has every table in one of the two lists: distributed by tenant, or on the coordinator', async () => {
    const { rows } = await db.pool.query<{ name: string }>(
      `select t.relname as name from pg_class t join pg_namespace n on n.oid = t.relnamespace where ${OURS} and t.relkind = 'r'`,
    );
    const lists: string[] = [...DISTRIBUTED_TABLES, ...COORDINATOR_TABLES];
    assert.deepEqual(rows.map(({ name }) => name).toSorted(), lists.toSorted());
    assert.ok(DISTRIBUTED_TABLES.length > 20);
  });

  it('has foreign keys of later tables only where a distributed database takes them', async () => {
    // A table is made before it is distributed, and Citus takes no key from it to one that is.
    const isLate = (sql: string) =>
      /\b(references|foreign key)\b/i.test(
        sql.replaceAll(/--(?! once distributed$).*/gm, '').split(/^-- once distributed$/m)[0]!,
      );
    const later = (await readMigrations()).filter(({ version }) => version > LAST_BEFORE_DISTRIBUTION);
    assert.deepEqual(
      later.filter(({ sql }) => isLate(sql)).map(({ name }) => name),
      [],
      'put them behind a line "-- once distributed" (CONTRIBUTING.md)',
    );
    assert.ok(isLate('create table a (b uuid references c); -- references'));
    assert.ok(
      !isLate(
        'create table a (b uuid); -- references\n-- once distributed\nalter table a add foreign key (b) references c',
      ),
    );
  });

  for (const [name, question, planted, found] of [
    ['begins every key with tenant_id', KEYS, 'create unique index planted on users (lower(display_name))', /planted/],
    [
      'begins every key with tenant_id',
      KEYS,
      'alter table users add constraint planted unique (mail, tenant_id)',
      /planted/,
    ],
    [
      'has foreign keys that take the tenant along',
      KEYS,
      'alter table users add unique (user_id); alter table licenses add constraint planted foreign key (user_id) references users (user_id)',
      /planted/,
    ],
    [
      'has a primary key in every table of the tenants',
      NO_PRIMARY_KEY,
      'alter table sign_ins drop constraint sign_ins_pkey',
      /sign_ins/,
    ],
    [
      'has a tenant_id in every row',
      TENANT_COLUMN,
      'alter table sign_ins drop constraint sign_ins_pkey; alter table sign_ins alter tenant_id drop not null',
      /sign_ins/,
    ],
    [
      'has no triggers',
      TRIGGERS,
      "create function planted() returns trigger language plpgsql as 'begin return new; end'; create trigger planted before insert on users for each row execute function planted()",
      /users: planted/,
    ],
    [
      'has no foreign key that would write tenant_id',
      SET_NULL,
      'alter table licenses add constraint planted foreign key (tenant_id, user_id) references users on delete set null',
      /planted/,
    ],
    [
      'lists parents before those whose keys lead to them',
      ORDER,
      'alter table tenants add constraint planted foreign key (tenant_id, tenant_id) references users',
      /tenants → users/,
    ],
    [
      'has no keys from the coordinator’s tables to the tenants’',
      ORDER,
      'alter table client_ids add foreign key (tenant_id) references tenants',
      /client_ids → tenants/,
    ],
    ['has no numbers from sequences', SEQUENCES, 'alter table users add column planted bigserial', /nextval/],
    [
      'has no numbers from sequences',
      SEQUENCES,
      'alter table users add column planted bigint generated always as identity',
      /planted/,
    ],
    [
      'has nothing else that Citus doesn’t distribute',
      OTHERS,
      'create view planted as select * from users',
      /planted is a v/,
    ],
    [
      'has no column that fills itself by a function',
      OTHERS,
      'alter table users add column planted timestamptz default now()',
      /now\(\)/,
    ],
  ] as const) {
    it(`${name} (and would not with: ${planted.slice(0, 70)})`, async () => {
      const lists = question.includes('$1') ? [[...DISTRIBUTED_TABLES]] : [];
      assert.deepEqual(await faults(question, ...lists), []);
      const client = await db.pool.connect();
      try {
        await client.query('begin');
        await client.query(planted);
        const { rows } = await client.query<{ fault: string }>(question, lists);
        assert.match(rows.map(({ fault }) => fault).join('\n'), found);
      } finally {
        await client.query('rollback');
        client.release();
      }
    });
  }
});
