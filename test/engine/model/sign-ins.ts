import { isDeepStrictEqual } from 'node:util';
import { judge, licensedAnswer, type Award } from './decision.ts';
import { licenseOf, personOf, type Answer, type Organisation } from './organisation.ts';
import { givePath } from './seats.ts';

/** A sign-in as it was sent. */
export interface Question {
  /** Whom the name or id in it means; null: nobody. */
  readonly userId: string | null;
  readonly appId: string;
  /** The body as sent: a correlationId may come again with the same only. */
  readonly body: string;
  readonly clientId: string;
  readonly correlationId: string | null;
}

/** What was answered; reused: the correlationId came with another body. */
export type Told = { readonly signInId: string; readonly answer: Answer } | 'reused';

/** What must be answered now. A claim's id is the answerer's choice: it is null here. */
export function expected(organisation: Organisation, question: Question): Told | { readonly answer: Answer } {
  const before = organisation.delivered.get(deliveryOf(question));
  if (before) return before.question === question.body ? before : 'reused';
  const verdict = judge(organisation, question.userId, question.appId);
  if ('answer' in verdict) return verdict;
  return { answer: take(structuredClone(organisation), question, verdict.award, null) };
}

/**
 * Holds an answer against what must be answered, and writes down what it did.
 * @returns whether it is right
 */
export function accept(organisation: Organisation, question: Question, told: Told): boolean {
  const right = expected(organisation, question);
  if (right === 'reused' || told === 'reused') return right === told;
  if ('signInId' in right) return isDeepStrictEqual(right, { ...right, ...told });
  const isNew = right.answer.outcome === 'claimed';
  if (isNew && organisation.claims.some(({ id }) => id === told.answer.claimId)) return false;
  const claimId = isNew ? told.answer.claimId : right.answer.claimId;
  if (!isDeepStrictEqual({ ...right.answer, claimId }, told.answer)) return false;
  const verdict = judge(organisation, question.userId, question.appId);
  if ('award' in verdict) take(organisation, question, verdict.award, claimId);
  if (question.correlationId !== null) {
    organisation.delivered.set(deliveryOf(question), { question: question.body, ...told });
  }
  return true;
}

/**
 * Whether answers that were given at the same time are right in some order, one after the other.
 * @returns the organisation after them, or undefined
 */
export function acceptInSomeOrder(
  organisation: Organisation,
  answers: readonly { readonly question: Question; readonly told: Told }[],
): Organisation | undefined {
  if (answers.length === 0) return organisation;
  for (const [index, { question, told }] of answers.entries()) {
    const copy = structuredClone(organisation);
    if (!accept(copy, question, told)) continue;
    const after = acceptInSomeOrder(copy, answers.toSpliced(index, 1));
    if (after) return after;
  }
  return undefined;
}

/** Takes what is awarded. Who holds a claim of this app and product keeps it: the plan is turned on under it. */
function take(
  organisation: Organisation,
  { userId, appId }: Question,
  { policy, product: { skuId, without }, isBackup }: Award,
  claimId: string | null,
): Answer {
  const app = organisation.apps.find(({ id }) => id === appId)!;
  const person = personOf(organisation, userId!)!;
  const held = licenseOf(organisation, person.id, skuId)
    ?.paths.filter((path) => path.kind === 'policy')
    .find((path) => path.appId === appId);
  if (held) {
    organisation.extensions += 1;
    givePath(organisation, person.id, skuId, { ...held, without: held.without.filter((id) => without.includes(id)) });
    return licensedAnswer(organisation, person, app, 'licensed')!;
  }
  const id = claimId ?? 'to be chosen';
  givePath(organisation, person.id, skuId, {
    kind: 'policy',
    appId,
    policyId: policy.id,
    claimId: id,
    isBackup,
    without,
  });
  organisation.claims.push({
    id,
    userId: person.id,
    appId,
    skuId,
    policyId: policy.id,
    policyName: policy.name,
    isBackup,
  });
  return licensedAnswer(organisation, person, app, 'claimed')!;
}

function deliveryOf({ clientId, correlationId }: Question): string {
  return correlationId === null ? '' : JSON.stringify([clientId, correlationId]);
}
