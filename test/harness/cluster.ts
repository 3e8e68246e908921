import pg from 'pg';
import { COORDINATOR_TABLES, DISTRIBUTED_TABLES } from '../../src/db/distribute/tables.ts';
import { distributeDatabase } from '../../src/db/distribute/distribute.ts';
import { migrate } from '../../src/db/migrate.ts';
import { openDatabase } from '../../src/db/open.ts';
import type { TestDatabase } from './database.ts';

/** One test file at a time has the cluster. */
const CLUSTER_LOCK = 8_365_999;
/** Few: each table has as many on the nodes, and each file makes them anew. */
const SHARDS = 4;

/**
 * The database of a Citus cluster for a test file's own, migrated, distributed and empty: whatever
 * of Autoclaim is in it goes first. Other files wait until it is closed.
 */
export async function takeCluster(url: string): Promise<TestDatabase> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const connection = {
    host: searchParams.get('host') ?? hostname,
    port: Number(searchParams.get('port') ?? (port || 5432)),
    user: decodeURIComponent(username),
    ...(password && { password: decodeURIComponent(password) }),
    database: pathname.slice(1),
  };
  const holder = new pg.Client(connection);
  await holder.connect();
  const db = openDatabase(connection, () => undefined);
  const close = async () => {
    await db.close();
    await holder.end();
  };
  try {
    await holder.query('select pg_advisory_lock($1)', [CLUSTER_LOCK]);
    for (const table of [...DISTRIBUTED_TABLES.toReversed(), ...COORDINATOR_TABLES]) {
      await holder.query(`drop table if exists ${table} cascade`);
    }
    await holder.query('drop function if exists policy_products_are_valid');
    await migrate(db);
    await distributeDatabase(connection, { shards: SHARDS });
  } catch (error) {
    // Connections that stay open would keep the test's process from ending.
    await close();
    throw error;
  }
  return { ...db, connection, close };
}
