import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Server } from '../http/server.ts';
import { scheduleJobs } from '../jobs/schedule.ts';
import type { Organisation } from './organisation.ts';
import { openStore } from './store.ts';

/** A server that answers. */
export interface RunningServer {
  readonly organisation: Organisation;
  /** Answers what is in flight, takes nothing new, and closes everything; safe to call once. */
  stop(): Promise<void>;
}

/** How long requests that are under way may take to end when the server stops. */
const DRAIN_MS = 10_000;
const SWEEP_MS = 100;

/**
 * Puts the program together and starts it; what was started is stopped again where a later step fails.
 * @param say tells the person at the terminal what they should know
 */
export async function serve(config: Config, log: Logger, say: (text: string) => void): Promise<RunningServer> {
  await using started = new AsyncDisposableStack();
  const db = await openStore(config, log, say, started);
  // The bulk of the program is loaded now: whoever is refused the data folder isn't kept waiting for it.
  const [{ ensureOrganisation }, { jobsOf }, { createApp }] = await Promise.all([
    import('./organisation.ts'),
    import('./jobs.ts'),
    import('../http/app.ts'),
  ]);
  const organisation = await ensureOrganisation(db, config);
  const jobs = scheduleJobs(db, jobsOf(db), log);
  started.defer(() => jobs.stop());
  const app = await createApp({ config, db }, log);
  started.defer(() => drain(app));
  await app.listen({ host: config.host, port: config.port });
  const running = started.move();
  return { organisation, stop: () => running.disposeAsync() };
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
