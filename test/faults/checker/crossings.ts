import type { Operation } from '../history/operation.ts';
import { faultsOf, type Fault } from './fault.ts';
import type { State } from './state.ts';

/** Point 7: what belongs to one tenant is neither shown to another nor within its reach. */
export function judgeCrossings(
  before: State,
  after: State,
  operations: readonly Operation[],
  canaries: ReadonlyMap<string, string>,
  logs: readonly string[],
): Fault[] {
  const { faults, add } = faultsOf(7);
  for (const operation of operations) {
    const { tenantId, request, outcome } = operation;
    const text = typeof operation.answer === 'string' ? operation.answer : (JSON.stringify(operation.answer) ?? '');
    for (const [owner, canary] of canaries) {
      if (owner !== tenantId && text.includes(canary))
        add(`an answer to ${tenantId} shows ${canary} of ${owner}`, request);
    }
    const userId = 'userId' in request ? request.userId : undefined;
    if (userId !== undefined && outcome === 'ok' && !before.tenants.get(tenantId)?.users.has(userId)) {
      add(`${tenantId} reached a user that is not its own`, request);
    }
  }
  for (const [owner, canary] of canaries) {
    const line = logs.flatMap((log) => log.split('\n')).find((one) => one.includes(canary));
    if (line !== undefined) add(`a log shows ${canary} of ${owner}`, line);
  }
  for (const [tenantId, { licenses, claims }] of after.tenants) {
    const first = before.tenants.get(tenantId)!;
    const made = [...claims.values()].filter((row) => !first.claims.has(row.claim_id));
    for (const row of [...licenses, ...made]) {
      if (!first.users.has(row.user_id)) add(`${tenantId} has a license or claim of a user that is not its own`, row);
    }
  }
  return faults;
}
