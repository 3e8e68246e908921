import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { connectionsOfWorker, type Connection, type Database } from '../db/open.ts';
import { measureProcess, type Measurements } from '../http/metrics.ts';
import { Questions } from './questions.ts';
import { WorkerFailure, type FromWorker, type ToWorker } from './worker-messages.ts';

/** A worker that died is replaced after this; after one that died young, later and later. */
const PAUSE_MIN_MS = 100;
const PAUSE_MAX_MS = 30_000;
/** One that has lived so long was sound. */
const SOUND_AFTER_MS = 60_000;
/** A worker ends within this by its own bounds, or is ended. */
const STOP_WITHIN_MS = 9_000;

/**
 * Starts processes that serve HTTP on the one port, and keeps as many running: one that dies is
 * replaced, and the others go on. This process accepts the connections and hands them to the
 * workers in turn (docs/decisions/0030-workers.md).
 * @returns how to stop them: each answers what it has in flight
 * @throws WorkerFailure where they can't serve
 */
export async function startWorkers(
  count: number,
  connection: Connection,
  db: Database,
  log: Logger,
): Promise<() => Promise<void>> {
  // Structured clones: measurements have numbers that JSON doesn't.
  cluster.setupPrimary({ serialization: 'advanced' });
  const own = measureProcess(db);
  const questions = new Questions();
  let stopping = false;
  const isStopping = () => stopping;
  const killAll = () => living().forEach((worker) => worker.process.kill('SIGKILL'));
  // Also where this process ends at once: nobody would tell the workers to stop.
  process.once('exit', killAll);
  const slots = Array.from({ length: count }, () => startWorker());
  try {
    await Promise.all(slots.map((slot) => slot.ready));
  } catch (error) {
    stopping = true;
    killAll();
    throw error;
  }
  slots.forEach((slot) => void keep(slot));

  return async () => {
    stopping = true;
    living().forEach((worker) => send(worker, { kind: 'stop' }));
    const ended = Promise.all(living().map((worker) => once(worker, 'exit')));
    const inTime = await Promise.race([ended.then(() => true), sleep(STOP_WITHIN_MS, false, { ref: false })]);
    if (!inTime) log.warn('Worker processes did not stop in time, and are ended.');
    killAll();
    await ended;
    process.off('exit', killAll);
  };

  function startWorker(): Started {
    const worker = cluster.fork();
    // An answer to one that is gone; its end is told as "exit".
    worker.on('error', () => undefined);
    worker.on('message', (message: FromWorker) => void hear(worker, message));
    send(worker, { kind: 'start', connection: { ...connection, max: connectionsOfWorker(count) } });
    const ended = new Promise<string>((resolve) => {
      worker.once('exit', (code, signal) => resolve(`A worker process ended (${signal || `code ${code}`})`));
    });
    const ready = new Promise<void>((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'listening') resolve();
        if (message.kind === 'failed') reject(new WorkerFailure(message.explanation));
      });
      void ended.then((how) => reject(new WorkerFailure(`${how} before it could serve.`)));
    });
    // Who looks at the end alone isn't interested in this.
    ready.catch(() => undefined);
    return { ready, ended };
  }

  /** Replaces a worker when it ends, for as long as the server runs. */
  async function keep(first: Started): Promise<void> {
    let pauseMs = PAUSE_MIN_MS;
    for (let slot = first, startedAt = performance.now(); ; slot = startWorker()) {
      const how = await slot.ended;
      if (isStopping()) return;
      const reason = await slot.ready.then(
        () => `${how}.`,
        (error: Error) => error.message,
      );
      pauseMs = performance.now() - startedAt > SOUND_AFTER_MS ? PAUSE_MIN_MS : Math.min(pauseMs * 2, PAUSE_MAX_MS);
      log.warn(`${reason} Another takes its place in ${pauseMs / 1000} s; the others go on.`);
      await sleep(pauseMs, undefined, { ref: false });
      if (isStopping()) return;
      startedAt = performance.now();
    }
  }

  async function hear(worker: Worker, message: FromWorker): Promise<void> {
    if (message.kind === 'measured') questions.answer(message.question, message.measurements);
    if (message.kind !== 'allMeasured?') return;
    const asked = living().map((one) =>
      questions.ask<Measurements>((question) => send(one, { kind: 'measured?', question })),
    );
    // Without those that don't answer in time: they may be about to end.
    const measurements = (await Promise.all([own.read(), ...asked])).filter((one) => one != null);
    send(worker, { kind: 'allMeasured', question: message.question, measurements });
  }
}

interface Started {
  /** It serves; rejects with why not where it ends instead. */
  readonly ready: Promise<void>;
  /** Resolves with how it ended, as a sentence without its full stop. */
  readonly ended: Promise<string>;
}

function living(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined && !worker.isDead()) as Worker[];
}

function send(worker: Worker, message: ToWorker): void {
  // With a callback a failure is told there, and not thrown: the worker is gone then.
  worker.send(message, () => undefined);
}
