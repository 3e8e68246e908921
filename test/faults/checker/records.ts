import { all, type Operation } from '../history/operation.ts';
import { faultsOf, type Complain, type Fault } from './fault.ts';
import { decisionsOf } from './known-claims.ts';
import type { Timeline } from './timeline.ts';

/** Changes that always leave an entry in the audit; others may have changed nothing. */
const ALWAYS_AUDITED = ['buy', 'add policy', 'delete policy', 'delete user'];

/**
 * Point 3 for what is written beside: each claim is once in the audit and once in the log of
 * sign-ins; what was done is in the audit, and what was refused left nothing there.
 * @param isLossless nothing was killed: every decision that was told is in the log of sign-ins
 */
export function judgeRecords(timeline: Timeline, isLossless: boolean): Fault[] {
  const { faults, add } = faultsOf(3);
  const { after, claims, operations } = timeline;
  const audited = Map.groupBy(
    after.audit.filter(({ activity }) => activity === 'Claim license'),
    (entry) => entry.claim_id,
  );
  const logged = Map.groupBy(
    [...after.signIns.values()].filter(({ outcome }) => outcome === 'claimed'),
    (signIn) => signIn.claim_id,
  );
  for (const { row, isNew } of claims) {
    if (!isNew) continue;
    const times = { audit: audited.get(row.claim_id)?.length ?? 0, log: logged.get(row.claim_id)?.length ?? 0 };
    if (times.audit !== 1 || times.log !== 1) add('a claim is not once in the audit and once in the log', row, times);
  }
  for (const claimId of [...audited.keys(), ...logged.keys()]) {
    if (!after.claims.has(claimId!)) add('the audit or the log has a claim that is not there', claimId);
  }
  const requests = new Set(after.audit.map((entry) => entry.correlation_id));
  for (const operation of operations) judgeAudited(operation, requests, add);
  judgeLog(timeline, isLossless, add);
  return faults;
}

function judgeAudited({ request, outcome, requestId }: Operation, audited: ReadonlySet<string | null>, add: Complain) {
  if (requestId === null || request.do === 'sign in') return;
  if (outcome === 'ok' && ALWAYS_AUDITED.includes(request.do) && !audited.has(requestId)) {
    add('what was done is not in the audit', request);
  }
  if (outcome === 'refused' && audited.has(requestId)) add('what was refused is in the audit', request);
}

function judgeLog(timeline: Timeline, isLossless: boolean, add: Complain): void {
  const { after, operations } = timeline;
  for (const { answer, userId, appId } of decisionsOf(timeline)) {
    const row = after.signIns.get(answer.id as string);
    if (!row) {
      if (isLossless) add('a decision that was told is not in the log', answer);
      continue;
    }
    const isAsTold =
      row.outcome === answer.outcome &&
      row.reason === answer.reason &&
      row.app_id === appId &&
      (row.user_id ?? userId) === userId &&
      row.claim_id === answer.claimId;
    if (!isAsTold) add('a decision is in the log otherwise than it was told', answer, row);
  }
  const told = new Set(all(operations, 'sign in').map(({ answer }) => answer?.id as string | undefined));
  const untold = [...after.signIns.keys()].filter((id) => !told.has(id) && !timeline.before.signIns.has(id));
  const unknown = operations.filter(({ outcome }) => outcome === 'unknown').length;
  if (untold.length > unknown)
    add(`the log has ${untold.length} decisions that nobody was told of`, untold.slice(0, 3));
}
