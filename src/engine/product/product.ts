import { invalid } from '../refused.ts';
import { isCountry } from '../tenant/country.ts';

/** One of the apps and services inside a product. Its names and rules are this product's own. */
export interface ServicePlan {
  readonly servicePlanId: string;
  readonly servicePlanName: string;
  readonly friendlyName: string;
  /** Plans that the user must have, from whatever product, for this one to work. */
  readonly dependsOn: readonly string[];
  /** Plans that the user can't have beside this one, from whatever product. */
  readonly conflictsWith: readonly string[];
}

/** What is licensed (a SKU), as it stands in a tenant's catalogue. Ids are GUIDs in lower case. */
export interface Product {
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly displayName: string;
  /** Company products license the organisation as a whole: no person is given one. */
  readonly appliesTo: 'User' | 'Company';
  /** ISO 3166-1 alpha-2 codes of the countries where nobody may be given it. */
  readonly prohibitedUsageLocations: readonly string[];
  /** In the order that the admin center shows them. */
  readonly servicePlans: readonly ServicePlan[];
}

/** A plan as it is asked for: the friendly name is the name, and there are no rules, unless given. */
export type NewServicePlan = Pick<ServicePlan, 'servicePlanId' | 'servicePlanName'> & Partial<ServicePlan>;

export interface NewProduct
  extends
    Pick<Product, 'skuId' | 'skuPartNumber' | 'displayName'>,
    Partial<Pick<Product, 'appliesTo' | 'prohibitedUsageLocations'>> {
  readonly servicePlans: readonly NewServicePlan[];
}

/** What can change of a product. A new list of plans replaces the whole list. */
export type ProductPatch = Partial<
  Pick<NewProduct, 'skuPartNumber' | 'displayName' | 'prohibitedUsageLocations' | 'servicePlans'>
>;

/** Microsoft's largest product has 111 plans. */
export const SERVICE_PLANS_MAX = 300;

/** Microsoft's longest name has 153 characters. */
export const NAME_LENGTH_MAX = 256;

/**
 * The plans of a product as they will stand: GUIDs in lower case, defaults filled in.
 * @throws Refused where a plan is there twice, or has a rule about itself or against itself
 */
export function completePlans(plans: readonly NewServicePlan[]): ServicePlan[] {
  const complete = plans.map((plan) => ({
    servicePlanId: plan.servicePlanId.toLowerCase(),
    servicePlanName: plan.servicePlanName,
    friendlyName: plan.friendlyName ?? plan.servicePlanName,
    dependsOn: lowerCased(plan.dependsOn),
    conflictsWith: lowerCased(plan.conflictsWith),
  }));
  refuseRepeated(
    'servicePlans',
    complete.map((plan) => plan.servicePlanId),
    (at) => `servicePlans[${at}].servicePlanId`,
  );
  complete.forEach((plan, at) => {
    const field = `servicePlans[${at}]`;
    for (const rule of ['dependsOn', 'conflictsWith'] as const) {
      refuseRepeated(`${field}.${rule}`, plan[rule]);
      if (plan[rule].includes(plan.servicePlanId))
        throw invalid(`${field}.${rule}`, 'a service plan can not name itself here.');
    }
    const both = plan.dependsOn.find((id) => plan.conflictsWith.includes(id));
    if (both) throw invalid(`${field}.conflictsWith`, `the service plan depends on ${both}, so it can not exclude it.`);
  });
  return complete;
}

/** @throws Refused where a code isn't a country, or is there twice */
export function checkLocations(codes: readonly string[]): void {
  const at = codes.findIndex((code) => !isCountry(code));
  if (at >= 0) throw invalid(`prohibitedUsageLocations[${at}]`, `${codes[at]} is not a country (ISO 3166-1 alpha-2).`);
  refuseRepeated('prohibitedUsageLocations', codes);
}

/** Whether a product with these plans, less the disabled ones, has a plan that an app requires. */
export function licensesApp(
  planIds: readonly string[],
  disabledPlans: readonly string[],
  requiredPlanIds: readonly string[],
): boolean {
  return planIds.some((id) => requiredPlanIds.includes(id) && !disabledPlans.includes(id));
}

function lowerCased(ids: readonly string[] | undefined): string[] {
  return (ids ?? []).map((id) => id.toLowerCase());
}

function refuseRepeated(field: string, values: readonly string[], name = (at: number) => `${field}[${at}]`): void {
  const seen = new Set<string>();
  values.forEach((value, at) => {
    if (seen.has(value)) throw invalid(name(at), `${value} is given twice.`);
    seen.add(value);
  });
}
