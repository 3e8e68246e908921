import { useQuery } from '@tanstack/react-query';
import { literal, query, searchText, useApi } from '../../ui/api.ts';
import type { ListState } from '../../ui/list/list-state.ts';

/** A user, as their pane shows them. */
export interface User {
  readonly id: string;
  readonly displayName: string;
  readonly givenName: string | null;
  readonly surname: string | null;
  readonly userPrincipalName: string;
  readonly mail: string | null;
  readonly jobTitle: string | null;
  readonly department: string | null;
  readonly usageLocation: string | null;
  readonly userType: 'Member' | 'Guest';
  readonly accountEnabled: boolean;
  readonly assignedLicenses: readonly { readonly skuId: string }[];
}

const SELECT =
  'id,displayName,givenName,surname,userPrincipalName,mail,jobTitle,department,usageLocation,userType,accountEnabled,assignedLicenses';

/** Filters by their name in the address, with what each choice asks the API for. */
export const FILTERS = {
  status: {
    label: 'Sign-in',
    choices: { allowed: 'Allowed', blocked: 'Blocked' },
    conditions: { allowed: 'accountEnabled eq true', blocked: 'accountEnabled eq false' },
  },
  licenses: {
    label: 'Licenses',
    choices: { some: 'Licensed', none: 'Unlicensed' },
    conditions: { some: 'assignedLicenses/$count ne 0', none: 'assignedLicenses/$count eq 0' },
  },
  type: {
    label: 'Type',
    choices: { member: 'Member', guest: 'Guest' },
    conditions: { member: `userType eq ${literal('Member')}`, guest: `userType eq ${literal('Guest')}` },
  },
} as const;
export type FilterName = keyof typeof FILTERS;
export const FILTER_NAMES = Object.keys(FILTERS) as FilterName[];

export function usersPath(state: ListState): string {
  const conditions = FILTER_NAMES.map((name) => {
    const choices: Readonly<Record<string, string>> = FILTERS[name].conditions;
    return choices[state.filter(name) ?? ''];
  }).filter((condition) => condition !== undefined);
  const options = query({
    $search: searchText(state.search),
    $filter: conditions.join(' and '),
    $orderby: state.order,
    $top: 50,
    $count: true,
  });
  return `/v1.0/users${options}&$select=id,displayName,userPrincipalName,userType,accountEnabled,assignedLicenses`;
}

export function useUser(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['users', id],
    queryFn: ({ signal }) => api.get<User>(`/v1.0/users/${encodeURIComponent(id)}?$select=${SELECT}`, signal),
  });
}
