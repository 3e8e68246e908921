import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { GroupLicenses } from '../../../../contract/group.ts';
import { query, searchText, useApi } from '../../../ui/api.ts';
import type { ListState } from '../../../ui/list/list-state.ts';

export type GroupLicense = GroupLicenses['value'][number];

/** A product that a member has not got of what the group gives, and why. */
export interface LicenseError {
  readonly id: string;
  readonly userId: string;
  readonly userDisplayName: string;
  readonly userPrincipalName: string;
  readonly productDisplayName: string;
  readonly error: string;
  readonly detail: string;
}

/** How often it is looked again while members are being licensed. */
const WATCH_EVERY_MS = 2_000;

/** What a group gives and how far that has come; while it goes on, it is followed. */
export function useGroupLicenses(groupId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['groups', groupId, 'licenses'],
    queryFn: ({ signal }) => api.get<GroupLicenses>(`/v1.0/groups/${encodeURIComponent(groupId)}/licenses`, signal),
    refetchInterval: ({ state }) => (state.data?.state === 'inProgress' ? WATCH_EVERY_MS : false),
  });
}

/** Sets what a group gives its members, and asks for what it is now. */
export function useAssignToGroup(groupId: string) {
  const api = useApi();
  const readAgain = useReadLicensesAgain();
  return async (
    addLicenses: readonly { skuId: string; disabledPlans: readonly string[] }[],
    removeLicenses: readonly string[] = [],
  ) => {
    await api.send('POST', `/v1.0/groups/${groupId}/assignLicense`, { body: { addLicenses, removeLicenses } });
    readAgain();
  };
}

/** Looks again at the whole group. */
export function useReprocess(groupId: string) {
  const api = useApi();
  const readAgain = useReadLicensesAgain();
  return async () => {
    await api.send('POST', `/v1.0/groups/${groupId}/reprocessLicenseAssignment`);
    readAgain();
  };
}

/** Asks again for all that licenses of groups show in. */
export function useReadLicensesAgain() {
  const client = useQueryClient();
  return () => {
    for (const noun of ['groups', 'users', 'pools']) void client.invalidateQueries({ queryKey: [noun] });
  };
}

export function licenseErrorsPath(groupId: string, state: ListState): string {
  const options = query({
    $search: searchText(state.search),
    $filter: state.filter('error') && `error eq '${state.filter('error')}'`,
    $orderby: state.order ?? 'userDisplayName',
    $top: 50,
    $count: true,
  });
  return `/v1.0/groups/${encodeURIComponent(groupId)}/licenseErrors${options}`;
}
