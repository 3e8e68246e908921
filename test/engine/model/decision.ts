import {
  hasMember,
  licenseOf,
  personOf,
  productOf,
  type Answer,
  type App,
  type License,
  type Organisation,
  type Path,
  type Person,
  type Plan,
  type Policy,
  type PolicyProduct,
} from './organisation.ts';
import { freeSeats, isUsable } from './purchases.ts';

/** A product that is to be claimed. */
export interface Award {
  readonly policy: Policy;
  readonly product: PolicyProduct;
  readonly isBackup: boolean;
}

/** What PRODUCT.md's decision comes to. */
export type Verdict = { readonly answer: Answer } | { readonly award: Award };

/** "The decision", read from top to bottom. */
export function judge(organisation: Organisation, userId: string | null, appId: string): Verdict {
  const app = organisation.apps.find(({ id }) => id === appId);
  const person = userId === null ? undefined : personOf(organisation, userId);
  const refuse = (reason: string): Verdict => ({ answer: refused(appId, person, reason) });
  if (!app) return refuse('unknownApp');
  if (!person) return refuse('unknownUser');
  if (person.isBlocked) return refuse('userBlocked');
  const licensed = licensedAnswer(organisation, person, app, 'licensed');
  if (licensed) return { answer: licensed };
  if (!organisation.isAutoClaimOn) return refuse('autoClaimOff');
  const on = organisation.policies.filter((policy) => policy.appId === appId && policy.isOn);
  if (on.length === 0) return refuse('noPolicy');
  const policy = on.find((one) => isInAudience(organisation, one, person));
  if (!policy) return refuse('notInAudience');
  const reasons = policy.products.map((product) => reasonAgainst(organisation, person, app, product));
  const at = reasons.indexOf(null);
  if (at === -1) return refuse(reasons[0]!);
  return { award: { policy, product: policy.products[at]!, isBackup: at > 0 } };
}

function isInAudience(organisation: Organisation, { include, exclude, guests }: Policy, person: Person): boolean {
  const isIn = (group: string) => hasMember(organisation, group, person.id);
  if (exclude.some(isIn)) return false;
  if (person.isGuest && !guests) return false;
  return include.length === 0 || include.some(isIn);
}

/** Why one product of a policy can't be claimed, 8a to 8e; null where it can. */
function reasonAgainst(organisation: Organisation, person: Person, app: App, wanted: PolicyProduct): string | null {
  const { skuId } = wanted;
  const product = productOf(organisation, skuId);
  const license = licenseOf(organisation, person.id, skuId);
  if (!isUsable(organisation, skuId)) return 'noSubscription';
  const required = product.plans.filter(({ id }) => app.requires.includes(id));
  const byAdmins = (license?.paths ?? []).filter(({ kind }) => kind !== 'policy');
  if (byAdmins.some(({ without }) => required.every(({ id }) => without.includes(id)))) return 'planTurnedOff';
  const location = person.location ?? organisation.defaultLocation;
  if (location === null || product.prohibitedIn.includes(location)) return 'usageLocation';
  const given = product.plans.filter(({ id }) => !wanted.without.includes(id));
  const had = plansHad(organisation, person.id);
  if (anyExcluded(given, had)) return 'conflict';
  if (anyNeeded(given, had)) return 'dependency';
  return license || freeSeats(organisation, skuId) > 0 ? null : 'noSeats';
}

/** Whether one of the plans to be given excludes, or is excluded by, another that is given or had. */
export function anyExcluded(given: readonly Plan[], had: readonly Plan[]): boolean {
  return given.some((plan) =>
    [...given, ...had].some(
      (other) => other.id !== plan.id && (plan.excludes.includes(other.id) || other.excludes.includes(plan.id)),
    ),
  );
}

/** Whether one of the plans to be given needs one that is neither given nor had. */
export function anyNeeded(given: readonly Plan[], had: readonly Plan[]): boolean {
  const there = [...given, ...had].map(({ id }) => id);
  return given.some((plan) => plan.needs.some((id) => !there.includes(id)));
}

/** All plans that someone has: on by at least one path, in a product with an Enabled or Warning subscription. */
export function plansHad(organisation: Organisation, userId: string, licenses = organisation.licenses): Plan[] {
  return licenses
    .filter((license) => license.userId === userId && isUsable(organisation, license.skuId))
    .flatMap((license) => plansOn(organisation, license.skuId, license.paths));
}

function plansOn(organisation: Organisation, skuId: string, paths: readonly Path[]): Plan[] {
  return productOf(organisation, skuId).plans.filter(({ id }) => paths.some(({ without }) => !without.includes(id)));
}

/** The answer to who has a plan that the app requires: the app's own claim first, then another app's, then the lowest skuId. */
export function licensedAnswer(
  organisation: Organisation,
  person: Person,
  app: App,
  outcome: 'licensed' | 'claimed',
): Answer | undefined {
  const giving = (skuId: string, paths: readonly Path[]) =>
    plansOn(organisation, skuId, paths).filter(({ id }) => app.requires.includes(id));
  const all = organisation.licenses
    .filter(
      ({ userId, skuId, paths }) =>
        userId === person.id && isUsable(organisation, skuId) && giving(skuId, paths).length > 0,
    )
    .map((license) => ({ license, claim: claimTold(license) }))
    .sort((one, other) => rank(one.claim) - rank(other.claim) || compare(one.license.skuId, other.license.skuId));
  const told = all[0];
  if (!told) return undefined;
  return {
    outcome,
    reason: null,
    userId: person.id,
    appId: app.id,
    skuId: told.license.skuId,
    skuPartNumber: productOf(organisation, told.license.skuId).partNumber,
    servicePlans: [
      ...new Set(all.flatMap(({ license }) => giving(license.skuId, license.paths).map(({ name }) => name))),
    ].sort(),
    policyId: told.claim?.policyId ?? null,
    claimId: told.claim?.claimId ?? null,
    isBackup: told.claim?.isBackup ?? null,
  };

  function claimTold({ skuId, paths }: License) {
    const claims = paths.filter((path) => path.kind === 'policy').filter((path) => giving(skuId, [path]).length > 0);
    return claims.find(({ appId }) => appId === app.id) ?? claims[0];
  }

  function rank(claim: { readonly appId: string } | undefined): number {
    if (!claim) return 2;
    return claim.appId === app.id ? 0 : 1;
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : 1;
}

function refused(appId: string, person: Person | undefined, reason: string): Answer {
  return {
    outcome: 'refused',
    reason,
    userId: person?.id ?? null,
    appId,
    skuId: null,
    skuPartNumber: null,
    servicePlans: [],
    policyId: null,
    claimId: null,
    isBackup: null,
  };
}
