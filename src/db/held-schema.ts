import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { SCHEMA_IN_USE_LOCK } from './advisory-locks.ts';
import { readApplied, refuseTooNew, SchemaTooNew } from './migrate.ts';
import { readMigrations } from './migrations.ts';
import { openDatabase, type Connection, type Database } from './open.ts';

const RETRY_MS = 500;
/** A network that swallows everything must not hold up the stop. */
const RELEASE_MS = 1_000;

/**
 * Tells newer versions that this server runs on the schema, by a shared advisory lock on a
 * connection of its own: a breaking migration is refused for so long. When the connection breaks
 * (a failover) the lock is taken anew.
 * @param onLost told where a breaking migration came in such a moment: this server must end
 * @throws SchemaTooNew where one came just before
 */
export async function holdSchema(
  connection: Connection,
  onLost: (error: SchemaTooNew) => void,
): Promise<{ release(): Promise<void> }> {
  const db = openDatabase(
    { ...connection, max: 1, query_timeout: 0, application_name: 'autoclaim schema lock' },
    () => undefined,
  );
  let released = false;
  const isReleased = () => released;
  let client: pg.PoolClient | undefined;
  /** Once: a connection that we give back ends, too. */
  const giveBack = () => {
    const held = client;
    client = undefined;
    held?.release(true);
  };
  const take = async () => {
    client = await takeLock(db, () => {
      giveBack();
      void retake();
    });
  };

  async function retake(): Promise<void> {
    while (!isReleased()) {
      await sleep(RETRY_MS, undefined, { ref: false });
      try {
        if (!isReleased()) await take();
        return;
      } catch (error) {
        // All else is a server that isn't back yet.
        if (!(error instanceof SchemaTooNew)) continue;
        onLost(error);
        return;
      }
    }
  }

  try {
    await take();
  } catch (error) {
    await db.close();
    throw error;
  }
  return {
    async release() {
      released = true;
      giveBack();
      await Promise.race([db.close().catch(() => undefined), sleep(RELEASE_MS, undefined, { ref: false })]);
    },
  };
}

async function takeLock(db: Database, onBroken: () => void): Promise<pg.PoolClient> {
  const client = await db.pool.connect();
  client.on('error', () => undefined);
  try {
    // Waiting and doing nothing is what this session is for.
    await client.query('set statement_timeout = 0; set lock_timeout = 0; set idle_session_timeout = 0');
    await client.query('select pg_advisory_lock_shared($1)', [SCHEMA_IN_USE_LOCK]);
    // After the lock: a migration that held it is seen.
    refuseTooNew(await readApplied(client), await readMigrations());
  } catch (error) {
    client.release(true);
    throw error;
  }
  client.once('end', onBroken);
  return client;
}
