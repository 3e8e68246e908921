import { useSyncExternalStore } from 'react';

/** One thing of many that work is done for. */
export interface BulkItem {
  readonly id: string;
  /** Shown where its work fails. */
  readonly name: string;
}

export interface BulkFailure extends BulkItem {
  readonly message: string;
}

/** How far the work under a title is. */
export interface BulkState {
  /** Tells it from other work; the title and what it is about. */
  readonly key: string;
  readonly title: string;
  readonly isRunning: boolean;
  readonly total: number;
  readonly done: number;
  readonly failures: readonly BulkFailure[];
  readonly isStopped: boolean;
}

/** As many requests as the server sees of one person at a time. */
const AT_ONCE = 4;

/**
 * Work goes on when its page or pane is left, and is found again there by its title; so it is kept beside the
 * components. It ends with the browser's tab, which asks first.
 */
const kept = new Map<string, BulkState>();
const listeners = new Set<() => void>();
let running: readonly BulkState[] = [];

function keep(key: string, state: BulkState | undefined): void {
  if (state) kept.set(key, state);
  else kept.delete(key);
  running = [...kept.values()].filter(({ isRunning }) => isRunning);
  if (running.length > 0) addEventListener('beforeunload', askFirst);
  else removeEventListener('beforeunload', askFirst);
  for (const listener of listeners) listener();
}

const askFirst = (event: BeforeUnloadEvent) => event.preventDefault();
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export function stopBulkWork(key: string): void {
  const state = kept.get(key);
  if (state?.isRunning) keep(key, { ...state, isStopped: true });
}

/** All work that is going on. */
export function useRunningBulkWork(): readonly BulkState[] {
  return useSyncExternalStore(subscribe, () => running);
}

/**
 * Does the same for many, a few at a time: `await bulk.run(items, (item) => api.send(…))`, and
 * `<BulkProgress bulk={bulk} />` shows how far it is, stops it, and says what failed for whom.
 * @param title what is done: "Unassign Visio Plan 2"
 * @param of the id of what it is about; one such work is done at a time
 */
export function useBulk(title: string, of: string) {
  const key = `${of} ${title}`;
  const state = useSyncExternalStore(subscribe, () => kept.get(key));
  const { isRunning = false, total = 0, done = 0, failures = [], isStopped = false } = state ?? {};
  return {
    title,
    isRunning,
    total,
    done,
    failures,
    isStopped,
    /** @returns how many it was done for */
    run: <T extends BulkItem>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<number> =>
      runInBatches({ key, title }, items, 1, async ([item]) => {
        await work(item!);
        return [];
      }),
    /**
     * @param work does it for a batch; tells for whom it didn't work
     * @returns how many it was done for
     */
    runInBatches: <T extends BulkItem>(items: readonly T[], size: number, work: BatchWork<T>): Promise<number> =>
      runInBatches({ key, title }, items, size, work),
    stop: () => stopBulkWork(key),
    clear: () => keep(key, undefined),
  };
}

type BatchWork<T> = (batch: readonly T[]) => Promise<readonly { readonly id: string; readonly message: string }[]>;

async function runInBatches<T extends BulkItem>(
  { key, title }: Pick<BulkState, 'key' | 'title'>,
  items: readonly T[],
  size: number,
  work: BatchWork<T>,
): Promise<number> {
  if (kept.get(key)?.isRunning) return 0;
  keep(key, { key, title, isRunning: true, total: items.length, done: 0, failures: [], isStopped: false });
  const state = () => kept.get(key)!;
  const waiting = [...items];
  const worker = async () => {
    while (!state().isStopped) {
      const batch = waiting.splice(0, size);
      if (batch.length === 0) return;
      let failed: readonly BulkFailure[];
      try {
        const messages = new Map((await work(batch)).map(({ id, message }) => [id, message]));
        failed = batch.flatMap(({ id, name }) => (messages.has(id) ? [{ id, name, message: messages.get(id)! }] : []));
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        failed = batch.map(({ id, name }) => ({ id, name, message }));
      }
      const { done, failures } = state();
      keep(key, { ...state(), done: done + batch.length, failures: [...failures, ...failed] });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const { done, failures, isStopped } = state();
  // Stopped when all was done already, it was not.
  const isCut = isStopped && done < items.length;
  keep(key, failures.length > 0 || isCut ? { ...state(), isRunning: false, isStopped: isCut } : undefined);
  return done - failures.length;
}
