import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';

/**
 * What `autoclaim db distribute` asks of Citus, where there is none: an extension of the name whose
 * create_distributed_table keeps to the catalogue's side of Citus's rules (keys, parents first,
 * triggers, lying together) and moves no row. It shows in which order and how often tables are
 * distributed, and that nothing is left of an attempt that failed. What Citus really does with
 * them, only a cluster can show: citus.test.ts.
 */
const STAND_IN = `
create table pg_dist_node (nodename text, noderole text, isactive boolean, shouldhaveshards boolean);
create table pg_dist_local_group (groupid integer);
create table pg_dist_partition (logicalrelid regclass primary key, partmethod "char", partkey text, colocationid integer);
create table stand_in_calls (n bigserial, call text);
insert into pg_dist_local_group values (0);
insert into pg_dist_node values ('worker-1', 'primary', true, true), ('worker-2', 'primary', true, true);

create function column_to_column_name(regclass, text) returns text language sql as 'select $2';

create function create_distributed_table(table_name regclass, distribution_column text,
  distribution_type text default 'hash', colocate_with text default 'default', shard_count integer default null)
returns void language plpgsql as $$
declare fault text;
begin
  if exists (select from pg_dist_partition where logicalrelid = table_name) then
    raise exception 'table "%" is already distributed', table_name;
  end if;
  if current_setting('citus.multi_shard_modify_mode', true) is distinct from 'sequential' then
    raise exception 'cannot modify table "%" because there was a parallel operation', table_name;
  end if;
  select conname into fault from pg_constraint c where conrelid = table_name and contype = 'f' and confrelid <> table_name
     and not exists (select from pg_dist_partition where logicalrelid = c.confrelid);
  if fault is not null then
    raise exception 'cannot create foreign key constraint %: the referenced table must be a distributed table', fault;
  end if;
  select conname into fault from pg_constraint c where conrelid = table_name and contype in ('p', 'u')
     and not exists (select from pg_attribute a where a.attrelid = table_name and a.attname = distribution_column and a.attnum = any(c.conkey));
  if fault is not null then raise exception 'cannot create constraint on %: % lacks the distribution column', table_name, fault; end if;
  if exists (select from pg_trigger where tgrelid = table_name and not tgisinternal) then
    raise exception 'cannot distribute relation "%" because it has triggers', table_name;
  end if;
  insert into pg_dist_partition values (table_name, 'h', distribution_column, case when colocate_with = 'none'
    then coalesce((select max(colocationid) + 1 from pg_dist_partition), 1)
    else (select colocationid from pg_dist_partition where logicalrelid = colocate_with::regclass) end);
  insert into stand_in_calls (call) values (format('distribute %s%s', table_name, ' into ' || shard_count || ' shards'));
end $$;

create function truncate_local_data_after_distributing_table(function_name regclass) returns void language plpgsql as $$
begin
  if not exists (select from pg_dist_partition where logicalrelid = function_name) then
    raise exception 'supplied parameter is not a distributed relation';
  end if;
  insert into stand_in_calls (call) values (format('free %s', function_name));
end $$;
`;

/** A migrated database in which the extension is created. */
export async function createStandIn(version = '13.0-1'): Promise<TestDatabase & { calls(): Promise<string[]> }> {
  const folder = await mkdtemp(join(tmpdir(), 'autoclaim-citus-'));
  // PostgreSQL may run as another user than the tests.
  await chmod(folder, 0o755);
  await mkdir(join(folder, 'extension'));
  await writeFile(join(folder, 'extension/citus.control'), `default_version = '${version}'\nrelocatable = false\n`);
  await writeFile(join(folder, `extension/citus--${version}.sql`), STAND_IN);
  const db = await createTestDatabase();
  const client = new pg.Client(db.connection);
  await client.connect();
  await client.query(`set extension_control_path = '${folder}:$system'`);
  await client.query('create extension citus');
  await client.query(`alter database ${db.connection.database} set citus.shard_count = 32`);
  await client.end();
  await rm(folder, { recursive: true });
  return {
    ...db,
    async calls() {
      const { rows } = await db.pool.query<{ call: string }>('select call from stand_in_calls order by n');
      return rows.map(({ call }) => call);
    },
  };
}
