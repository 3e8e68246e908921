import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { scheduleJobs } from '../jobs/schedule.ts';
import type { Organisation } from './organisation.ts';
import { openStore } from './store.ts';

/** A server that answers. */
export interface RunningServer {
  readonly organisation: Organisation;
  /** Answers what is in flight, takes nothing new, and closes everything; safe to call once. */
  stop(): Promise<void>;
}

/**
 * Puts the program together and starts it; what was started is stopped again where a later step
 * fails. With several workers this process keeps what there is one of (the embedded PostgreSQL,
 * migrations, the first tenant, jobs), and the workers serve.
 * @param say tells the person at the terminal what they should know
 */
export async function serve(config: Config, log: Logger, say: (text: string) => void): Promise<RunningServer> {
  await using started = new AsyncDisposableStack();
  const { db, connection } = await openStore(config, log, say, started);
  // The bulk of the program is loaded now: whoever is refused the data folder isn't kept waiting for it.
  const [{ ensureOrganisation }, { jobsOf }, startHttp] = await Promise.all([
    import('./organisation.ts'),
    import('./jobs.ts'),
    config.workers === 1
      ? import('./listen.ts').then(
          ({ listen }) =>
            () =>
              listen(config, db, log),
        )
      : import('./workers.ts').then(
          ({ startWorkers }) =>
            () =>
              startWorkers(config.workers, connection, db, log),
        ),
  ]);
  const organisation = await ensureOrganisation(db, config);
  const jobs = scheduleJobs(db, jobsOf(db), log);
  started.defer(() => jobs.stop());
  const stopHttp = await startHttp();
  // A run that is under way and requests that are end side by side.
  started.defer(async () => {
    await Promise.all([stopHttp(), jobs.stop()]);
  });
  const running = started.move();
  return { organisation, stop: () => running.disposeAsync() };
}
