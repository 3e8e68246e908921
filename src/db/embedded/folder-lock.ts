import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { FOLDER_LOCK } from '../advisory-locks.ts';

/** Another Autoclaim uses this data folder. */
export class DataFolderInUse extends Error {
  override readonly name = 'DataFolderInUse';
}

/** A killed Autoclaim's lock goes with its connection, which PostgreSQL notices at once. */
const WAIT_MS = 1_200;
const RETRY_MS = 100;

/**
 * Holds the folder by an advisory lock on a connection of its own, for as long as this process
 * lives. When the connection breaks (the server was restarted) the lock is taken anew.
 */
export async function holdFolder(
  connection: pg.ClientConfig,
  dataDirectory: string,
): Promise<{ release(): Promise<void> }> {
  let isReleased = false;
  let client = await takeLock(connection, dataDirectory, onBroken);

  function onBroken() {
    if (isReleased) return;
    void sleep(RETRY_MS, undefined, { ref: false })
      .then(() => takeLock(connection, dataDirectory, onBroken))
      .then(
        (taken) => {
          client = taken;
        },
        (error: unknown) => {
          // Someone took the folder while the server was down: two on one folder must not go on.
          if (error instanceof DataFolderInUse) throw error;
          onBroken();
        },
      );
  }

  return {
    async release() {
      isReleased = true;
      await client.end().catch(() => undefined);
    },
  };
}

async function takeLock(connection: pg.ClientConfig, dataDirectory: string, onBroken: () => void): Promise<pg.Client> {
  const client = new pg.Client({ ...connection, application_name: 'autoclaim folder lock', connectionTimeoutMillis: 1_000 });
  let isHolding = false;
  client.on('error', () => {
    if (isHolding) onBroken();
    isHolding = false;
  });
  await client.connect();
  const until = Date.now() + WAIT_MS;
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [FOLDER_LOCK]);
    if (rows[0]?.taken) {
      isHolding = true;
      return client;
    }
    if (Date.now() > until) {
      await client.end();
      throw new DataFolderInUse(`Another Autoclaim is running on the data folder ${dataDirectory}. Stop it first, or set AUTOCLAIM_DATA_DIR to another folder.`);
    }
    await sleep(RETRY_MS);
  }
}
