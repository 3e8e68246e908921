import { plansTurnedOn, type LicensedProduct } from '../license/held.ts';
import type { AssignmentPath } from '../license/path.ts';
import type { Entitlement } from './decision.ts';
import type { AppFacts, Facts } from './facts.ts';

type PolicyPath = Extract<AssignmentPath, { kind: 'policy' }>;

interface LicensingProduct {
  readonly product: LicensedProduct;
  /** Names of the required plans that it turns on. */
  readonly plans: readonly string[];
  /** The claim that turns one of them on, if one does. */
  readonly claim: PolicyPath | undefined;
}

/**
 * What licenses the user for the app now, if anything does: a required plan that is on by at
 * least one path, in a product with an Enabled or Warning subscription. Of several products the
 * claimed one is told (this app's claim before another's), else the lowest skuId: so the same
 * claim is told for as long as it licenses, whatever is assigned beside it.
 */
export function findEntitlement({ app, user, products }: Facts): Entitlement | undefined {
  if (!app || !user) return undefined;
  const licensing = user.licenses
    .map(({ skuId, paths }) => licensingProduct(app, products.get(skuId), paths))
    .filter((found) => found !== undefined)
    .toSorted((a, b) => rankOf(app, a.claim) - rankOf(app, b.claim) || (a.product.skuId < b.product.skuId ? -1 : 1));
  const [told] = licensing;
  if (!told) return undefined;
  return {
    skuId: told.product.skuId,
    skuPartNumber: told.product.skuPartNumber,
    servicePlans: [...new Set(licensing.flatMap((one) => one.plans))].sort(),
    policyId: told.claim?.policyId ?? null,
    claimId: told.claim?.claimId ?? null,
    isBackup: told.claim?.isBackup ?? null,
  };
}

function rankOf(app: AppFacts, claim: PolicyPath | undefined): number {
  if (!claim) return 2;
  return claim.appId === app.appId ? 0 : 1;
}

function licensingProduct(
  app: AppFacts,
  product: LicensedProduct | undefined,
  paths: readonly AssignmentPath[],
): LicensingProduct | undefined {
  if (!product?.pool?.isUsable) return undefined;
  const plans = requiredPlansOn(app, product, paths);
  return plans.length > 0 ? { product, plans, claim: policyPath(app, product, paths) } : undefined;
}

function requiredPlansOn(app: AppFacts, product: LicensedProduct, paths: readonly AssignmentPath[]): string[] {
  return plansTurnedOn(product, paths)
    .filter((plan) => app.requiredPlans.includes(plan.servicePlanId))
    .map((plan) => plan.servicePlanName);
}

/** The policy path that turns a required plan on; this app's own before another's. */
function policyPath(app: AppFacts, product: LicensedProduct, paths: readonly AssignmentPath[]): PolicyPath | undefined {
  const giving = paths
    .filter((path) => path.kind === 'policy')
    .filter((path) => requiredPlansOn(app, product, [path]).length > 0);
  return giving.find((path) => path.appId === app.appId) ?? giving[0];
}
