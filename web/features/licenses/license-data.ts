import { useQuery } from '@tanstack/react-query';
import { query, searchText, useApi } from '../../ui/api.ts';
import type { LicensingGroup } from '../../ui/group-license-state.tsx';
import type { ListState } from '../../ui/list/list-state.ts';

/** A product with its seats. */
export interface Pool {
  readonly skuId: string;
  readonly displayName: string;
  readonly appliesTo: 'User' | 'Company';
  readonly capabilityStatus: 'Enabled' | 'Warning' | 'Suspended' | 'Deleted';
  readonly consumedUnits: number;
  readonly availableUnits: number;
  readonly prepaidUnits: { readonly enabled: number; readonly warning: number };
}

/** Who holds a product, with every path of it. */
export interface Holder {
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly licenseAssignmentStates: readonly { readonly skuId: string; readonly assignedByGroup: string | null }[];
}

const SELECT = '$select=skuId,displayName,appliesTo,capabilityStatus,consumedUnits,availableUnits,prepaidUnits';
const PAGE = 50;

export function poolsPath(state: ListState): string {
  const filter =
    state.filter('free') === 'none' ? 'availableUnits eq 0' : state.filter('free') && 'availableUnits gt 0';
  const options = query({
    $search: searchText(state.search),
    $filter: filter,
    $orderby: state.order ?? 'displayName',
    $top: PAGE,
    $count: true,
  });
  return `/v1.0/subscribedSkus${options}&${SELECT}`;
}

export function usePool(skuId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['pools', skuId, 'licenses'],
    queryFn: ({ signal }) => api.get<Pool>(`/v1.0/subscribedSkus/${encodeURIComponent(skuId)}?${SELECT}`, signal),
  });
}

export function holdersPath(skuId: string, state: ListState): string {
  const options = query({
    $filter: `assignedLicenses/any(x:x/skuId eq ${skuId})`,
    $search: searchText(state.search),
    $orderby: state.order,
    $top: PAGE,
    $count: true,
  });
  return `/v1.0/users${options}&$select=id,displayName,userPrincipalName,licenseAssignmentStates`;
}

/** A group that gives a product to its members. */
export interface GivingGroup extends LicensingGroup {
  readonly id: string;
  readonly displayName: string;
  readonly assignedLicenses: readonly { readonly skuId: string; readonly disabledPlans: readonly string[] }[];
}

export function givingGroupsPath(skuId: string, state: ListState): string {
  const options = query({
    $filter: `assignedLicenses/any(x:x/skuId eq ${skuId})`,
    $search: searchText(state.search),
    $orderby: state.order,
    $top: PAGE,
    $count: true,
  });
  return `/v1.0/groups${options}&$select=id,displayName,assignedLicenses,hasMembersWithLicenseErrors,licenseProcessingState`;
}

/** Whether a group gives them the product: that path ends with the membership, not here. */
export function isByGroup({ licenseAssignmentStates }: Holder, skuId: string): boolean {
  return licenseAssignmentStates.some((state) => state.skuId === skuId && state.assignedByGroup !== null);
}
