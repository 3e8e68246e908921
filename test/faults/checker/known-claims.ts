import { all, type OperationThat } from '../history/operation.ts';
import type { StoredClaim } from './state.ts';
import type { Span, TenantHistory } from './timeline.ts';

type SignIn = OperationThat<'sign in'>;

/** A stored claim, and when it was made as far as the history tells. */
export interface KnownClaim extends Span {
  readonly row: StoredClaim;
  /** Not there before the history. */
  readonly isNew: boolean;
  /** The answers that it was claimed. */
  readonly acknowledgements: readonly SignIn[];
  /** Sign-ins without an answer that may have made it; only where nobody was told. */
  readonly suspects: readonly SignIn[];
}

/** All claims that are stored after a history. */
export function knowClaims({ before, operations, after, until }: TenantHistory): KnownClaim[] {
  const signIns = all(operations, 'sign in');
  const told = Map.groupBy(
    signIns.filter(({ answer, outcome }) => outcome === 'ok' && answer.claimId !== null),
    ({ answer }) => answer.claimId as string,
  );
  const unknown = Map.groupBy(
    signIns.filter(({ outcome }) => outcome === 'unknown'),
    ({ request }) => `${request.userId} ${request.appId}`,
  );
  const deliveries = Map.groupBy(signIns, deliveryOf);
  return [...after.claims.values()].map((row): KnownClaim => {
    const mentions = told.get(row.claim_id) ?? [];
    const acknowledgements = mentions.filter(({ answer }) => answer.outcome === 'claimed');
    if (before.claims.has(row.claim_id)) {
      return { row, isNew: false, acknowledgements, suspects: [], begin: -Infinity, end: -Infinity };
    }
    const suspects = acknowledgements.length > 0 ? [] : (unknown.get(`${row.user_id} ${row.app_id}`) ?? []);
    // Any delivery of the same sign-in may have been the one that was decided.
    const makers = [...acknowledgements.flatMap((one) => deliveries.get(deliveryOf(one))!), ...suspects];
    const settled = suspects.length > 0 ? Math.max(...suspects.map(({ returnedAt }) => returnedAt)) : until;
    return {
      row,
      isNew: true,
      acknowledgements,
      suspects,
      begin: makers.length > 0 ? Math.min(...makers.map(({ invokedAt }) => invokedAt)) : -Infinity,
      // By the time that anybody was told of it, it was there.
      end: Math.min(until, settled, ...mentions.map(({ returnedAt }) => returnedAt)),
    };
  });
}

/** What one delivery of a sign-in has in common with its repetitions, and with no other sign-in. */
export function deliveryOf({ number, clientId, request }: SignIn): string {
  return JSON.stringify(request.correlationId === null ? [number] : [clientId, request.correlationId]);
}

/** What was decided, and when at the earliest and latest: between the first asking and the first answer. */
export interface Decision extends Span {
  readonly appId: string;
  readonly userId: string;
  readonly answer: any;
}

/** Every decision that was told, once. */
export function decisionsOf({ operations }: TenantHistory): Decision[] {
  return [...Map.groupBy(all(operations, 'sign in'), deliveryOf).values()].flatMap((deliveries) => {
    const answered = deliveries.filter(isDecided);
    if (answered.length === 0) return [];
    const { request, answer } = answered[0]!;
    return {
      appId: request.appId,
      userId: request.userId,
      answer,
      begin: Math.min(...deliveries.map(({ invokedAt }) => invokedAt)),
      end: Math.min(...answered.map(({ returnedAt }) => returnedAt)),
    };
  });
}

/** Whether the answer is a decision; a sign-in may also be refused as a request. */
export function isDecided({ outcome, status }: SignIn): boolean {
  return outcome !== 'unknown' && status === 200;
}
