import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { SCHEMA_IN_USE_LOCK } from './advisory-locks.ts';
import { readApplied, refuseTooNew, SchemaTooNew } from './migrate.ts';
import { readMigrations } from './migrations.ts';

const RETRY_MS = 500;

/**
 * Tells newer versions that this server runs on the schema, by a shared advisory lock on a
 * connection of its own: a breaking migration is refused for so long. When the connection breaks
 * (a failover) the lock is taken anew.
 * @param onLost told where a breaking migration came in such a moment: this server must end
 * @throws SchemaTooNew where one came just before
 */
export async function holdSchema(
  connection: pg.ClientConfig,
  onLost: (error: SchemaTooNew) => void,
): Promise<{ release(): Promise<void> }> {
  let isReleased = false;
  let client = await takeLock(connection, () => void retake());

  async function retake(): Promise<void> {
    while (!isReleased) {
      await sleep(RETRY_MS, undefined, { ref: false });
      try {
        const taken = await takeLock(connection, () => void retake());
        if (isReleased) await taken.end().catch(() => undefined);
        client = taken;
        return;
      } catch (error) {
        // All else is a server that isn't back yet.
        if (!(error instanceof SchemaTooNew)) continue;
        if (!isReleased) onLost(error);
        return;
      }
    }
  }

  return {
    async release() {
      isReleased = true;
      await client.end().catch(() => undefined);
    },
  };
}

async function takeLock(connection: pg.ClientConfig, onBroken: () => void): Promise<pg.Client> {
  const client = new pg.Client({
    ...connection,
    application_name: 'autoclaim schema lock',
    connectionTimeoutMillis: 5_000,
    // A cut network must not keep a lock on the server whose owner has another by now.
    keepAlive: true,
  });
  let isHolding = false;
  client.on('error', () => undefined);
  client.on('end', () => {
    if (isHolding) onBroken();
  });
  await client.connect();
  try {
    // Doing nothing is what this session is for.
    await client.query('set idle_session_timeout = 0');
    await client.query('select pg_advisory_lock_shared($1)', [SCHEMA_IN_USE_LOCK]);
    // After the lock: a migration that held it is seen.
    refuseTooNew(await readApplied(client), await readMigrations());
    isHolding = true;
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}
