import type pg from 'pg';

// What a database's catalogue says of Citus. (Citus's own tables: pg_dist_node, pg_dist_partition.)

type Client = Pick<pg.ClientBase, 'query'>;

/** What stands between a database and its distribution. */
export interface Cluster {
  /** `13.0-1`; undefined: the extension isn't created in this database. */
  readonly version: string | undefined;
  /** The server has the extension's files. */
  readonly isInstalled: boolean;
  /** The coordinator, where commands for all nodes are given. A worker is none. */
  readonly isCoordinator: boolean;
  /** Nodes that take shards. */
  readonly nodes: number;
}

/** A table as Citus has it. */
export interface CitusTable {
  readonly name: string;
  /** h: by the hash of a column. Anything else is another kind: reference, local, range, append. */
  readonly method: string;
  readonly column: string | null;
  /** Tables of one number lie together: rows of one tenant on one node. */
  readonly colocation: number;
}

export async function readCluster(client: Client): Promise<Cluster> {
  const { rows } = await client.query<{ version: string | null; is_installed: boolean }>(
    `select (select extversion from pg_extension where extname = 'citus') as version,
            exists (select from pg_available_extensions where name = 'citus') as is_installed`,
  );
  const { version, is_installed: isInstalled } = rows[0]!;
  if (version === null) return { version: undefined, isInstalled, isCoordinator: false, nodes: 0 };
  const { rows: nodes } = await client.query<{ nodes: number; is_coordinator: boolean }>(
    `select (select count(*) from pg_dist_node where noderole = 'primary' and isactive and shouldhaveshards) as nodes,
            (select groupid = 0 from pg_dist_local_group) as is_coordinator`,
  );
  return { version, isInstalled, isCoordinator: nodes[0]!.is_coordinator, nodes: nodes[0]!.nodes };
}

/** Whether tables of the current schema are Citus's. */
export async function isDistributed(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ has_citus: boolean }>(
    "select to_regclass('pg_dist_partition') is not null as has_citus",
  );
  return rows[0]!.has_citus && (await readCitusTables(client)).length > 0;
}

/** The tables that Citus knows, of those that are in the current schema. */
export async function readCitusTables(client: Client): Promise<CitusTable[]> {
  const { rows } = await client.query<CitusTable>(
    `select c.relname as name, p.partmethod::text as method, p.colocationid as colocation,
            case when p.partkey is not null then column_to_column_name(p.logicalrelid, p.partkey) end as column
       from pg_dist_partition p join pg_class c on c.oid = p.logicalrelid
      where c.relnamespace = current_schema()::regnamespace
      order by c.relname`,
  );
  return rows;
}
