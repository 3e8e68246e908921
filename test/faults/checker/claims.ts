import { isDeepStrictEqual } from 'node:util';
import { all, type Operation, type OperationThat } from '../history/operation.ts';
import { faultsOf, type Complain, type Fault } from './fault.ts';
import { decisionsOf, deliveryOf, isDecided, type KnownClaim } from './known-claims.ts';
import type { StoredClaim } from './state.ts';
import { endingsOf, type Span, type Timeline } from './timeline.ts';

/** Point 2: one claim per user, app and product while it is held; one answer per delivery. */
export function judgeUniqueness(timeline: Timeline): Fault[] {
  const { faults, add } = faultsOf(2);
  const effective = timeline.operations.filter(({ outcome }) => outcome !== 'refused');
  const groups = Map.groupBy(timeline.claims, ({ row }) => `${row.user_id} ${row.app_id} ${row.sku_id}`);
  for (const claims of groups.values()) {
    if (!claims.some(({ isNew }) => isNew)) continue;
    const { user_id: userId, sku_id: skuId } = claims[0]!.row;
    // Assigned by hand it stays held: only what was taken away can be claimed again.
    const releases = endingsOf(effective, userId, skuId).filter(
      ({ request }) => request.do !== 'assign' || request.remove.includes(skuId),
    );
    const held = claims.filter((claim) => claim.isNew || wasHeld(timeline, claim));
    if (held.length > releases.length + 1) {
      add(`${held.length} claims of one user, app and product, and ${releases.length} releases`, ...rowsOf(held));
      continue;
    }
    held
      .toSorted((a, b) => a.begin - b.begin)
      .forEach((claim, index, inOrder) => {
        const next = inOrder[index + 1];
        // Who asked first may have claimed last, where both were under way at once.
        const isEitherOrder = next !== undefined && claim.end >= next.begin;
        if (!next || isBetween(releases, claim, next) || (isEitherOrder && isBetween(releases, next, claim))) return;
        add('a second claim while the first was held', ...rowsOf([claim, next]));
      });
  }
  const paths = timeline.after.paths.filter(({ kind }) => kind === 'policy');
  for (const [key, same] of Map.groupBy(paths, (path) => `${path.user_id} ${path.source_id}`)) {
    if (same.length > 1) add(`user and app ${key} hold ${same.length} products by claims`, same);
  }
  judgeAnswers(timeline, add);
  return faults;
}

/** Whether a release may have come after one claim and before another. */
function isBetween(releases: readonly Operation[], first: Span, second: Span): boolean {
  return releases.some(({ invokedAt, returnedAt }) => returnedAt >= first.begin && invokedAt <= second.end);
}

function wasHeld({ before }: Timeline, { row }: KnownClaim): boolean {
  return before.paths.some((path) => path.claim_id === row.claim_id);
}

function judgeAnswers({ operations }: Timeline, add: Complain): void {
  const answered = all(operations, 'sign in').filter(isDecided);
  for (const [delivery, same] of Map.groupBy(answered, deliveryOf)) {
    const different = same.find(({ answer }) => !isDeepStrictEqual(answer, same[0]!.answer));
    if (different) add(`delivery ${delivery} was answered in two ways`, same[0]!.answer, different.answer);
  }
  for (const property of ['id', 'claimId']) {
    const claimed = answered.filter(({ answer }) => property === 'id' || answer.outcome === 'claimed');
    for (const [id, same] of Map.groupBy(claimed, ({ answer }) => answer[property] as string)) {
      const deliveries = new Set(same.map(deliveryOf));
      if (deliveries.size > 1) add(`${property} ${id} was told to ${deliveries.size} sign-ins`, ...deliveries);
    }
  }
}

