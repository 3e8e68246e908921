import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ConfigError, type Config } from '../config.ts';
import { startEmbedded } from '../db/embedded/embedded.ts';
import { asStoreFailure } from '../db/failures.ts';
import { holdSchema } from '../db/held-schema.ts';
import { faultOfHosts } from '../db/hosts.ts';
import { migrate } from '../db/migrate.ts';
import { CONNECTIONS_OF_PRIMARY, openDatabase, type Connection, type Database } from '../db/open.ts';

/** The oldest PostgreSQL whose SQL is used. */
const SERVER_VERSION_MIN = 15;
/** How long connections to the database may take to come back when the server stops. */
const CLOSE_MS = 1_500;

export interface Store {
  readonly db: Database;
  /** How other processes of this server reach the same database. */
  readonly connection: Connection;
}

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
): Promise<Store> {
  let connection: Connection;
  if (config.databaseUrl === undefined) {
    const embedded = await startEmbedded(config.dataDirectory, say, (error) => {
      // The other Autoclaim has the database now: nothing of ours may touch it any more.
      say(error.message);
      process.exit(1);
    });
    started.defer(() => embedded.stop());
    connection = embedded.connection;
  } else {
    const fault = faultOfHosts(config.databaseUrl);
    if (fault !== undefined) throw new ConfigError(`DATABASE_URL can't be used: ${fault}.`);
    connection = { connectionString: config.databaseUrl };
  }
  const size = config.workers > 1 ? { max: CONNECTIONS_OF_PRIMARY } : {};
  const db = openDatabase({ ...connection, ...size }, (err) =>
    log.warn({ err }, 'An idle database connection was closed.'),
  );
  started.defer(() => closeInTime(db));
  await examine(db, say);
  await migrate(db, { say });
  const schema = await holdSchema(connection, (error) => {
    // A newer version has changed the database meanwhile: nothing of ours may touch it any more.
    say(error.message);
    process.exit(1);
  });
  started.defer(() => schema.release());
  return { db, connection };
}

/** A statement that hangs must not hold up the stop: PostgreSQL ends it with the connection. */
export async function closeInTime(db: Database): Promise<void> {
  await Promise.race([db.close(), sleep(CLOSE_MS, undefined, { ref: false })]);
}

/**
 * Whether a database of somebody's own is fit for Autoclaim.
 * @param setting what names it
 * @throws ConfigError, StoreUnavailable
 */
export async function examine(db: Database, say: (text: string) => void, setting = 'DATABASE_URL'): Promise<void> {
  const { rows } = await db.pool
    .query<{ version: number; knows_letters: boolean }>(
      `select current_setting('server_version_num')::int / 10000 as version,
              getdatabaseencoding() = 'UTF8' and lower($1::text) = $2 as knows_letters`,
      ['É', 'é'],
    )
    .catch((error: unknown) => {
      throw asStoreFailure(error);
    });
  const { version, knows_letters: knowsLetters } = rows[0]!;
  if (version < SERVER_VERSION_MIN) {
    throw new ConfigError(
      `${setting} names a PostgreSQL ${version}, and Autoclaim needs ${SERVER_VERSION_MIN} or later.`,
    );
  }
  if (!knowsLetters) {
    say(
      "Warning: the database knows no upper and lower case beyond a to z, so É and é are different names to it. It is better made with: create database … template template0 encoding 'UTF8' locale 'C.UTF-8'.",
    );
  }
}
