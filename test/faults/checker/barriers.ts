import { faultsOf, type Fault } from './fault.ts';
import { decisionsOf, type Decision } from './known-claims.ts';
import type { KnownPolicy } from './known-policies.ts';
import { mayBeFull } from './seats.ts';
import type { Timeline } from './timeline.ts';

// Point 5. A decision is right if it may have been right at some moment between its first asking
// and its first answer. Each of these looks at one cause alone, so that what it finds is certain.

export function judgeBarriers(timeline: Timeline): Fault[] {
  const { faults, add } = faultsOf(5);
  for (const decision of decisionsOf(timeline)) {
    const { answer } = decision;
    const complain = (what: string) => add(what, decision);
    judgeUser(timeline, decision, complain);
    if (answer.outcome === 'licensed') judgeLicensed(timeline, decision, complain);
    else judgeUnlicensed(timeline, decision, complain);
    if (answer.outcome === 'claimed') judgeClaim(timeline, decision, complain);
    if (answer.outcome === 'refused') judgeRefusal(timeline, decision, complain);
  }
  // Also what nobody was told must have been right when it was made.
  for (const { row, isNew, acknowledgements, begin, end } of timeline.claims) {
    if (!isNew || acknowledgements.length > 0) continue;
    const answer = { outcome: 'claimed', skuId: row.sku_id, policyId: row.policy_id, isBackup: row.is_backup };
    const decision = { appId: row.app_id, userId: row.user_id, answer, begin, end };
    judgeClaim(timeline, decision, (what) => add(`${what} (nobody was told of it)`, row));
  }
  return faults;
}

/** About the decision that is looked at. */
type ComplainOfIt = (what: string) => void;

function judgeUser({ users }: Timeline, { userId, answer, begin, end }: Decision, complain: ComplainOfIt): void {
  const isUnknown = answer.reason === 'unknownUser';
  const user = users.get(userId);
  if (!user && !isUnknown) complain('a decision about a user whom the tenant does not have');
  if (user && !user.may(begin, end, (exists) => exists !== isUnknown)) {
    complain(isUnknown ? 'unknownUser, and the user was there' : 'a decision about a user who was gone');
  }
}

/** Licensed: the product that is named may have been held, by the claim that is named. */
function judgeLicensed(
  timeline: Timeline,
  { userId, appId, answer, begin, end }: Decision,
  complain: ComplainOfIt,
): void {
  const { skuId, claimId } = answer as { skuId: string; claimId: string | null };
  if (!timeline.after.productsOfApps.get(appId)?.has(skuId))
    complain('licensed by a product that the app does not want');
  if (
    !timeline.held
      .get(skuId)
      ?.get(userId)
      ?.may(begin, end, (held) => held)
  ) {
    complain('licensed by a product that had been taken back');
  }
  if (claimId !== null && timeline.claimPaths.get(claimId)?.may(begin, end, (isThere) => isThere) === false) {
    complain('licensed by a claim that had ended');
  }
}

/** Neither claimed nor refused while a product of the app was held all the time. */
function judgeUnlicensed(timeline: Timeline, decision: Decision, complain: ComplainOfIt): void {
  const { userId, appId, answer, begin, end } = decision;
  if (answer.reason === 'unknownUser' || answer.reason === 'unknownApp') return;
  for (const skuId of timeline.after.productsOfApps.get(appId) ?? []) {
    if (
      timeline.held
        .get(skuId)
        ?.get(userId)
        ?.must(begin, end, (held) => held)
    ) {
      complain(`${String(answer.outcome)}, and ${skuId} licensed the user all the time`);
    }
  }
}

