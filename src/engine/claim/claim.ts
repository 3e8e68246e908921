import type { Database } from '../../db/open.ts';
import { asStoreFailure, StoreUnavailable } from '../../db/failures.ts';
import { inPipelinedTransaction, together } from '../../db/transaction.ts';
import { lockNamedUsers, lockUsers } from '../license/lock-users.ts';
import { takeSeats, type Placement } from '../license/seats.ts';
import { holdPools, moveDueUnits } from '../subscription/pools.ts';
import type { TenantClient } from '../tenant/tenancy.ts';
import { grant } from './award.ts';
import { choosePolicy, decide } from './decide.ts';
import type { Decision } from './decision.ts';
import { type CorrelationReused, DeliveredMeanwhile, keepDelivered, keyOf, readDelivered } from './deliveries.ts';
import { findEntitlement } from './entitlement.ts';
import { expectAfter, isExpected, type Expectation } from './expectation.ts';
import { factsOf, readMoment, type Moment } from './moment.ts';
import { newId } from './new-id.ts';
import { recordClaims, recordWidenings, type Claimed, type Widening } from './record-claims.ts';
import { tell, type DecidedSignIn, type LoggedSignIn, type SignIn } from './sign-in.ts';

/** What came of a number of sign-ins: an answer or a refusal of the request for each, and what the log is to keep. */
export interface Outcome {
  readonly answers: ReadonlyMap<SignIn, DecidedSignIn | CorrelationReused>;
  /** Decided now and not written with a claim. */
  readonly toLog: readonly LoggedSignIn[];
  /** What the tenant's next sign-ins are likely to be. */
  readonly expectation: Expectation | undefined;
}

/** How often the undecided are sent again: each time, what they wait for has moved in between. */
const ROUNDS_MAX = 20;

/**
 * Decides sign-ins of one tenant, and claims the seats that are due, all in one set-based call.
 * Looks first without a lock: who is licensed, or refused, is answered from one snapshot. The
 * others are decided again in a transaction that holds the locks of their policies' pools.
 * @param expectation where nearly all are likely to claim: then the look is left out
 * @throws StoreUnavailable where it can't be said that what was decided is durable
 */
export async function decideSignIns(
  db: Database,
  tenantId: string,
  signIns: readonly SignIn[],
  expectation?: Expectation,
): Promise<Outcome> {
  const answers = new Map<SignIn, DecidedSignIn | CorrelationReused>();
  const toLog: LoggedSignIn[] = [];
  let open = signIns;
  const isClaiming = expectation && isExpected(expectation, signIns);
  let locks: Locks | undefined = isClaiming ? { skuIds: expectation.skuIds, userIds: undefined } : undefined;
  for (let round = 0; open.length > 0; round += 1) {
    if (round === ROUNDS_MAX) throw new StoreUnavailable('The pools move faster than sign-ins can be decided.');
    const result = await decideRound(db, tenantId, open, locks);
    for (const [signIn, answer] of result.answers) answers.set(signIn, answer);
    toLog.push(...result.toLog);
    open = open.filter((signIn) => !answers.has(signIn));
    locks = result.locks;
  }
  return { answers, toLog, expectation: expectAfter(answers, locks?.skuIds ?? new Set()) };
}

interface Round extends Pick<Outcome, 'answers' | 'toLog'> {
  /** What those who are left need to have locked. */
  readonly locks: Locks;
}

interface Locks {
  readonly skuIds: ReadonlySet<string>;
  /** undefined: of whoever the sign-ins name, as nobody has looked yet. */
  readonly userIds: ReadonlySet<string> | undefined;
}

async function decideRound(
  db: Database,
  tenantId: string,
  signIns: readonly SignIn[],
  locks: Locks | undefined,
): Promise<Round> {
  if (!locks) return look(db, tenantId, signIns).catch((error: unknown) => Promise.reject(asStoreFailure(error)));
  try {
    return await inPipelinedTransaction(db, (client, begun) => claim({ tenantId, client }, begun, signIns, locks));
  } catch (error) {
    if (error instanceof DeliveredMeanwhile) return { answers: new Map(), toLog: [], locks };
    throw error;
  }
}

/**
 * The read without locks: answers all but those who would claim. What is kept for a repeated
 * delivery is written in one statement; whoever is being answered elsewhere is left for the next round.
 */
async function look(db: Database, tenantId: string, signIns: readonly SignIn[]): Promise<Round> {
  const answers = await readDelivered(db.pipelined, tenantId, signIns);
  const open = signIns.filter((signIn) => !answers.has(signIn));
  if (open.length === 0) return { answers, toLog: [], locks: { skuIds: new Set(), userIds: new Set() } };
  const moment = await readMoment(db.pipelined, tenantId, open);
  const skuIds = new Set(moment.duePools);
  const userIds = new Set<string>();
  const settled: LoggedSignIn[] = [];
  const keys = new Set<string>();
  open.forEach((signIn, index) => {
    const facts = factsOf(moment, signIn, index);
    const decision = decide(facts);
    if (decision.outcome === 'claimed') {
      choosePolicy(facts)!.products.forEach((product) => skuIds.add(product.skuId));
      userIds.add(facts.user!.userId);
    }
    const key = deliveryKey(signIn);
    // The same delivery twice in one batch: the second is answered from what is kept of the first.
    if (decision.outcome === 'claimed' || moment.duePools.length > 0 || (key && keys.has(key))) return;
    if (key) keys.add(key);
    settled.push({
      decided: tellDecision(moment, signIn, index, decision),
      asked: signIn,
      user: facts.user,
      app: facts.app,
    });
  });
  const elsewhere = new Set(await keepDelivered({ tenantId, client: db.pipelined }, settled, moment.now));
  const toLog = settled.filter((one) => !elsewhere.has(one));
  for (const { asked, decided } of toLog) answers.set(asked, decided);
  return { answers, toLog, locks: { skuIds, userIds } };
}

