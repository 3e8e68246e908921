import type { PolicyProduct } from '../policy/policy.ts';
import type { CheckName, Decision, Reason, Step } from './decision.ts';
import { findEntitlement } from './entitlement.ts';
import type { Facts, PolicyFacts } from './facts.ts';
import { failed, passed, type Finding } from './finding.ts';
import { PRODUCT_CHECKS } from './product-checks.ts';

interface Check {
  readonly name: CheckName;
  /** null: there is nothing to check, because of what an earlier check found. */
  readonly run: (facts: Facts) => Finding | null;
}

/** PRODUCT.md, "The decision", 1 to 7, in this order; 8 is product-checks.ts. */
const CHECKS: readonly Check[] = [
  {
    name: 'app',
    run: ({ app }) =>
      app ? passed(`${app.displayName} is registered.`) : failed('unknownApp', 'No app with this appId is registered.'),
  },
  {
    name: 'user',
    run: ({ user }) =>
      user ? passed(`${user.userPrincipalName} exists.`) : failed('unknownUser', 'There is no such user.'),
  },
  { name: 'account', run: checkAccount },
  { name: 'notLicensed', run: checkNotLicensed },
  {
    name: 'setting',
    run: (facts) =>
      facts.isAutoClaimEnabled
        ? passed('Auto-claim is on.')
        : failed('autoClaimOff', 'Auto-claim is turned off for this organisation.'),
  },
  { name: 'policy', run: checkPolicy },
  { name: 'audience', run: checkAudience },
];

/** The decision on one sign-in: the first check that fails decides. */
export function decide(facts: Facts): Decision {
  for (const check of CHECKS) {
    const finding = check.run(facts);
    if (finding?.passed) continue;
    const entitlement = check.name === 'notLicensed' ? findEntitlement(facts) : undefined;
    if (entitlement) return { outcome: 'licensed', entitlement };
    return { outcome: 'refused', reason: finding!.reason! };
  }
  return decideByProducts(facts, choosePolicy(facts)!);
}

/** The first product that passes every check is claimed; if none does, the first product's reason is told. */
function decideByProducts(facts: Facts, policy: PolicyFacts): Decision {
  let firstReason: Reason | undefined;
  for (const [index, product] of policy.products.entries()) {
    const reason = firstFailure(facts, product);
    if (reason === undefined) {
      const { skuId, disabledPlans } = product;
      return { outcome: 'claimed', award: { skuId, policyId: policy.policyId, isBackup: index > 0, disabledPlans } };
    }
    firstReason ??= reason;
  }
  return { outcome: 'refused', reason: firstReason! };
}

function firstFailure(facts: Facts, product: PolicyProduct): Reason | undefined {
  for (const check of PRODUCT_CHECKS) {
    const finding = check.run(facts, product);
    if (finding?.passed === false) return finding.reason;
  }
  return undefined;
}

/** Every check of the same list with what it found, also after the one that decides. */
export function explain(facts: Facts): Step[] {
  const steps: Step[] = CHECKS.map((check) => stepOf(check.name, check.run(facts)));
  const policy = facts.user && choosePolicy(facts);
  if (!policy) return [...steps, ...PRODUCT_CHECKS.map((check) => stepOf(check.name, null))];
  return [
    ...steps,
    ...policy.products.flatMap((product) =>
      PRODUCT_CHECKS.map((check) => ({ ...stepOf(check.name, check.run(facts, product)), skuId: product.skuId })),
    ),
  ];
}

function stepOf(check: CheckName, finding: Finding | null): Step {
  if (!finding) return { check, passed: null };
  return { check, passed: finding.passed, ...(finding.reason && { reason: finding.reason }), detail: finding.detail };
}

function checkAccount({ user }: Facts): Finding | null {
  if (!user) return null;
  return user.isAccountEnabled
    ? passed('The account is not blocked.')
    : failed('userBlocked', 'The account is blocked from signing in.');
}

function checkNotLicensed(facts: Facts): Finding | null {
  if (!facts.app || !facts.user) return null;
  const entitlement = findEntitlement(facts);
  if (!entitlement) return passed('The user has none of the service plans that the app requires.');
  const { skuId, skuPartNumber, servicePlans } = entitlement;
  const product = facts.products.get(skuId)?.displayName ?? skuPartNumber;
  return {
    passed: false,
    detail: `Already licensed: ${product} gives ${servicePlans.join(', ')}. Nothing is claimed.`,
  };
}

function checkPolicy({ app, policies }: Facts): Finding | null {
  if (!app) return null;
  const on = policies.filter((policy) => policy.isEnabled);
  if (on.length > 0) return passed(`${on.length} of the app's policies ${on.length === 1 ? 'is' : 'are'} on.`);
  return failed(
    'noPolicy',
    policies.length > 0 ? 'All policies for this app are off.' : 'There is no policy for this app.',
  );
}

function checkAudience(facts: Facts): Finding | null {
  if (!facts.user || !facts.policies.some((policy) => policy.isEnabled)) return null;
  const policy = choosePolicy(facts);
  return policy
    ? passed(`“${policy.displayName}” is the first policy whose audience has the user.`)
    : failed('notInAudience', 'No policy that is on has the user in its audience.');
}

/** The first policy that is on and has the user in its audience; later ones are not tried. */
export function choosePolicy({ user, policies }: Facts): PolicyFacts | undefined {
  return user ? policies.find((policy) => policy.isEnabled && isInAudience(policy, user)) : undefined;
}

/** Nested members count (the facts have expanded them), exclusion wins, guests only where it says so. */
function isInAudience(policy: PolicyFacts, user: NonNullable<Facts['user']>): boolean {
  if (user.isGuest && !policy.includeGuests) return false;
  if (policy.excludeGroups.some((group) => user.groups.has(group))) return false;
  return policy.includeGroups.length === 0 || policy.includeGroups.some((group) => user.groups.has(group));
}