function judgeClaim(timeline: Timeline, decision: Decision, complain: ComplainOfIt): void {
  const { userId, appId, answer, begin, end } = decision;
  const { skuId, policyId, isBackup } = answer as { skuId: string; policyId: string; isBackup: boolean };
  if (!timeline.switch.may(begin, end, (on) => on)) complain('claimed, and auto-claim had been off from before');
  const policy = timeline.policies.get(policyId);
  if (!policy || policy.appId !== appId) {
    complain('claimed under a policy that the app never had');
    return;
  }
  if (!mayApply(timeline, policy, decision)) {
    complain('claimed under a policy that was off, gone or for others');
    return;
  }
  const orders = policy.products
    .possible(begin, end)
    .filter((products) => products.includes(skuId) && products.indexOf(skuId) > 0 === isBackup);
  if (orders.length === 0) {
    complain('claimed a product that had another place in the policy, or none');
    return;
  }
  const isInOrder = orders.some((products) =>
    products.slice(0, products.indexOf(skuId)).every((earlier) => mayBeFull(timeline, earlier, userId, begin, end)),
  );
  if (!isInOrder) complain('claimed a backup while a product before it had free seats all the time');
  for (const other of timeline.policies.values()) {
    if (other === policy || other.appId !== appId || !mustApply(timeline, other, decision)) continue;
    if (timeline.isBefore(other.policyId, policyId).must(begin, end, (is) => is)) {
      complain(`claimed under a policy behind ${other.policyId}, which was the first all the time`);
    }
  }
}

function judgeRefusal(timeline: Timeline, decision: Decision, complain: ComplainOfIt): void {
  const { appId, answer, begin, end } = decision;
  const reason = answer.reason as string;
  if (reason === 'unknownUser') return;
  if (reason === 'autoClaimOff') {
    if (!timeline.switch.may(begin, end, (on) => !on)) complain('autoClaimOff, and it had been on from before');
    return;
  }
  if (!timeline.switch.may(begin, end, (on) => on)) complain(`${reason}, and auto-claim had been off from before`);
  const policies = [...timeline.policies.values()].filter((policy) => policy.appId === appId);
  switch (reason) {
    case 'noPolicy':
      if (policies.some((policy) => mustBeOn(policy, decision))) complain('noPolicy, and one was on all the time');
      break;
    case 'notInAudience':
      if (policies.some((policy) => mustApply(timeline, policy, decision))) {
        complain('notInAudience, and a policy was for the user all the time');
      }
      break;
    case 'noSeats':
      if (
        !policies.some((policy) => mayApply(timeline, policy, decision) && mayFindNoSeats(timeline, policy, decision))
      ) {
        complain('noSeats, and there were some all the time');
      }
      break;
    default:
      complain(`${reason}, for which nothing in this history is a cause`);
  }
}

function mayFindNoSeats(timeline: Timeline, policy: KnownPolicy, { userId, begin, end }: Decision): boolean {
  return policy.products
    .possible(begin, end)
    .some((products) => products.every((skuId) => mayBeFull(timeline, skuId, userId, begin, end)));
}

function mustBeOn({ exists, isEnabled }: KnownPolicy, { begin, end }: Decision): boolean {
  return exists.must(begin, end, (is) => is) && isEnabled.must(begin, end, (on) => on);
}

/** On, and for this user, at every moment. */
function mustApply(timeline: Timeline, policy: KnownPolicy, decision: Decision): boolean {
  const { userId, begin, end } = decision;
  return (
    mustBeOn(policy, decision) && policy.includeGroups.must(begin, end, (groups) => isAmong(timeline, userId, groups))
  );
}

/** On, and for this user, at some moment. */
function mayApply(timeline: Timeline, policy: KnownPolicy, { userId, begin, end }: Decision): boolean {
  return (
    policy.exists.may(begin, end, (is) => is) &&
    policy.isEnabled.may(begin, end, (on) => on) &&
    policy.includeGroups.may(begin, end, (groups) => isAmong(timeline, userId, groups))
  );
}

/** Groups don't change in these histories; a deleted user was in them before. */
function isAmong({ before }: Timeline, userId: string, groups: readonly string[]): boolean {
  return groups.length === 0 || groups.some((group) => before.members.get(group)?.has(userId));
}
