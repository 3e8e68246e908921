import type pg from 'pg';
import { asStoreFailure } from '../failures.ts';
import { openDatabase, type Connection, type Database } from '../open.ts';

const WITHOUT_LIMITS = 'set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0';
/** Else a statement that waits for a lock goes on waiting when nobody waits for it any more. Not every system can. */
const NOTICES_AN_END = "set client_connection_check_interval = '1s'";
/** The text form of values depends on these; with them it is the same on every server. */
const SETTINGS = [
  "set client_encoding = 'UTF8'",
  "set datestyle = 'ISO, YMD'",
  "set intervalstyle = 'postgres'",
  "set timezone = 'UTC'",
  'set extra_float_digits = 1',
];

/**
 * Does work on a database of one connection, without the limits of time that are right for requests.
 * @param signal cuts the connection: what is under way is rolled back
 * @throws StoreUnavailable where the server can't be reached, or goes
 */
export async function withPatience<T>(
  connection: Connection,
  signal: AbortSignal | undefined,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const db = openDatabase(
    { ...connection, statement_timeout: 0, query_timeout: 0, max: 1, application_name: 'autoclaim db' },
    () => undefined,
  );
  db.pool.on('connect', (client) => {
    const cut = () => client.connection.stream.destroy();
    signal?.addEventListener('abort', cut);
    client.once('end', () => signal?.removeEventListener('abort', cut));
  });
  try {
    signal?.throwIfAborted();
    // The server's own settings may have limits, too. The one connection keeps what is set here.
    await db.pool.query(WITHOUT_LIMITS);
    await db.pool.query(NOTICES_AN_END).catch(() => undefined);
    return await work(db);
  } catch (error) {
    signal?.throwIfAborted();
    throw asStoreFailure(error);
  } finally {
    await db.close();
  }
}

/** The same with the one connection at hand, set so that values have the one text form. */
export function withSession<T>(
  connection: Connection,
  signal: AbortSignal | undefined,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  return withPatience(connection, signal, async (db) => {
    const client = await db.pool.connect();
    // The statement that is under way fails; unheard, this would end the process.
    client.on('error', () => undefined);
    try {
      for (const setting of SETTINGS) await client.query(setting);
      return await work(client);
    } finally {
      client.release(true);
    }
  });
}
