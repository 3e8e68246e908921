import type { Database } from '../../db/open.ts';
import { inTransaction } from '../../db/transaction.ts';
import { lockPools } from '../subscription/pools.ts';
import { grant } from './award.ts';
import { decide, explain } from './decide.ts';
import type { Decision, Entitlement, Reason, Step } from './decision.ts';
import { findEntitlement } from './entitlement.ts';
import { factsOf, readMoment, type Ask, type Moment } from './moment.ts';
import { sentenceForAdmin, sentenceForPerson } from './sentences.ts';

/** What a sign-in's answer would be now, and why: every check with what it found. */
export interface Explanation {
  readonly outcome: Decision['outcome'];
  readonly reason: Reason | null;
  readonly message: string;
  readonly adminMessage: string;
  readonly appId: string;
  readonly userId: string | null;
  readonly entitlement: Entitlement | null;
  readonly steps: readonly Step[];
  readonly at: Date;
}

/** Stands for the claim that isn't made; it never leaves this file. */
const NO_CLAIM = '00000000-0000-0000-0000-000000000000';

/** The decision as it would be, from the same list of checks. Changes nothing. */
export async function explainSignIn(db: Database, tenantId: string, ask: Ask): Promise<Explanation> {
  const moment = await readCurrentMoment(db, tenantId, ask);
  const before = factsOf(moment, ask, 0);
  const decision = decide(before);
  const steps = explain(before);
  let { outcome } = decision;
  let entitlement: Entitlement | null = null;
  if (decision.outcome === 'licensed') entitlement = decision.entitlement;
  if (decision.outcome === 'claimed') {
    const { widened } = grant(moment, before.user!, ask.appId, decision.award, NO_CLAIM);
    if (widened) outcome = 'licensed';
    entitlement = findEntitlement(factsOf(moment, ask, 0)) ?? null;
  }
  const reason = decision.outcome === 'refused' ? decision.reason : null;
  return {
    outcome,
    reason,
    message: sentenceForPerson(outcome, reason, before),
    adminMessage: sentenceForAdmin(outcome, reason),
    appId: ask.appId,
    userId: before.user?.userId ?? null,
    entitlement: entitlement && { ...entitlement, claimId: null },
    steps,
    at: moment.now,
  };
}

/** A pool that is past a lifecycle date has its units moved first; a sign-in would do the same. */
async function readCurrentMoment(db: Database, tenantId: string, ask: Ask): Promise<Moment> {
  const moment = await readMoment(db.pool, tenantId, [ask]);
  if (moment.duePools.length === 0) return moment;
  return inTransaction(db, async ({ client }) => {
    await lockPools({ tenantId, client }, moment.duePools);
    return readMoment(client, tenantId, [ask]);
  });
}