/** Point 3: what was acknowledged is stored as it was told; what is unknown once, or not at all. */
export function judgeDurability(timeline: Timeline): Fault[] {
  const { faults, add } = faultsOf(3);
  const { before, after, claims, operations, until } = timeline;
  for (const [claimId, row] of before.claims) {
    if (!isDeepStrictEqual(after.claims.get(claimId), row)) add('a claim was lost or changed', row);
  }
  for (const { answer, appId, userId } of decisionsOf(timeline)) {
    if (answer.claimId === null) continue;
    const row = after.claims.get(answer.claimId as string);
    if (!row) add(`${String(answer.outcome)} was acknowledged, and its claim is not there`, answer);
    else if (answer.outcome === 'claimed' && !isAsTold(row, answer, appId, userId)) {
      add('a claim is stored otherwise than it was told', row, answer);
    }
  }
  judgeUnasked(claims, add);
  judgePaths(timeline, add);
  if (!timeline.switch.may(until, until, (on) => on === after.isSwitchOn)) add('the switch is not as it was left');
  for (const [id, { total }] of timeline.quantities) {
    const row = after.subscriptions.get(id);
    if (!row || !total.may(until, until, (licenses) => licenses === row.total_licenses)) {
      add('a subscription is not as it was left', id, row);
    }
  }
  for (const [userId, exists] of timeline.users) {
    if (!exists.may(until, until, (is) => is === after.users.has(userId)))
      add('a user is not as they were left', userId);
  }
  judgePolicies(timeline, add);
  for (const { answer } of all(operations, 'buy').filter(({ outcome }) => outcome === 'ok')) {
    if (!after.subscriptions.has(answer.id as string)) add('a purchase was acknowledged and is not there', answer.id);
  }
  return faults;
}

function isAsTold(row: StoredClaim, answer: any, appId: string, userId: string): boolean {
  return (
    row.user_id === userId &&
    row.app_id === appId &&
    row.sku_id === answer.skuId &&
    row.policy_id === answer.policyId &&
    row.is_backup === answer.isBackup &&
    row.claimed_at.toISOString() === answer.createdDateTime
  );
}

/** A claim comes of one sign-in: nobody's claim, or more claims than unanswered sign-ins, are of none. */
function judgeUnasked(claims: readonly KnownClaim[], add: Complain): void {
  const untold = claims.filter(({ isNew, acknowledgements }) => isNew && acknowledgements.length === 0);
  for (const same of Map.groupBy(untold, ({ row }) => `${row.user_id} ${row.app_id}`).values()) {
    const suspects = new Set(same[0]!.suspects.map(deliveryKey));
    if (same.length > suspects.size)
      add(`${same.length} claims of ${suspects.size} unanswered sign-ins`, ...rowsOf(same));
  }
}

function deliveryKey(operation: OperationThat<'sign in'>): string {
  return deliveryOf(operation);
}

/** The path of each claim is there until it ends, and is that claim's. */
function judgePaths({ after, claims, claimPaths, until }: Timeline, add: Complain): void {
  const paths = new Map(after.paths.flatMap((path) => (path.claim_id === null ? [] : [[path.claim_id, path]])));
  for (const { row } of claims) {
    const path = paths.get(row.claim_id);
    paths.delete(row.claim_id);
    if (!claimPaths.get(row.claim_id)!.may(until, until, (isThere) => isThere === (path !== undefined))) {
      add(path ? 'the path of a claim that was ended is there' : 'the path of a claim is not there', row);
    }
    if (path && (path.user_id !== row.user_id || path.sku_id !== row.sku_id || path.source_id !== row.app_id)) {
      add('a path is not of the claim that it names', path, row);
    }
  }
  for (const path of paths.values()) add('a path names a claim that is not there', path);
}

function judgePolicies({ policies, isBefore, after, until }: Timeline, add: Complain): void {
  for (const policy of policies.values()) {
    const row = after.policies.get(policy.policyId);
    if (!policy.exists.may(until, until, (is) => is === (row !== undefined))) {
      add('a policy is not as it was left', policy.policyId, row);
    }
    if (!row) continue;
    const isAsLeft =
      policy.isEnabled.may(until, until, (on) => on === row.is_enabled) &&
      policy.products.may(until, until, (products) => isDeepStrictEqual(products, row.products)) &&
      policy.includeGroups.may(until, until, (groups) => isDeepStrictEqual(groups, row.include_groups));
    if (!isAsLeft) add('a policy is not as it was left', row);
    for (const other of after.policies.values()) {
      if (other.app_id !== row.app_id || other.policy_id === row.policy_id) continue;
      const stands = row.position < other.position;
      if (!isBefore(row.policy_id, other.policy_id).may(until, until, (is) => is === stands)) {
        add('policies are not in the order in which they were left', row, other);
      }
    }
  }
}

function rowsOf(claims: readonly KnownClaim[]): StoredClaim[] {
  return claims.map(({ row }) => row);
}
