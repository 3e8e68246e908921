import { faultsOf, type Fault } from './fault.ts';
import type { Register } from './register.ts';
import type { Timeline } from './timeline.ts';

/** Seats that were bought, at some moment in a time: the fewest and the most that there may have been. */
export function capacityOf({ quantities }: Timeline, skuId: string, from: number, to: number) {
  const bought = [...quantities.values()]
    .filter((subscription) => subscription.skuId === skuId)
    .map(({ total }) => total.possible(from, to));
  return {
    least: sum(bought.map((possible) => Math.min(...possible))),
    most: sum(bought.map((possible) => Math.max(...possible))),
  };
}

/** Whether a product may have been without a free seat at some moment, whatever this user holds of it. */
export function mayBeFull(timeline: Timeline, skuId: string, userId: string, from: number, to: number): boolean {
  let free = capacityOf(timeline, skuId, from, to).least;
  for (const [holder, seat] of timeline.held.get(skuId) ?? []) {
    if (free <= 0) return true;
    if (holder !== userId && seat.may(from, to, (isHeld) => isHeld)) free -= 1;
  }
  return free <= 0;
}

/** Point 1: seats that were held for certain, at no moment more than there may have been. */
export function judgeSeats(timeline: Timeline): Fault[] {
  const { faults, add } = faultsOf(1);
  for (const [skuId, holders] of timeline.held) {
    let held = 0;
    // Also when seats were cut nothing need have been given or taken back.
    const cuts = [...timeline.quantities.values()]
      .filter((subscription) => subscription.skuId === skuId)
      .flatMap(({ total }) => total.moments.filter(Number.isFinite));
    for (const [at, change] of changesOf([...holders.values()], cuts)) {
      held += change;
      const { most } = capacityOf(timeline, skuId, at, at);
      if (held > most) add(`${held} seats of ${most} were taken of ${skuId} at ${at}`);
    }
  }
  for (const [skuId, pool] of timeline.after.pools) {
    const seats = pool.enabled + pool.warning;
    if (pool.consumed > seats) add(`the pool of ${skuId} is oversold`, pool);
    const held = timeline.after.licenses.filter((license) => license.sku_id === skuId).length;
    if (held > seats) add(`${held} licenses are held of ${seats} of ${skuId}`);
  }
  return faults;
}

/** How many seats more or fewer are held for certain, and when, in order; with other moments at which nothing changes. */
function changesOf(seats: readonly Register<boolean>[], others: readonly number[]): [at: number, change: number][] {
  const changes = new Map(others.map((at) => [at, 0]));
  for (const seat of seats) {
    let wasHeld = false;
    for (const at of [...new Set([-Number.MAX_VALUE, ...seat.moments.filter(Number.isFinite)])].sort((a, b) => a - b)) {
      const isHeld = seat.must(at, at, (held) => held);
      if (isHeld !== wasHeld) changes.set(at, (changes.get(at) ?? 0) + (isHeld ? 1 : -1));
      wasHeld = isHeld;
    }
  }
  return [...changes].sort(([a], [b]) => a - b);
}

/** Point 4: the counters, the licenses, the paths and the history say the same. */
export function judgeCounts(timeline: Timeline): Fault[] {
  const { faults, add } = faultsOf(4);
  const { after, held, until } = timeline;
  const licenses = new Set(after.licenses.map((license) => `${license.user_id} ${license.sku_id}`));
  const withPath = new Set(after.paths.map((path) => `${path.user_id} ${path.sku_id}`));
  for (const [skuId, pool] of after.pools) {
    const count = after.licenses.filter((license) => license.sku_id === skuId).length;
    if (pool.consumed !== count) add(`consumed is ${pool.consumed} and ${count} licenses are held of ${skuId}`);
    const bought = sum(
      [...after.subscriptions.values()].filter((row) => row.sku_id === skuId).map((row) => row.total_licenses),
    );
    const units = pool.enabled + pool.warning + pool.suspended;
    if (units !== bought) add(`the pool of ${skuId} has ${units} units and ${bought} were bought`);
  }
  for (const { user_id: userId, sku_id: skuId } of after.licenses) {
    const key = `${userId} ${skuId}`;
    if (!withPath.has(key)) add('a license without a path', userId, skuId);
    if (!after.users.has(userId)) add('a license of a user who is gone', userId, skuId);
    if (!after.pools.has(skuId)) add('a license without a pool', userId, skuId);
    if (
      !held
        .get(skuId)
        ?.get(userId)
        ?.may(until, until, (isHeld) => isHeld)
    ) {
      add('a license that nobody gave, or that was taken back', userId, skuId);
    }
  }
  for (const key of withPath) if (!licenses.has(key)) add('a path without a license', key);
  for (const [skuId, holders] of held) {
    for (const [userId, seat] of holders) {
      if (licenses.has(`${userId} ${skuId}`) || seat.may(until, until, (isHeld) => !isHeld)) continue;
      add('a license was given, was not taken back, and is not there', userId, skuId);
    }
  }
  return faults;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
