import type pg from 'pg';
import { unhurried } from '../open.ts';
import { readCitusTables } from './citus.ts';
import { DISTRIBUTED_TABLES } from './tables.ts';

export const TENANT_COLUMN = 'tenant_id';

/**
 * Distributes tables by tenant, in the caller's transaction, in their order: parents first. The
 * first of all tables says into how many shards; the others lie beside it.
 * @param options.shards of that first one; unset: Citus's own default
 */
export async function distributeTables(
  client: pg.ClientBase,
  names: readonly string[],
  { shards, onTable }: { readonly shards?: number | undefined; readonly onTable?: (name: string) => void } = {},
): Promise<void> {
  const [root] = DISTRIBUTED_TABLES;
  // With foreign keys between the tables, what is done to one is to be seen by what is done to the next.
  await client.query("set local citus.multi_shard_modify_mode = 'sequential'");
  for (const name of names) {
    onTable?.(name);
    await client.query(
      name === root
        ? unhurried("select create_distributed_table($1::regclass, $2, colocate_with => 'none', shard_count => $3)", [
            name,
            TENANT_COLUMN,
            shards ?? (await defaultShards(client)),
          ])
        : unhurried('select create_distributed_table($1::regclass, $2, colocate_with => $3)', [
            name,
            TENANT_COLUMN,
            root,
          ]),
    );
  }
}

/** Of a distributed database: what a migration of this transaction has just made goes beside the others. */
export async function distributeNewTables(client: pg.ClientBase): Promise<void> {
  const known = new Set((await readCitusTables(client)).map(({ name }) => name));
  const { rows } = await client.query<{ name: string }>(
    "select relname as name from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r'",
  );
  const there = new Set(rows.map(({ name }) => name));
  const made = DISTRIBUTED_TABLES.filter((name) => there.has(name) && !known.has(name));
  if (made.length > 0) await distributeTables(client, made);
}

async function defaultShards(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ count: number }>("select current_setting('citus.shard_count')::int as count");
  return rows[0]!.count;
}
