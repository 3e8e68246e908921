import type pg from 'pg';
import { COORDINATOR_TABLES, DISTRIBUTED_TABLES } from '../../src/db/distribute/tables.ts';
import type { TableKinds } from './routing.ts';

/** The tables of a database by what they are when it is distributed; temporary ones are the coordinator's. */
export async function readTableKinds(client: pg.ClientBase): Promise<TableKinds> {
  const { rows } = await client.query<{ oid: string; name: string; persistence: string; tenant: string | null }>(
    `select c.oid::text, c.relname as name, c.relpersistence as persistence, a.attnum::text as tenant
       from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
      where c.relkind in ('r', 'p') and c.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)`,
  );
  const kindOf = ({ name, persistence }: (typeof rows)[number]) => {
    if (persistence === 't') return 'temporary';
    if ((DISTRIBUTED_TABLES as readonly string[]).includes(name)) return 'distributed';
    if ((COORDINATOR_TABLES as readonly string[]).includes(name)) return 'global';
    throw new Error(
      `${name} is neither in DISTRIBUTED_TABLES nor in COORDINATOR_TABLES (src/db/distribute/tables.ts).`,
    );
  };
  const kinds = new Map(rows.map((row) => [row.oid, kindOf(row)] as const));
  return {
    kinds,
    names: new Map(rows.map(({ oid, name }) => [oid, name])),
    tenantColumns: new Map(
      rows.flatMap(({ oid, tenant }) =>
        tenant !== null && kinds.get(oid) === 'distributed' ? [[oid, tenant] as const] : [],
      ),
    ),
  };
}
