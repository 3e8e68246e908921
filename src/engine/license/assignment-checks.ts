import { Refused } from '../refused.ts';
import { plansHeld, plansTurnedOn, type LicensedProduct, type UserLicenses } from './held.ts';
import { findConflict, findMissingDependency } from './plan-rules.ts';

/** A product to assign by hand, less the plans left out. */
export interface LicenseToAdd {
  readonly skuId: string;
  readonly disabledPlans: readonly string[];
}

/** What is to be assigned to and unassigned from somebody by hand: all of it or none. */
export interface LicenseChange {
  readonly add: readonly LicenseToAdd[];
  /** Products by skuId. */
  readonly remove: readonly string[];
}

/**
 * Why a change can't be made for somebody, in Graph's exact words (FACTS.md, "assignLicense"); undefined where it can.
 * @param usageLocation the user's; null where there is none
 */
export function refusalOf(
  state: UserLicenses,
  usageLocation: string | null,
  change: LicenseChange,
): Refused | undefined {
  return removalRefusal(state, change) ?? additionRefusal(state, usageLocation, change) ?? planRefusal(state, change);
}

function removalRefusal({ licenses }: UserLicenses, { remove }: LicenseChange): Refused | undefined {
  for (const skuId of remove) {
    const held = licenses.find((license) => license.skuId === skuId);
    if (!held) return refused('User does not have a corresponding license.');
    if (held.paths.every((path) => path.kind === 'group')) {
      return refused(
        'User license is inherited from a group membership and it cannot be removed directly from the user.',
      );
    }
  }
  return undefined;
}

function additionRefusal(
  { licenses, products }: UserLicenses,
  usageLocation: string | null,
  { add }: LicenseChange,
): Refused | undefined {
  for (const { skuId, disabledPlans } of add) {
    const product = products.get(skuId);
    if (!product?.pool) return refused(`License ${skuId} does not correspond to a valid company License.`);
    if (product.appliesTo !== 'User') return refused(`License ${skuId} cannot be assigned to a user.`);
    const unknown = disabledPlans.find((id) => !product.plans.some((plan) => plan.servicePlanId === id));
    if (unknown) return refused(`disabledPlans: service plan ${unknown} is not part of license ${skuId}.`);
    if (usageLocation === null || product.prohibitedUsageLocations.includes(usageLocation)) {
      return refused('License assignment cannot be done for user with invalid usage location.');
    }
    const holdsSeat = licenses.some((license) => license.skuId === skuId);
    if (!product.pool.isUsable || (!holdsSeat && product.pool.consumed >= product.pool.seats)) {
      return refused(`Subscription with SKU ${skuId} does not have any available licenses.`);
    }
  }
  return undefined;
}

/** The plans turned on, against each other and what the user keeps. */
function planRefusal({ licenses, products }: UserLicenses, { add, remove }: LicenseChange): Refused | undefined {
  const replaced = new Set([...remove, ...add.map(({ skuId }) => skuId)]);
  const kept = licenses
    .map(({ skuId, paths }) => ({ skuId, paths: paths.filter(({ kind }) => kind === 'group' || !replaced.has(skuId)) }))
    .filter((license) => license.paths.length > 0);
  const held = plansHeld(kept, products);
  const turnedOn = add.flatMap((license) => plansTurnedOn(products.get(license.skuId) as LicensedProduct, [license]));
  const missing = findMissingDependency(turnedOn, held);
  if (missing) {
    return refused(
      `License assignment failed because service plan ${missing.plan} depends on the service plan(s) ${missing.missing.join(',')}`,
    );
  }
  const conflict = findConflict(turnedOn, held);
  return conflict
    ? refused(`License assignment failed because service plans ${conflict.plans.join(',')} are mutually exclusive`)
    : undefined;
}

function refused(message: string): Refused {
  return new Refused('invalid', message);
}
