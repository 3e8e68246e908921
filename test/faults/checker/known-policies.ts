import { all, type PolicyContent } from '../history/operation.ts';
import { Register } from './register.ts';
import { spanOf, type TenantHistory } from './timeline.ts';

/** A policy over time. */
export interface KnownPolicy {
  readonly policyId: string;
  readonly appId: string;
  readonly exists: Register<boolean>;
  readonly isEnabled: Register<boolean>;
  readonly products: Register<readonly string[]>;
  readonly includeGroups: Register<readonly string[]>;
}

export interface KnownPolicies {
  readonly policies: ReadonlyMap<string, KnownPolicy>;
  /** Whether one policy stands before another of the same app. */
  readonly isBefore: (policyId: string, otherId: string) => Register<boolean>;
}

/** All policies that there ever were in a history. */
export function knowPolicies(history: TenantHistory): KnownPolicies {
  const { before, operations, after, until } = history;
  const effective = operations.filter(({ outcome }) => outcome !== 'refused');
  const policies = new Map<string, KnownPolicy>();
  const know = (policyId: string, appId: string, exists: boolean, content: PolicyContent) => {
    const policy = {
      policyId,
      appId,
      exists: new Register(exists),
      isEnabled: new Register(content.isEnabled),
      products: new Register(content.products),
      includeGroups: new Register(content.includeGroups),
    };
    policies.set(policyId, policy);
    return policy;
  };
  for (const [policyId, row] of before.policies) know(policyId, row.app_id, true, contentOf(row));
  /** When each policy was made, of those that were made in the history. */
  const made = new Map<string, { begin: number; end: number }>();
  for (const operation of all(effective, 'add policy')) {
    if (operation.outcome !== 'ok') continue;
    const { id } = operation.answer as { id: string };
    know(id, operation.request.appId, false, operation.request).exists.write(true, spanOf(operation));
    made.set(id, spanOf(operation));
  }
  // What is there and was never acknowledged: nobody knew its id, so nobody has changed it since.
  for (const [policyId, row] of after.policies) {
    if (policies.has(policyId)) continue;
    const unknown = all(effective, 'add policy').filter(
      ({ outcome, request }) => outcome === 'unknown' && request.appId === row.app_id,
    );
    const span = { begin: Math.min(...unknown.map(({ invokedAt }) => invokedAt)), end: until };
    know(policyId, row.app_id, false, contentOf(row)).exists.write(true, span);
    made.set(policyId, span);
  }
  for (const operation of all(effective, 'change policy')) {
    const { policyId, isEnabled, products, includeGroups } = operation.request;
    const policy = policies.get(policyId);
    const [span, isCertain] = [spanOf(operation), operation.outcome === 'ok'];
    if (isEnabled !== undefined) policy?.isEnabled.write(isEnabled, span, isCertain);
    if (products) policy?.products.write(products, span, isCertain);
    if (includeGroups) policy?.includeGroups.write(includeGroups, span, isCertain);
  }
  for (const operation of all(effective, 'delete policy')) {
    policies.get(operation.request.policyId)?.exists.write(false, spanOf(operation), operation.outcome === 'ok');
  }

  const pairs = new Map<string, Register<boolean>>();
  return {
    policies,
    isBefore(one, other) {
      const pair = `${one} ${other}`;
      const known = pairs.get(pair);
      if (known) return known;
      const register = new Register(...ordersAtFirst(one, other));
      for (const operation of all(effective, 'reorder')) {
        const [at, otherAt] = [one, other].map((id) => operation.request.policyIds.indexOf(id));
        if (at! < 0 || otherAt! < 0) continue;
        register.write(at! < otherAt!, spanOf(operation), operation.outcome === 'ok');
      }
      pairs.set(pair, register);
      return register;
    },
  };

  /** A new policy is the last of its app. */
  function ordersAtFirst(one: string, other: string): boolean[] {
    const [row, otherRow] = [before.policies.get(one), before.policies.get(other)];
    if (row && otherRow) return [row.position < otherRow.position];
    if (row || otherRow) return [row !== undefined];
    const [span, otherSpan] = [made.get(one), made.get(other)];
    if (span && otherSpan && span.end <= otherSpan.begin) return [true];
    if (span && otherSpan && otherSpan.end <= span.begin) return [false];
    return [true, false];
  }
}

function contentOf(row: { is_enabled: boolean; products: readonly string[]; include_groups: readonly string[] }) {
  return { isEnabled: row.is_enabled, products: row.products, includeGroups: row.include_groups };
}
