import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { connectorOf } from './primary.ts';
import type { Tables } from './schema.ts';

/** An open database: the pool for plain statements, and typed statements over it. */
export interface Database {
  readonly pool: pg.Pool;
  readonly query: Kysely<Tables>;
  /**
   * Connections of their own for sign-ins, on which statements are sent without waiting for the
   * answers to those before: no import, report or backup can keep a sign-in waiting for one.
   */
  readonly pipelined: pg.Pool;
  close(): Promise<void>;
}

// int8 as a number: counts and versions stay far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** How PostgreSQL is reached: a URL, of one host or several, or a Unix socket's folder with user and database. Plain data. */
export type Connection = pg.PoolConfig;

/** Connections one server process holds at most; PostgreSQL's own default allows 100 in all. */
const CONNECTIONS_MAX = 20;
/** The part of them that is pipelined: each is one batch of sign-ins under way, of which a tenant has two at most. */
const PIPELINED_SHARE = 0.3;
/** Where several processes are one server: of the one that keeps the jobs, and of all workers together. */
export const CONNECTIONS_OF_PRIMARY = 12;
const CONNECTIONS_OF_WORKERS = 64;
/** How long a request may wait for a free connection before it is told to come back later. */
const CONNECT_TIMEOUT_MS = 5_000;
/** A statement that takes longer is a fault, not work: imports go in chunks of a thousand rows. */
const STATEMENT_TIMEOUT_MS = 60_000;
/**
 * Where the database's machine has vanished, nothing ever comes back: after the server's own limit
 * has passed, nobody waits any longer. Whoever lifts that limit for a statement lifts this one, too.
 */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;
const KEEP_ALIVE_AFTER_MS = 10_000;
/** A process that was stopped inside a transaction must not hold its locks for ever. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 15_000;

/** A statement that may take as long as it takes, in a session that has lifted the server's limit. */
export function unhurried(text: string, values?: unknown[]): pg.QueryConfig {
  return { text, ...(values && { values }), query_timeout: 2 ** 31 - 1 } as pg.QueryConfig;
}

/**
 * A worker's share. All of them and the primary stay below 80 of PostgreSQL's 100: a killed worker's
 * sessions end their statements first, while another in its place has its own already.
 */
export function connectionsOfWorker(workers: number): number {
  return Math.min(CONNECTIONS_MAX, Math.floor(CONNECTIONS_OF_WORKERS / workers));
}

/**
 * Opens a pool on a PostgreSQL server.
 * @param connection may also change any of the limits above
 */
export function openDatabase(connection: Connection, onIdleError: (error: Error) => void): Database {
  const { config, Client } = connectorOf(connection);
  const settings: pg.PoolConfig = {
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    application_name: 'autoclaim',
    ...config,
    Client,
  };
  const max = settings.max!;
  const pipelinedMax = Math.max(1, Math.floor(max * PIPELINED_SHARE));
  const pool = new pg.Pool({ ...settings, max: Math.max(1, max - pipelinedMax) });
  const pipelined = new pg.Pool({ ...settings, max: pipelinedMax, pipeline: true });
  // Without a listener, a connection that breaks would end the process: while it is idle, and while
  // it is used, where whoever uses it has the failure of their statement.
  for (const one of [pool, pipelined]) {
    one.on('error', onIdleError);
    one.on('connect', (client) => client.on('error', () => undefined));
  }
  return {
    pool,
    pipelined,
    query: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }),
    close: async () => {
      await Promise.all([pool.end(), pipelined.end()]);
    },
  };
}
