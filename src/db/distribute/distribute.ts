import type pg from 'pg';
import { SCHEMA_IN_USE_LOCK } from '../advisory-locks.ts';
import { withSession } from '../backup/session.ts';
import { readApplied } from '../migrate.ts';
import { readMigrations } from '../migrations.ts';
import type { Connection } from '../open.ts';
import { readCitusTables, readCluster, type CitusTable } from './citus.ts';
import { distributeTables, TENANT_COLUMN } from './distribute-tables.ts';
import { DistributionRefused } from './refusal.ts';
import { COORDINATOR_TABLES, DISTRIBUTED_TABLES } from './tables.ts';

/** What a database is after it. */
export interface Distribution {
  /** Distributed now. */
  readonly distributed: readonly string[];
  /** They were before. */
  readonly already: readonly string[];
  readonly onCoordinator: readonly string[];
  readonly nodes: number;
}

export interface DistributeOptions {
  readonly signal?: AbortSignal;
  /** Of a first distribution; it can't be changed by doing it again. Unset: Citus's own default. */
  readonly shards?: number | undefined;
  readonly onTable?: (name: string) => void;
}

/** The oldest Citus whose functions are used: 12 brought schemas and the names of arguments as they are. */
const CITUS_VERSION_MIN = 12;

/**
 * Distributes the tables of the tenants over the nodes of a Citus cluster by their tenant, with the
 * rows that are in them: all tables or none, parents first, so that the foreign keys stay. No server
 * may be running meanwhile. Done again, it distributes what is new since, and says so.
 * @throws DistributionRefused, StoreUnavailable
 */
export function distributeDatabase(connection: Connection, options: DistributeOptions = {}): Promise<Distribution> {
  return withSession(connection, options.signal, async (client) => {
    const nodes = await requireCluster(client);
    await requireSchema(client);
    await requireNoServers(client);
    const before = await readCitusTables(client);
    refuseOthers(before);
    const already = DISTRIBUTED_TABLES.filter((name) => before.some((table) => table.name === name));
    const missing = DISTRIBUTED_TABLES.filter((name) => !already.includes(name));
    if (missing.length > 0) await distribute(client, missing, options);
    await freeCoordinator(client);
    refuseApart(await readCitusTables(client));
    return { distributed: missing, already, onCoordinator: COORDINATOR_TABLES, nodes };
  });
}

async function requireCluster(client: pg.ClientBase): Promise<number> {
  const { version, isInstalled, isCoordinator, nodes } = await readCluster(client);
  if (version === undefined) {
    throw new DistributionRefused(
      isInstalled
        ? 'Citus is installed there, but not in this database. As a superuser: create extension citus; then add the nodes (docs/scale.md), and try again.'
        : 'This PostgreSQL has no Citus, so there is nothing to distribute to. One PostgreSQL needs no distribution; docs/scale.md says when it does, and how to come by a cluster.',
    );
  }
  if (Number.parseInt(version, 10) < CITUS_VERSION_MIN) {
    throw new DistributionRefused(
      `The cluster runs Citus ${version}, and Citus ${CITUS_VERSION_MIN} or later is needed.`,
    );
  }
  if (!isCoordinator) {
    throw new DistributionRefused(
      'This is a worker of the cluster. Set DATABASE_URL to the coordinator: servers connect there, too.',
    );
  }
  if (nodes === 0) {
    throw new DistributionRefused(
      "No node of the cluster takes shards. Add workers (select citus_add_node('worker-1', 5432)), or let the coordinator be one (docs/scale.md).",
    );
  }
  return nodes;
}

/** All of this version's schema, and no other's: what is distributed is what was checked. */
async function requireSchema(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ is_there: boolean }>(
    "select to_regclass('schema_migrations') is not null as is_there",
  );
  const applied = rows[0]!.is_there ? await readApplied(client) : [];
  if (applied.length === 0) {
    throw new DistributionRefused(
      'There is no Autoclaim in this database yet. Start the server on it once, or restore a back-up to it; stop the server, and try again.',
    );
  }
  const versions = (await readMigrations()).map(({ version }) => version);
  if (applied.map(({ version }) => version).join() !== versions.join()) {
    throw new DistributionRefused(
      `The database has the schema ${applied.at(-1)!.name}, which is not this version's. Start and stop a server of this version first.`,
    );
  }
}

/** For as long as the session lasts: a server that starts meanwhile waits. */
async function requireNoServers(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [
    SCHEMA_IN_USE_LOCK,
  ]);
  if (rows[0]!.taken) return;
  throw new DistributionRefused(
    'A server of Autoclaim is running on this database. Stop all of them, and try again: while tables move, nobody may write to them.',
  );
}

function refuseOthers(tables: readonly CitusTable[]): void {
  for (const { name, method, column } of tables) {
    const isCoordinators = (COORDINATOR_TABLES as readonly string[]).includes(name);
    const isTenants = (DISTRIBUTED_TABLES as readonly string[]).includes(name);
    if (isTenants && method === 'h' && column === TENANT_COLUMN) continue;
    if (!isTenants && !isCoordinators) continue;
    throw new DistributionRefused(
      `Citus has the table ${name} already, in another way than by ${TENANT_COLUMN}. Undo that (select undistribute_table('${name}')), and try again.`,
    );
  }
}

async function distribute(
  client: pg.ClientBase,
  names: readonly string[],
  options: Pick<DistributeOptions, 'shards' | 'onTable'>,
): Promise<void> {
  await client.query('begin');
  try {
    await distributeTables(client, names, options);
    const { command } = await client.query('commit');
    if (command !== 'COMMIT') throw new Error(`COMMIT was answered with ${command}.`);
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/**
 * The rows that were there before are on the shards now, and still on the coordinator, where nobody
 * sees them. Children first: a parent's rows can't go before those that name them.
 */
async function freeCoordinator(client: pg.ClientBase): Promise<void> {
  for (const name of DISTRIBUTED_TABLES.toReversed()) {
    await client.query('select truncate_local_data_after_distributing_table($1::regclass)', [name]);
  }
}

/** Whatever Citus did, a tenant's rows must lie together: statements join them. */
function refuseApart(tables: readonly CitusTable[]): void {
  const ours = tables.filter(({ name }) => (DISTRIBUTED_TABLES as readonly string[]).includes(name));
  if (ours.length === DISTRIBUTED_TABLES.length && new Set(ours.map(({ colocation }) => colocation)).size === 1) return;
  throw new DistributionRefused(
    'The tables are distributed, and do not all lie together. Undo it (select undistribute_table for each, children first), and try again.',
  );
}
