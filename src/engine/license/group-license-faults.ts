import type { GroupLicense, GroupLicenseError, GroupLicensingFacts, Member } from './group-license.ts';
import { plansHeld, plansTurnedOn, type HeldLicense } from './held.ts';
import { findConflict, findMissingDependency } from './plan-rules.ts';

/**
 * Why some products of a group can't be given to a user, for those that can't.
 * @param free how many seats there are left of each product
 * @param licenses what the user has by then
 * @param added the group's products that he hasn't yet, or not with all their plans
 */
export function findFaults(
  facts: GroupLicensingFacts,
  free: ReadonlyMap<string, number>,
  member: Member,
  licenses: readonly HeldLicense[],
  added: readonly GroupLicense[],
): Map<GroupLicense, GroupLicenseError> {
  const faults = new Map<GroupLicense, GroupLicenseError>();
  const held = plansHeld(licenses, facts.products);
  for (const license of added) {
    const { groupId, skuId } = license;
    const others = added.filter((one) => one !== license).flatMap((one) => plansOf(facts, one));
    const fault = faultOf(facts, free, member, licenses, license, [...held, ...others]);
    if (fault) faults.set(license, { groupId, skuId, ...fault });
  }
  return faults;
}

function faultOf(
  { products, defaultUsageLocation }: GroupLicensingFacts,
  free: ReadonlyMap<string, number>,
  member: Member,
  licenses: readonly HeldLicense[],
  license: GroupLicense,
  beside: ReturnType<typeof plansHeld>,
): Pick<GroupLicenseError, 'error' | 'detail'> | undefined {
  const product = products.get(license.skuId);
  if (!product) return { error: 'Other', detail: 'The product is not in the catalogue any more.' };
  const { displayName } = product;
  const location = member.usageLocation ?? defaultUsageLocation;
  if (location === null)
    return {
      error: 'ProhibitedInUsageLocationViolation',
      detail: 'The user has no usage location, and the organisation no default.',
    };
  if (product.prohibitedUsageLocations.includes(location))
    return { error: 'ProhibitedInUsageLocationViolation', detail: `${displayName} may not be used in ${location}.` };
  const turnedOn = plansTurnedOn(product, [license]);
  const conflict = findConflict(turnedOn, beside);
  if (conflict)
    return {
      error: 'MutuallyExclusiveViolation',
      detail: `Service plans ${conflict.plans.map((id) => planName(products, id)).join(' and ')} exclude each other.`,
    };
  const missing = findMissingDependency(turnedOn, beside);
  if (missing)
    return {
      error: 'DependencyViolation',
      detail: `Service plan ${planName(products, missing.plan)} depends on ${missing.missing.map((id) => planName(products, id)).join(', ')}, which the user would not have.`,
    };
  if (!product.pool?.isUsable)
    return { error: 'CountViolation', detail: `No subscription of ${displayName} is active.` };
  const isSeated = member.licenses.some((held) => held.skuId === license.skuId) || hasLicense(licenses, license.skuId);
  if (!isSeated && (free.get(license.skuId) ?? 0) <= 0)
    return { error: 'CountViolation', detail: `No license of ${displayName} was available.` };
  return undefined;
}

/** What is said of the products of a group that could be given, where others of it can't. */
export function otherError(
  { groupId, skuId }: GroupLicense,
  faults: ReadonlyMap<GroupLicense, unknown>,
): GroupLicenseError {
  const count = faults.size === 1 ? 'Another product' : `${faults.size} other products`;
  return { groupId, skuId, error: 'Other', detail: `${count} of the group can not be assigned to the user.` };
}

function plansOf({ products }: GroupLicensingFacts, license: GroupLicense): ReturnType<typeof plansHeld> {
  const product = products.get(license.skuId);
  return product ? plansTurnedOn(product, [license]) : [];
}

function planName(products: GroupLicensingFacts['products'], id: string): string {
  for (const { plans } of products.values()) {
    const plan = plans.find(({ servicePlanId }) => servicePlanId === id);
    if (plan) return plan.servicePlanName;
  }
  return id;
}

export function hasLicense(licenses: readonly HeldLicense[], skuId: string): boolean {
  return licenses.some((license) => license.skuId === skuId);
}
