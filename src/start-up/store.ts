import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { startEmbedded } from '../db/embedded/embedded.ts';
import { migrate } from '../db/migrate.ts';
import { openDatabase, type Database } from '../db/open.ts';

/** How long connections to the database may take to come back when the server stops. */
const CLOSE_MS = 5_000;

/**
 * Opens the database of the settings, or the embedded one, migrated.
 * @param started gets what is to be stopped again
 * @param say tells the person at the terminal what they should know
 */
export async function openStore(
  config: Config,
  log: Logger,
  say: (text: string) => void,
  started: AsyncDisposableStack,
): Promise<Database> {
  let connection: Parameters<typeof openDatabase>[0];
  if (config.databaseUrl === undefined) {
    const embedded = await startEmbedded(config.dataDirectory, say, (error) => {
      // The other Autoclaim has the database now: nothing of ours may touch it any more.
      say(error.message);
      process.exit(1);
    });
    started.defer(() => embedded.stop());
    connection = embedded.connection;
  } else {
    connection = { connectionString: config.databaseUrl };
  }
  const db = openDatabase(connection, (err) => log.warn({ err }, 'An idle database connection was closed.'));
  // A statement that hangs must not hold up the stop: PostgreSQL ends it with the connection.
  started.defer(() => Promise.race([db.close(), sleep(CLOSE_MS, undefined, { ref: false })]));
  await migrate(db);
  return db;
}
