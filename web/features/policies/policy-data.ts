import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useApi, type Page } from '../../ui/api.ts';

/** An auto-claim policy, as the API has it. */
export interface Policy {
  readonly '@odata.etag': string;
  readonly id: string;
  readonly displayName: string;
  readonly isEnabled: boolean;
  readonly appId: string;
  readonly order: number;
  readonly products: readonly PolicyProduct[];
  readonly includeGroups: readonly string[];
  readonly excludeGroups: readonly string[];
  readonly includeGuests: boolean;
}

export interface PolicyProduct {
  readonly skuId: string;
  readonly disabledPlans: readonly string[];
}

/** What people sign in to. */
export interface App {
  readonly appId: string;
  readonly displayName: string;
  readonly requiredServicePlanIds: readonly string[];
}

/** A product of the catalogue, with its apps and services. */
export interface Product {
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly displayName: string;
  readonly appliesTo: 'User' | 'Company';
  readonly servicePlans: readonly { readonly servicePlanId: string; readonly friendlyName: string }[];
}

/** A product with its seats; a tenant that never bought it has none. */
export interface OfferedProduct extends Product {
  readonly available: number;
}

interface Pool {
  readonly skuId: string;
  readonly consumedUnits: number;
  readonly prepaidUnits: { readonly enabled: number; readonly warning: number };
}

/** How often what sign-ins change is read again while somebody looks. */
export const REFRESH_MS = 10_000;
/** The API's greatest page: policies, apps and pools are tens, hundreds at most. */
const ALL = '$top=999';

export function usePolicies() {
  const api = useApi();
  return useQuery({
    queryKey: ['policies'],
    queryFn: async ({ signal }) =>
      (await api.get<Page<Policy>>(`/v1.0/policies/autoClaimPolicies?${ALL}`, signal)).value,
    refetchInterval: REFRESH_MS,
  });
}

/** Apps that a policy can be for: those that require some service plan. */
export function useApps() {
  const api = useApi();
  return useQuery({
    queryKey: ['apps'],
    queryFn: async ({ signal }) => {
      const { value } = await api.get<Page<App>>(
        `/v1.0/applications?${ALL}&$select=appId,displayName,requiredServicePlanIds`,
        signal,
      );
      return value.filter((app) => app.requiredServicePlanIds.length > 0);
    },
  });
}

/** The seats that are free now, by product. */
export function useAvailable() {
  const api = useApi();
  return useQuery({
    queryKey: ['pools'],
    queryFn: async ({ signal }) => {
      const { value } = await api.get<Page<Pool>>(
        `/v1.0/subscribedSkus?${ALL}&$select=skuId,consumedUnits,prepaidUnits`,
        signal,
      );
      return new Map(value.map((pool) => [pool.skuId, availableOf(pool)]));
    },
    refetchInterval: REFRESH_MS,
  });
}

function availableOf({ consumedUnits, prepaidUnits: { enabled, warning } }: Pool): number {
  return Math.max(enabled + warning - consumedUnits, 0);
}

/** Products by their ids, for names and plans. */
export function useProducts(skuIds: readonly string[]) {
  const api = useApi();
  const ids = [...new Set(skuIds)].sort();
  return useQuery({
    queryKey: ['products', 'named', ids],
    enabled: ids.length > 0,
    // One product more is no reason to forget the others' names.
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const filter = encodeURIComponent(`skuId in (${ids.map((id) => `'${id}'`).join(',')})`);
      const { value } = await api.get<Page<Product>>(`/v1.0/admin/products?${ALL}&$filter=${filter}`, signal);
      return new Map(value.map((product) => [product.skuId, product]));
    },
  });
}

/** The products that the tenant has seats of and that contain a service plan which an app requires. */
export function useFittingProducts(app: App | undefined) {
  const api = useApi();
  const { data: available } = useAvailable();
  const found = useQuery({
    queryKey: ['products', 'fitting', app?.appId, app?.requiredServicePlanIds],
    enabled: app !== undefined,
    queryFn: async ({ signal }) => {
      const plans = app!.requiredServicePlanIds.map((id) => `x/servicePlanId eq ${id}`).join(' or ');
      const filter = encodeURIComponent(`appliesTo eq 'User' and servicePlans/any(x:${plans})`);
      return (await api.get<Page<Product>>(`/v1.0/admin/products?${ALL}&$filter=${filter}`, signal)).value;
    },
  });
  const products: OfferedProduct[] | undefined =
    available &&
    found.data
      ?.filter(({ skuId }) => available.has(skuId))
      .map((product) => ({ ...product, available: available.get(product.skuId)! }));
  return { products, error: found.error, isPending: products === undefined };
}

/** What a product's row is called in the list's Status column. */
export type PolicyStatus = 'On' | 'Off' | 'Out of licenses';

/** On, Off, or Out of licenses: on, and no product has a free seat (PRODUCT.md, flow 2). */
export function statusOf(policy: Policy, available: ReadonlyMap<string, number>): PolicyStatus {
  if (!policy.isEnabled) return 'Off';
  return availableFor(policy, available) > 0 ? 'On' : 'Out of licenses';
}

/** The sum over a policy's products. */
export function availableFor(policy: Policy, available: ReadonlyMap<string, number>): number {
  return policy.products.reduce((sum, { skuId }) => sum + (available.get(skuId) ?? 0), 0);
}

/** Which of a product's plans the app requires. */
export function requiredOf(product: Product, app: App | undefined): string[] {
  return product.servicePlans
    .map(({ servicePlanId }) => servicePlanId)
    .filter((id) => app?.requiredServicePlanIds.includes(id));
}
