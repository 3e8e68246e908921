import { setTimeout as sleep } from 'node:timers/promises';
import { JOB_LOCKS } from '../db/advisory-locks.ts';
import type { Database } from '../db/open.ts';

/** Work that is done again and again, on one server at a time. */
export interface Job {
  /** Also the name of its lock: the same on every server. */
  readonly name: string;
  readonly everyMs: number;
  /** One run. May fail: that is logged, and the next run comes at its time. */
  run(): Promise<unknown>;
}

/** What the schedule tells of: pino's logger fits. */
export interface JobLog {
  error(details: { err: unknown }, message: string): void;
}

/** The first run comes soon after the start, the jobs apart from each other. */
const FIRST_RUN_MS = 2_000;
/** How long a stop waits for a run that is under way. */
const STOP_WAIT_MS = 5_000;

/**
 * Runs jobs until stopped, each after its own interval. A run takes an advisory lock, so of several
 * servers on one database only one is in it at a time; each run finds what is due by itself, so
 * that a second one right after has nothing to do.
 */
export function scheduleJobs(
  db: Database,
  jobs: readonly Job[],
  log: JobLog,
  firstRunMs = FIRST_RUN_MS,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const loops = jobs.map((job, index) => loop(job, firstRunMs * (1 + index)));

  async function loop(job: Job, firstAfterMs: number): Promise<void> {
    for (let waitMs = firstAfterMs; ; waitMs = job.everyMs) {
      // Unreferenced: a schedule alone keeps no process alive.
      await sleep(waitMs, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      await runJob(db, job, log);
    }
  }

  return {
    async stop() {
      stopping.abort();
      await Promise.race([Promise.all(loops), sleep(STOP_WAIT_MS, undefined, { ref: false })]);
    },
  };
}

/**
 * One run, unless another server is in it. Never rejects.
 * @returns whether it ran to its end
 */
export async function runJob(db: Database, job: Job, log: JobLog): Promise<boolean> {
  try {
    return await underLock(db, job.name, () => job.run());
  } catch (err) {
    log.error({ err }, `The job "${job.name}" failed; it runs again in ${Math.round(job.everyMs / 1000)} s.`);
    return false;
  }
}

async function underLock(db: Database, name: string, work: () => Promise<unknown>): Promise<boolean> {
  const client = await db.pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    const lock = [JOB_LOCKS, name];
    const { rows } = await client.query<{ taken: boolean }>(
      'select pg_try_advisory_lock($1, hashtext($2)) as taken',
      lock,
    );
    if (!rows[0]?.taken) return false;
    try {
      await work();
    } finally {
      // A connection that can't give the lock back is closed, which does.
      await client.query('select pg_advisory_unlock($1, hashtext($2))', lock).catch((error: Error) => {
        broken = error;
      });
    }
    return true;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}
