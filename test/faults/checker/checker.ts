import type { Operation } from '../history/operation.ts';
import { judgeBarriers } from './barriers.ts';
import { judgeDurability, judgeUniqueness } from './claims.ts';
import { judgeCrossings } from './crossings.ts';
import type { Fault } from './fault.ts';
import { judgeRecords } from './records.ts';
import { judgeReports } from './reports.ts';
import { judgeCounts, judgeSeats } from './seats.ts';
import type { State } from './state.ts';
import { timelineOf } from './timeline.ts';

// The checker: judges what clients saw and what the database holds by what PRODUCT.md says must
// always hold. It is written apart from the engine, shares nothing with it (it imports nothing of
// src/), and does its own arithmetic. How to use it:
//
//   const organisation = await found(server.url, credentials)   // history/organisation.ts: two tenants, over the API
//   const recorder = new Recorder()                             // history/recorder.ts: the clock, and what was done
//   const before = await readState(pool, organisation.tenantIds, recorder.now)
//   await live(recorder, organisation, [server.url, other.url], { seed, … })   // history/lanes.ts: a storm of mixed operations
//   … break something meanwhile; what isn't answered is recorded as unknown …
//   await recorder.settle(pool)            // nothing is under way any more: unknowns are done or never will be
//   const after = await readState(pool, organisation.tenantIds, recorder.now)
//   assert.deepEqual(judge({ before, operations: recorder.operations, after, canaries: organisation.canaries }), [])
//
// before and after may come from different servers (a standby that was promoted, a restored
// back-up). Histories follow one another: the next one's before is this one's after, with
// recorder.operations emptied. Operations of one's own are recorded with recorder.perform().

export interface History {
  readonly before: State;
  /** Everything that touched these tenants between the two states. */
  readonly operations: readonly Operation[];
  readonly after: State;
  /** By tenant: a text that stands in all its names, and nowhere else. */
  readonly canaries?: ReadonlyMap<string, string>;
  /** What the servers wrote to their logs. */
  readonly logs?: readonly string[];
  /** No server was killed and none was without its database: every decision that was told is in the log of sign-ins. */
  readonly isLossless?: boolean;
}

/** Every fault that is to be found; none, if all is well. */
export function judge({
  before,
  operations,
  after,
  canaries = new Map(),
  logs = [],
  isLossless = false,
}: History): Fault[] {
  const faults = judgeCrossings(before, after, operations, canaries, logs);
  for (const [tenantId, stored] of before.tenants) {
    const timeline = timelineOf({
      tenantId,
      before: stored,
      operations: operations.filter((operation) => operation.tenantId === tenantId),
      after: after.tenants.get(tenantId)!,
      until: after.takenAt,
    });
    faults.push(
      ...judgeSeats(timeline),
      ...judgeUniqueness(timeline),
      ...judgeDurability(timeline),
      ...judgeRecords(timeline, isLossless),
      ...judgeCounts(timeline),
      ...judgeBarriers(timeline),
      ...judgeReports(timeline),
    );
  }
  return faults;
}