/** Under the locks of pools and users: decides each in turn, seeing what was decided before it, and writes it all. */
async function claim(
  tx: TenantClient,
  begun: Promise<unknown>,
  signIns: readonly SignIn[],
  locks: Locks,
): Promise<Round> {
  // Sent together. Each is a statement of its own, which begins when the one before it has ended: so
  // the moment is read after the locks, and whatever was written under them is seen.
  const [, , lockedUsers, answers, moment] = await together([
    begun,
    holdPools(tx, [...locks.skuIds]),
    lockUsersOf(tx, signIns, locks),
    readDelivered(tx.client, tx.tenantId, signIns),
    readMoment(tx.client, tx.tenantId, signIns),
  ]);
  const needed = {
    skuIds: new Set([...locks.skuIds, ...moment.duePools]),
    userIds: new Set([...lockedUsers, ...moment.users.keys()]),
  };
  if (moment.duePools.length > 0) {
    // The units that are due are moved first; those of pools that aren't locked yet, in the next round.
    await moveDueUnits(tx, [...locks.skuIds]);
    return { answers, toLog: [], locks: needed };
  }
  const placements = new Map<string, Placement>();
  const claims: Claimed[] = [];
  const toLog: LoggedSignIn[] = [];
  const widenings: Widening[] = [];
  const keys = new Set<string>();
  signIns.forEach((signIn, index) => {
    if (answers.has(signIn)) return;
    const key = deliveryKey(signIn);
    // The same delivery twice in one batch: the second is answered from what is kept of the first.
    if (key && keys.has(key)) return;
    const facts = factsOf(moment, signIn, index);
    const decision = decide(facts);
    if (decision.outcome === 'claimed') {
      const products = choosePolicy(facts)!.products;
      products.forEach((product) => needed.skuIds.add(product.skuId));
      // Whether a product before it was free is only known of pools that are locked, too.
      if (products.some((product) => !locks.skuIds.has(product.skuId))) return;
      if (!lockedUsers.has(facts.user!.userId)) return;
    }
    if (key) keys.add(key);
    const { decided, granted } = settle(moment, signIn, index, decision);
    answers.set(signIn, decided);
    const logged = { decided, asked: signIn, user: facts.user, app: facts.app };
    if (decided.outcome !== 'claimed') toLog.push(logged);
    if (!granted) return;
    const { userId, skuId, path } = granted.placement;
    placements.set(JSON.stringify([userId, skuId, path.appId]), granted.placement);
    if (granted.widened) widenings.push({ ...logged, path, before: granted.widened });
    else claims.push({ ...logged, path });
  });
  const [, , , elsewhere] = await together([
    takeSeats(tx, [...placements.values()], moment.now),
    recordClaims(tx, moment, claims),
    recordWidenings(tx, moment, widenings),
    keepDelivered(tx, [...claims, ...toLog], moment.now),
  ]);
  if (elsewhere.length > 0) throw new DeliveredMeanwhile('The same delivery is being answered elsewhere.');
  return { answers, toLog, locks: needed };
}

async function lockUsersOf(
  tx: TenantClient,
  signIns: readonly SignIn[],
  { userIds }: Locks,
): Promise<ReadonlySet<string>> {
  if (!userIds) return lockNamedUsers(tx, signIns);
  await lockUsers(tx, [...userIds]);
  return userIds;
}

function settle(moment: Moment, signIn: SignIn, index: number, decision: Decision) {
  const { user } = factsOf(moment, signIn, index);
  if (decision.outcome !== 'claimed') return { decided: tellDecision(moment, signIn, index, decision) };
  const granted = grant(moment, user!, signIn.appId, decision.award, newId());
  const facts = factsOf(moment, signIn, index);
  const entitlement = findEntitlement(facts)!;
  const outcome = granted.widened ? 'licensed' : 'claimed';
  return { decided: tell(newId(), moment.now, signIn, facts, outcome, null, entitlement), granted };
}

function tellDecision(
  moment: Moment,
  signIn: SignIn,
  index: number,
  decision: Exclude<Decision, { outcome: 'claimed' }>,
): DecidedSignIn {
  const facts = factsOf(moment, signIn, index);
  return decision.outcome === 'licensed'
    ? tell(newId(), moment.now, signIn, facts, 'licensed', null, decision.entitlement)
    : tell(newId(), moment.now, signIn, facts, 'refused', decision.reason, null);
}

function deliveryKey({ clientId, correlationId }: SignIn): string | undefined {
  return correlationId === null ? undefined : keyOf(clientId, correlationId);
}
