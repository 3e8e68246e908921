import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { startEmbedded } from '../db/embedded/embedded.ts';
import { migrate } from '../db/migrate.ts';
import { openDatabase, type Database } from '../db/open.ts';
import { createApp } from '../http/app.ts';
import type { Server } from '../http/server.ts';
import { scheduleJobs } from '../jobs/schedule.ts';
import { jobsOf } from './jobs.ts';
import { ensureOrganisation, type Organisation } from './organisation.ts';

/** A server that answers. */
export interface RunningServer {
  readonly organisation: Organisation;
  /** Answers what is in flight, takes nothing new, and closes everything; safe to call once. */
  stop(): Promise<void>;
}

/** How long requests that are under way may take to end when the server stops. */
const DRAIN_MS = 10_000;
const SWEEP_MS = 100;
/** How long connections to the database may take to come back after that. */
const CLOSE_MS = 5_000;

/**
 * Puts the program together and starts it; what was started is stopped again where a later step fails.
 * @param say tells the person at the terminal what they should know
 */
export async function serve(config: Config, log: Logger, say: (text: string) => void): Promise<RunningServer> {
  await using started = new AsyncDisposableStack();
  const db = await openStore(config, log, say, started);
  await migrate(db);
  const organisation = await ensureOrganisation(db, config);
  const jobs = scheduleJobs(db, jobsOf(db), log);
  started.defer(() => jobs.stop());
  const app = await createApp({ config, db }, log);
  started.defer(() => drain(app));
  await app.listen({ host: config.host, port: config.port });
  const running = started.move();
  return { organisation, stop: () => running.disposeAsync() };
}

async function openStore(
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
  return db;
}

/** Closes the server; connections that are still open after the time to drain are cut. */
async function drain(app: Server): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS).unref();
  // A connection that has its answer may stay open for more requests, which don't come any more.
  const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS).unref();
  await app.close();
  clearTimeout(cut);
  clearInterval(sweep);
}
