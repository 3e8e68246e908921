import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LoadOrder } from './load.ts';

const LOAD_PROCESS = join(import.meta.dirname, 'steady-load-process.ts');

/**
 * Which sign-ins to send where, so many in a second whether they are answered or not; over at most
 * so many connections at a time.
 */
export interface SteadyOrder extends Omit<LoadOrder, 'again'> {
  readonly perSecond: number;
}

/** How long answers took, in ms, from the moment at which each sign-in was due to be sent. */
export interface SteadyResult {
  readonly answered: number;
  readonly median: number;
  readonly p99: number;
  readonly p999: number;
  readonly highest: number;
  /** How late the sender itself was, 99th percentile: it is in the figures above. */
  readonly senderLate: number;
}

/** Sends sign-ins from a process of its own. @throws where anything but 200 was answered, or one wasn't answered */
export async function steadyLoad(order: SteadyOrder): Promise<SteadyResult> {
  const { stdout } = await promisify(execFile)(process.execPath, [LOAD_PROCESS, JSON.stringify(order)]);
  const { fault, ...result } = JSON.parse(stdout) as SteadyResult & { fault: string | null };
  if (fault !== null) throw new Error(`The load on ${order.url} failed: ${fault}`);
  return result;
}
