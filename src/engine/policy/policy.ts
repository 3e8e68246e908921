import { invalid } from '../refused.ts';

/** One of a policy's ordered products; the first is the primary, the others are backups. */
export interface PolicyProduct {
  readonly skuId: string;
  readonly disabledPlans: readonly string[];
}

/** An auto-claim policy: one app, its products in order, an audience, on or off. */
export interface Policy {
  readonly policyId: string;
  readonly displayName: string;
  readonly isEnabled: boolean;
  readonly appId: string;
  /** Place among the policies of its app, from 1: the first whose audience has the user decides. */
  readonly order: number;
  readonly products: readonly PolicyProduct[];
  /** Empty: everyone. */
  readonly includeGroups: readonly string[];
  readonly excludeGroups: readonly string[];
  readonly includeGuests: boolean;
  readonly version: number;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
}

/** What can be written of a policy. */
export type PolicyDraft = Pick<
  Policy,
  'displayName' | 'isEnabled' | 'products' | 'includeGroups' | 'excludeGroups' | 'includeGuests'
>;

/** PRODUCT.md, "Words": a policy has 1 to 5 ordered products. */
export const PRODUCTS_MAX = 5;
/** A list of groups longer than this is a group that should be made. */
export const AUDIENCE_GROUPS_MAX = 100;

/** What a draft is judged by: the app's required plans and the products named, with their plans. */
export interface PolicyFacts {
  readonly requiredPlans: readonly string[];
  readonly plansOfProduct: ReadonlyMap<string, readonly string[]>;
  readonly groups: ReadonlySet<string>;
}

/**
 * Judges a policy: 1 to 5 products, none twice, each with a service plan that the app requires
 * and that isn't left out; groups that exist (those that the policy already names may have gone).
 * @throws Refused naming the field
 */
export function checkPolicy(draft: PolicyDraft, facts: PolicyFacts): void {
  const { products } = draft;
  if (draft.displayName.trim() === '') throw invalid('displayName', 'a policy needs a name.');
  if (products.length < 1) {
    throw invalid('products', 'a policy always keeps at least one product. Turn the policy off instead.');
  }
  if (products.length > PRODUCTS_MAX) {
    throw invalid('products', `a policy holds at most ${PRODUCTS_MAX} products, the primary and four backups.`);
  }
  products.forEach((product, index) => {
    checkProduct(product, `products[${index}]`, facts);
    if (products.findIndex((other) => other.skuId === product.skuId) < index) {
      throw invalid(`products[${index}].skuId`, `product ${product.skuId} is named twice.`);
    }
  });
  for (const field of ['includeGroups', 'excludeGroups'] as const) {
    draft[field].forEach((groupId, index) => {
      if (!facts.groups.has(groupId)) throw invalid(`${field}[${index}]`, `no group has the id ${groupId}.`);
    });
  }
}

function checkProduct({ skuId, disabledPlans }: PolicyProduct, field: string, facts: PolicyFacts): void {
  const plans = facts.plansOfProduct.get(skuId);
  if (!plans) throw invalid(`${field}.skuId`, `no product that can be assigned to people has the id ${skuId}.`);
  disabledPlans.forEach((planId, index) => {
    if (!plans.includes(planId)) {
      throw invalid(`${field}.disabledPlans[${index}]`, `service plan ${planId} is not part of product ${skuId}.`);
    }
  });
  const fitting = plans.filter((plan) => facts.requiredPlans.includes(plan));
  if (fitting.length === 0) {
    throw invalid(`${field}.skuId`, `product ${skuId} has no service plan that the app requires.`);
  }
  if (fitting.every((plan) => disabledPlans.includes(plan))) {
    throw invalid(
      `${field}.disabledPlans`,
      `the app requires one of the service plans ${fitting.join(', ')}; at least one of them must stay on.`,
    );
  }
}
