import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { FOLDER_LOCK } from '../advisory-locks.ts';

/** Another Autoclaim uses this data folder. */
export class DataFolderInUse extends Error {
  override readonly name = 'DataFolderInUse';
}

/** A killed Autoclaim's lock goes with its connection, which PostgreSQL notices at once. */
const WAIT_MS = 400;
const RETRY_MS = 100;

/**
 * Holds the folder by an advisory lock on a connection of its own, for as long as this process
 * lives. When the connection breaks (the server was restarted) the lock is taken anew.
 * @param onLost told where another Autoclaim took the folder in such a moment: two must not go on
 * @throws DataFolderInUse
 */
export async function holdFolder(
  connection: pg.ClientConfig,
  dataDirectory: string,
  onLost: (error: DataFolderInUse) => void,
): Promise<{ release(): Promise<void> }> {
  let isReleased = false;
  let client = await takeLock(connection, dataDirectory, () => void retake());

  async function retake(): Promise<void> {
    while (!isReleased) {
      await sleep(RETRY_MS, undefined, { ref: false });
      try {
        client = await takeLock(connection, dataDirectory, () => void retake());
        return;
      } catch (error) {
        // All else is a server that isn't back yet.
        if (error instanceof DataFolderInUse) {
          onLost(error);
          return;
        }
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

async function takeLock(connection: pg.ClientConfig, dataDirectory: string, onBroken: () => void): Promise<pg.Client> {
  const client = new pg.Client({
    ...connection,
    application_name: 'autoclaim folder lock',
    connectionTimeoutMillis: 1_000,
  });
  let isHolding = false;
  client.on('error', () => undefined);
  client.on('end', () => {
    if (isHolding) onBroken();
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
      throw new DataFolderInUse(
        `Another Autoclaim is running on the data folder ${dataDirectory}. Stop it first, or set AUTOCLAIM_DATA_DIR to another folder.`,
      );
    }
    await sleep(RETRY_MS);
  }
}
