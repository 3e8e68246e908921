import { useQuery } from '@tanstack/react-query';
import { literal, query, searchText, useApi, type Page } from '../../ui/api.ts';
import type { ListState } from '../../ui/list/list-state.ts';

export interface Group {
  readonly id: string;
  readonly displayName: string;
  readonly description: string | null;
  readonly createdDateTime: string;
  readonly assignedLicenses: readonly { readonly skuId: string }[];
  readonly hasMembersWithLicenseErrors: boolean;
  readonly licenseProcessingState: { readonly state: string };
}

/** A user or a group, as @odata.type says. */
export interface Member {
  readonly '@odata.type': '#microsoft.graph.user' | '#microsoft.graph.group';
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName?: string;
}

const SELECT =
  'id,displayName,description,createdDateTime,assignedLicenses,hasMembersWithLicenseErrors,licenseProcessingState';

export function groupsPath(state: ListState): string {
  const options = query({ $search: searchText(state.search), $orderby: state.order, $top: 50, $count: true });
  return `/v1.0/groups${options}&$select=${SELECT}`;
}

export function useGroup(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['groups', id],
    queryFn: ({ signal }) => api.get<Group>(`/v1.0/groups/${encodeURIComponent(id)}?$select=${SELECT}`, signal),
  });
}

/** How many own members a group has; shown before it is deleted. */
export function useMemberCount(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['groups', id, 'member count'],
    queryFn: async ({ signal }) => {
      const response = await api.fetch(`/v1.0/groups/${encodeURIComponent(id)}/members/$count`, { signal });
      return Number(await response.text());
    },
  });
}

export function membersPath(id: string, state: ListState): string {
  const filter = state.search === '' ? undefined : `startswith(displayName,${literal(state.search)})`;
  const options = query({ $filter: filter, $orderby: state.order ?? 'displayName', $top: 50, $count: true });
  return `/v1.0/groups/${encodeURIComponent(id)}/members${options}`;
}

/** How many auto-claim policies name a group; undefined until it is known. */
export function usePolicyCount(id: string, mayRead: boolean): number | undefined {
  const api = useApi();
  const { data } = useQuery({
    queryKey: ['policies', 'of group', id],
    enabled: mayRead,
    queryFn: async ({ signal }) => {
      const path = '/v1.0/policies/autoClaimPolicies?$top=999';
      const { value } = await api.get<Page<{ includeGroups: string[]; excludeGroups: string[] }>>(path, signal);
      return value.filter((policy) => [...policy.includeGroups, ...policy.excludeGroups].includes(id)).length;
    },
  });
  return data;
}
