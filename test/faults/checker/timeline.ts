import { all, type Operation } from '../history/operation.ts';
import { knowClaims, type KnownClaim } from './known-claims.ts';
import { knowPolicies, type KnownPolicies } from './known-policies.ts';
import { Register } from './register.ts';
import type { TenantState } from './state.ts';

/** From when to when something happened, at the earliest and at the latest. */
export interface Span {
  readonly begin: number;
  readonly end: number;
}

/** A tenant's history, with the states before and after it; nothing else touched the tenant in between. */
export interface TenantHistory {
  readonly tenantId: string;
  readonly before: TenantState;
  readonly operations: readonly Operation[];
  readonly after: TenantState;
  /** When `after` was read. */
  readonly until: number;
}

/** What may have been the case at which time, as far as it is known from outside. */
export interface Timeline extends TenantHistory, KnownPolicies {
  readonly switch: Register<boolean>;
  /** Whether a user exists. */
  readonly users: ReadonlyMap<string, Register<boolean>>;
  /** Whether a user has a seat: by product, by user. */
  readonly held: ReadonlyMap<string, ReadonlyMap<string, Register<boolean>>>;
  readonly claims: readonly KnownClaim[];
  /** Whether the path that a claim gave is there, by claim. */
  readonly claimPaths: ReadonlyMap<string, Register<boolean>>;
  /** Licenses bought, by subscription. */
  readonly quantities: ReadonlyMap<string, { readonly skuId: string; readonly total: Register<number> }>;
}

export function spanOf(operation: Operation): Span {
  return { begin: operation.invokedAt, end: operation.returnedAt };
}

/** Works a tenant's history up. */
export function timelineOf(history: TenantHistory): Timeline {
  const { before, operations } = history;
  const claims = knowClaims(history);
  const effective = operations.filter(({ outcome }) => outcome !== 'refused');
  const onOff = new Register(before.isSwitchOn);
  for (const operation of all(effective, 'turn switch')) {
    onOff.write(operation.request.isEnabled, spanOf(operation), operation.outcome === 'ok');
  }
  return {
    ...history,
    ...knowPolicies(history),
    switch: onOff,
    users: usersOf(before, effective),
    held: seatsHeld(history, effective, claims),
    claims,
    claimPaths: pathsOf(history, effective, claims),
    quantities: quantitiesOf(history, effective),
  };
}

function usersOf(before: TenantState, effective: readonly Operation[]): Map<string, Register<boolean>> {
  const users = new Map([...before.users].map((userId) => [userId, new Register(true)]));
  for (const operation of all(effective, 'delete user')) {
    users.get(operation.request.userId)?.write(false, spanOf(operation), operation.outcome === 'ok');
  }
  return users;
}

function seatsHeld({ before, after }: TenantHistory, effective: readonly Operation[], claims: readonly KnownClaim[]) {
  const held = new Map([...after.pools.keys()].map((skuId) => [skuId, new Map<string, Register<boolean>>()]));
  const seatOf = (skuId: string, userId: string) => {
    const users = held.get(skuId) ?? held.set(skuId, new Map()).get(skuId)!;
    return users.get(userId) ?? users.set(userId, new Register(false)).get(userId)!;
  };
  for (const { sku_id: skuId, user_id: userId } of before.licenses) held.get(skuId)?.set(userId, new Register(true));
  for (const claim of claims) if (claim.isNew) seatOf(claim.row.sku_id, claim.row.user_id).write(true, claim);
  for (const operation of all(effective, 'assign')) {
    const { userId, add, remove } = operation.request;
    for (const skuId of remove) seatOf(skuId, userId).write(false, spanOf(operation), operation.outcome === 'ok');
    for (const skuId of add) seatOf(skuId, userId).write(true, spanOf(operation), operation.outcome === 'ok');
  }
  for (const operation of all(effective, 'delete user')) {
    for (const users of held.values()) {
      users.get(operation.request.userId)?.write(false, spanOf(operation), operation.outcome === 'ok');
    }
  }
  return held;
}

/** A claim's path ends when the product is unassigned, or assigned by hand (which takes over), or the user deleted. */
function pathsOf({ before }: TenantHistory, effective: readonly Operation[], claims: readonly KnownClaim[]) {
  const there = new Set(before.paths.map((path) => path.claim_id));
  return new Map(
    claims.map((claim) => {
      const { row, isNew } = claim;
      const path = new Register(!isNew && there.has(row.claim_id));
      if (isNew) path.write(true, claim);
      for (const operation of endingsOf(effective, row.user_id, row.sku_id)) {
        path.write(false, spanOf(operation), operation.outcome === 'ok');
      }
      return [row.claim_id, path];
    }),
  );
}

/** The operations that may have ended a claim of this user and product. */
export function endingsOf(effective: readonly Operation[], userId: string, skuId: string): Operation[] {
  return effective.filter(
    ({ request }) =>
      (request.do === 'delete user' && request.userId === userId) ||
      (request.do === 'assign' &&
        request.userId === userId &&
        (request.add.includes(skuId) || request.remove.includes(skuId))),
  );
}

function quantitiesOf({ before, after, until }: TenantHistory, effective: readonly Operation[]) {
  const quantities = new Map<string, { skuId: string; total: Register<number> }>();
  for (const [id, row] of before.subscriptions) {
    quantities.set(id, { skuId: row.sku_id, total: new Register(row.total_licenses) });
  }
  const bought = all(effective, 'buy');
  for (const operation of bought.filter(({ outcome }) => outcome === 'ok')) {
    const total = new Register(0);
    total.write(operation.request.totalLicenses, spanOf(operation));
    quantities.set(operation.answer.id, { skuId: operation.request.skuId, total });
  }
  // What is there and was never acknowledged comes of a purchase whose outcome is unknown.
  for (const [id, row] of after.subscriptions) {
    if (quantities.has(id)) continue;
    const unknown = bought.filter(({ outcome, request }) => outcome === 'unknown' && request.skuId === row.sku_id);
    const total = new Register(0);
    total.write(row.total_licenses, { begin: Math.min(...unknown.map(({ invokedAt }) => invokedAt)), end: until });
    quantities.set(id, { skuId: row.sku_id, total });
  }
  for (const operation of all(effective, 'set quantity')) {
    const { subscriptionId, totalLicenses } = operation.request;
    quantities.get(subscriptionId)?.total.write(totalLicenses, spanOf(operation), operation.outcome === 'ok');
  }
  return quantities;
}
