import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Database } from '../db/open.ts';
import { createApp } from '../http/app.ts';
import type { GatherMeasurements } from '../http/metrics.ts';
import type { Server } from '../http/server.ts';

/**
 * How long requests that are under way may take to end when the server stops. With what follows
 * (writing, closing) this stays within the ten seconds after which containers are ended by force.
 */
const DRAIN_MS = 5_000;
const SWEEP_MS = 100;

/**
 * Serves HTTP on the settings' port.
 * @param gather for the processes of one server that share the port: the measurements of all
 * @returns how to stop: answers what is in flight, takes nothing new
 */
export async function listen(
  config: Config,
  db: Database,
  log: Logger,
  gather?: GatherMeasurements,
): Promise<() => Promise<void>> {
  const app = await createApp({ config, db }, log, gather);
  await app.listen({ host: config.host, port: config.port });
  return () => drain(app);
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
