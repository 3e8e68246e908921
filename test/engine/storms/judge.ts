import { isDeepStrictEqual } from 'node:util';
import type { Database } from '../../../src/db/open.ts';
import type { Policy } from '../../../src/engine/policy/policy.ts';
import type { Event } from './perform.ts';

// Judges what was seen from the outside, on one clock, by what PRODUCT.md says must always hold.

/** A value that was written: from when it may have been in force, and until when at the earliest. */
interface Write<T> {
  readonly begin: number;
  readonly end: number;
  readonly value: T;
}

/** Everything that is wrong with what was answered. */
export function judgeAnswers(events: readonly Event[]): string[] {
  const setting = events.flatMap(({ action, begin, end }): Write<boolean>[] =>
    action.do === 'turn setting' ? [{ begin, end, value: action.on }] : [],
  );
  const faults: string[] = [];
  for (const claim of claimsOf(events)) {
    const { policyId, skuId, isBackup } = claim.entitlement;
    if (!mayHold([{ begin: -1, end: -1, value: false }, ...setting], claim, (on) => on)) {
      faults.push(`claimed although the setting was off from before it began: ${JSON.stringify(claim)}`);
    }
    const policy = events.flatMap(({ policy: one, begin, end }): Write<Policy | null>[] =>
      one?.id === policyId ? [{ begin, end, value: one.state }] : [],
    );
    const gives = (state: Policy | null) => {
      const at = state?.products.findIndex((product) => product.skuId === skuId) ?? -1;
      return state?.isEnabled === true && at >= 0 && at > 0 === isBackup;
    };
    if (!mayHold(policy, claim, gives)) {
      faults.push(`claimed although the policy had been changed before it began: ${JSON.stringify(claim)}`);
    }
  }
  return [...faults, ...judgeDeliveries(events)];
}

/** Whether a value that fits may have been in force at some time between begin and end. */
function mayHold<T>(
  writes: readonly Write<T>[],
  { begin, end }: { begin: number; end: number },
  fits: (value: T) => boolean,
) {
  return writes.some(
    (write) =>
      fits(write.value) &&
      write.begin <= end &&
      // Overwritten for certain: by one that began after it was answered, and was answered before.
      !writes.some((later) => later.begin >= write.end && later.end <= begin && later !== write),
  );
}

interface SeenClaim {
  readonly begin: number;
  readonly end: number;
  readonly claimId: string;
  readonly userId: string;
  readonly appId: string;
  readonly entitlement: { readonly policyId: string; readonly skuId: string; readonly isBackup: boolean };
}

/** Each claim that was answered, with the time between its first asking and its last answer. */
export function claimsOf(events: readonly Event[]): SeenClaim[] {
  const claimed = events.filter(({ signIn }) => signIn?.decided.outcome === 'claimed');
  const bySignIn = Map.groupBy(claimed, ({ signIn }) => signIn!.decided.signInId);
  return [...bySignIn.values()].map((answers) => {
    const { userId, appId, entitlement } = answers[0]!.signIn!.decided;
    const { claimId, policyId, skuId, isBackup } = entitlement!;
    return {
      begin: Math.min(...answers.map(({ begin }) => begin)),
      end: Math.max(...answers.map(({ end }) => end)),
      claimId: claimId!,
      userId: userId!,
      appId,
      entitlement: { policyId: policyId!, skuId, isBackup: isBackup! },
    };
  });
}

/** The same delivery has one answer. */
function judgeDeliveries(events: readonly Event[]): string[] {
  const deliveries = Map.groupBy(
    events.filter(({ signIn }) => signIn !== undefined && signIn.question !== ''),
    ({ signIn }) => signIn!.question,
  );
  return [...deliveries]
    .map(([question, all]) => ({ question, answers: all.map(({ signIn }) => signIn!.decided) }))
    .filter(({ answers }) => answers.some((answer) => !isDeepStrictEqual(answer, answers[0])))
    .map(({ question, answers }) => `${question} was answered in several ways: ${JSON.stringify(answers)}`);
}

/** What was answered against what is stored: every claim that was told is there, and no other. */
export async function judgeClaims(
  db: Database,
  tenantId: string,
  events: readonly Event[],
  expires: boolean,
): Promise<string[]> {
  const { rows } = await db.pool.query<{ told: string }>(
    `select concat_ws(' ', claim_id, user_id, app_id, sku_id, policy_id, is_backup) as told from claims where tenant_id = $1`,
    [tenantId],
  );
  const stored = new Set(rows.map((row) => row.told));
  const seen = claimsOf(events);
  const told = seen.map(({ claimId, userId, appId, entitlement }) => {
    const { skuId, policyId, isBackup } = entitlement;
    return [claimId, userId, appId, skuId, policyId, isBackup ? 't' : 'f'].join(' ');
  });
  const faults = told.filter((one) => !stored.delete(one)).map((one) => `claim ${one} was answered and is not there`);
  faults.push(...[...stored].map((one) => `claim ${one} is there and was not answered`));
  if (expires) return faults;
  // A second claim needs that the first has ended: by an assignment of that product.
  for (const claims of Map.groupBy(seen, ({ userId, appId, entitlement }) =>
    [userId, appId, entitlement.skuId].join(' '),
  ).values()) {
    const { userId, entitlement } = claims[0]!;
    const endings = events.filter(({ ended }) => ended?.userId === userId && ended.skuIds.includes(entitlement.skuId));
    if (claims.length > 1 + endings.length) faults.push(`${claims.length} claims of ${JSON.stringify(claims[0])}`);
  }
  const { rows: twice } = await db.pool.query<{ fault: string }>(
    `select 'user ' || user_id || ' holds ' || count(*) || ' products by claims for one app' as fault
       from assignment_paths where tenant_id = $1 and kind = 'policy'
      group by user_id, source_id having count(*) > 1`,
    [tenantId],
  );
  return [...faults, ...twice.map(({ fault }) => fault)];
}
