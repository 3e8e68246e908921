import { productOf, type App, type Organisation, type Policy, type PolicyProduct } from './organisation.ts';

export type Draft = Pick<Policy, 'name' | 'isOn' | 'products' | 'include' | 'exclude' | 'guests'>;

/** Whether a policy can stand (API.md, "Policy"). */
export function isValid(organisation: Organisation, app: App, draft: Draft, before?: Policy): boolean {
  const others = organisation.policies.filter((policy) => policy !== before);
  const named = [...(before?.include ?? []), ...(before?.exclude ?? [])];
  const skuIds = draft.products.map(({ skuId }) => skuId);
  return (
    draft.name.trim() !== '' &&
    !others.some(({ name }) => name.toLowerCase() === draft.name.toLowerCase()) &&
    skuIds.length >= 1 &&
    skuIds.length <= 5 &&
    new Set(skuIds).size === skuIds.length &&
    draft.products.every((product) => licenses(organisation, product, app.requires)) &&
    [...draft.include, ...draft.exclude].every((group) => organisation.groups.has(group) || named.includes(group))
  );
}

/** Whether a product, less the plans left out, has a plan that is required. */
export function licenses(
  organisation: Organisation,
  { skuId, without }: PolicyProduct,
  requires: readonly string[],
): boolean {
  return productOf(organisation, skuId).plans.some(({ id }) => requires.includes(id) && !without.includes(id));
}

export function policiesOf({ policies }: Organisation, appId: string): Policy[] {
  return policies.filter((policy) => policy.appId === appId);
}

/** Puts the policies of one app into an order; those of others stay where they are. */
export function reorder(organisation: Organisation, appId: string, ids: readonly string[]): void {
  const ofApp = ids.map((id) => organisation.policies.find((policy) => policy.id === id)!);
  organisation.policies = [...organisation.policies.filter((policy) => policy.appId !== appId), ...ofApp];
}
