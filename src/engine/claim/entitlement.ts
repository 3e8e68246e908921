import { plansTurnedOn, type LicensedProduct } from '../license/held.ts';
import type { AssignmentPath } from '../license/path.ts';
import type { Entitlement } from './decision.ts';
import type { AppFacts, Facts } from './facts.ts';

interface LicensingProduct {
  readonly product: LicensedProduct;
  readonly paths: readonly AssignmentPath[];
  readonly plans: readonly string[];
}

/**
 * What licenses the user for the app now, if anything does: a required plan that is on by at
 * least one path, in a product with an Enabled or Warning subscription. Of several products the
 * one named by claimedSkuId (that of this moment's claim), else the lowest skuId.
 */
export function findEntitlement(facts: Facts, claimedSkuId?: string): Entitlement | undefined {
  const { app, user, products } = facts;
  if (!app || !user) return undefined;
  const licensing = user.licenses
    .map(({ skuId, paths }) => licensingProduct(app, products.get(skuId), paths))
    .filter((found) => found !== undefined)
    .toSorted((a, b) => (a.product.skuId < b.product.skuId ? -1 : 1));
  const told = licensing.find(({ product }) => product.skuId === claimedSkuId) ?? licensing[0];
  if (!told) return undefined;
  const path = policyPath(app, told);
  return {
    skuId: told.product.skuId,
    skuPartNumber: told.product.skuPartNumber,
    servicePlans: [...new Set(licensing.flatMap((one) => one.plans))].sort(),
    policyId: path?.policyId ?? null,
    claimId: path?.claimId ?? null,
    isBackup: path?.isBackup ?? null,
  };
}

function licensingProduct(app: AppFacts, product: LicensedProduct | undefined, paths: readonly AssignmentPath[]): LicensingProduct | undefined {
  if (!product?.pool?.isUsable) return undefined;
  const plans = requiredPlansOn(app, product, paths);
  return plans.length > 0 ? { product, paths, plans } : undefined;
}

function requiredPlansOn(app: AppFacts, product: LicensedProduct, paths: readonly AssignmentPath[]): string[] {
  return plansTurnedOn(product, paths)
    .filter((plan) => app.requiredPlans.includes(plan.servicePlanId))
    .map((plan) => plan.servicePlanName);
}

/** The policy path that turns a required plan on; this app's own before another's. */
function policyPath(app: AppFacts, { product, paths }: LicensingProduct) {
  const giving = paths.filter((path) => path.kind === 'policy' && requiredPlansOn(app, product, [path]).length > 0);
  const found = giving.find((path) => path.kind === 'policy' && path.appId === app.appId) ?? giving[0];
  return found?.kind === 'policy' ? found : undefined;
}
