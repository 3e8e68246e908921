import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const LOAD_PROCESS = join(import.meta.dirname, 'load-process.ts');

/** Which sign-ins to send where. */
export interface LoadOrder {
  readonly url: string;
  readonly token: string;
  readonly appId: string;
  readonly connections: number;
  readonly seconds: number;
  /** How many people there are. */
  readonly people: number;
  /** How many of them have come already and don't come now. */
  readonly first?: number;
  /** Each comes once; or, where it is given, so many of them come again and again: those who would have been first. */
  readonly again?: number;
}

/** What came of it. */
export interface LoadResult {
  readonly answered: number;
  readonly perSecond: number;
  readonly latencyMs: { readonly median: number; readonly p99: number; readonly highest: number };
}

/** Sends sign-ins from a process of its own. @throws where anything but 200 was answered, or the people ran out */
export async function load(order: LoadOrder): Promise<LoadResult> {
  const { stdout } = await promisify(execFile)(process.execPath, [LOAD_PROCESS, JSON.stringify(order)], {
    encoding: 'utf8',
  });
  const { fault, ...result } = JSON.parse(stdout) as LoadResult & { fault: unknown };
  if (fault) throw new Error(`The load on ${order.url} failed: ${JSON.stringify(fault)}`);
  return result;
}
