import cluster from 'node:cluster';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { openDatabase, type Connection } from '../db/open.ts';
import type { GatherMeasurements, Measurements } from '../http/metrics.ts';
import { explainFailure } from './failure.ts';
import { listen } from './listen.ts';
import { Questions } from './questions.ts';
import { closeInTime } from './store.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/**
 * One of several processes that serve on the one port: HTTP alone, on the database that the primary
 * names. It ends when the primary says so, or is gone.
 */
export async function work(config: Config, log: Logger): Promise<void> {
  // Ctrl-C and service managers signal every process; the primary alone decides what follows.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const connection = await new Promise<Connection>((resolve) => {
    process.once('message', (message: Extract<ToWorker, { kind: 'start' }>) => resolve(message.connection));
  });
  const stopping = new Promise<void>((resolve) => {
    process.on('message', (message: ToWorker) => {
      if (message.kind === 'stop') resolve();
    });
  });
  try {
    const db = openDatabase(connection, (err) => log.warn({ err }, 'An idle database connection was closed.'));
    const stop = await listen(config, db, log, gatherFromAll());
    tell({ kind: 'listening' });
    await stopping;
    await stop();
    await closeInTime(db);
    process.exit(0);
  } catch (error) {
    log.debug({ err: error }, 'The worker failed.');
    process.send!({ kind: 'failed', explanation: explainFailure(error, config) }, () => process.exit(1));
  }
}

function tell(message: FromWorker): void {
  cluster.worker!.send(message, () => undefined);
}

/** Whoever is asked for measurements answers for all: the primary gathers them. */
function gatherFromAll(): GatherMeasurements {
  const questions = new Questions();
  return (own) => {
    process.on('message', (message: ToWorker) => {
      if (message.kind === 'measured?') {
        void own().then((measurements) => tell({ kind: 'measured', question: message.question, measurements }));
      }
      if (message.kind === 'allMeasured') questions.answer(message.question, message.measurements);
    });
    return async () => {
      const all = await questions.ask<readonly Measurements[]>((question) => tell({ kind: 'allMeasured?', question }));
      return all ?? [await own()];
    };
  };
}
