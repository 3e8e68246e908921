import type { Measurements } from '../http/metrics.ts';
import type { Connection } from '../db/open.ts';

// What the primary process and its workers tell each other, as structured clones.

export type ToWorker =
  | { readonly kind: 'start'; readonly connection: Connection }
  | { readonly kind: 'stop' }
  /** What have you measured? */
  | { readonly kind: 'measured?'; readonly question: number }
  /** The answer to a worker's `allMeasured?` */
  | { readonly kind: 'allMeasured'; readonly question: number; readonly measurements: readonly Measurements[] };

export type FromWorker =
  | { readonly kind: 'listening' }
  /** It can't start: why, for the person at the terminal. */
  | { readonly kind: 'failed'; readonly explanation: string }
  | { readonly kind: 'measured'; readonly question: number; readonly measurements: Measurements }
  | { readonly kind: 'allMeasured?'; readonly question: number };

/** A worker could not start: the message says why and what to do. */
export class WorkerFailure extends Error {
  override readonly name = 'WorkerFailure';
}
