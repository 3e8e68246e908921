import { useQuery, useQueryClient } from '@tanstack/react-query';
import { literal, query, useApi, type Page } from '../../../ui/api.ts';

/** A product that a user holds, with every path of it. */
export interface HeldLicense {
  readonly skuId: string;
  readonly displayName: string;
  readonly isUsable: boolean;
  readonly assignedDateTime: string;
  readonly paths: readonly HeldPath[];
  readonly servicePlans: readonly { readonly servicePlanId: string; readonly friendlyName: string }[];
}

export interface HeldPath {
  readonly kind: 'direct' | 'group' | 'policy';
  readonly assignedDateTime: string;
  readonly groupId: string | null;
  readonly groupDisplayName: string | null;
  /** By which groups they are in that group, beginning with their own; none: by themselves. */
  readonly throughGroups: readonly { readonly displayName: string }[];
  readonly policyDisplayName: string | null;
  readonly appDisplayName: string | null;
  readonly isBackup: boolean | null;
}

export function useHeldLicenses(userId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['users', userId, 'licenses'],
    queryFn: async ({ signal }) => (await api.get<Page<HeldLicense>>(`/v1.0/users/${userId}/licenses`, signal)).value,
  });
}

/** Assigns and unassigns, all of it or none. */
export function useAssign(userId: string) {
  const api = useApi();
  const client = useQueryClient();
  return async (
    addLicenses: readonly { skuId: string; disabledPlans: readonly string[] }[],
    removeLicenses: readonly string[] = [],
  ) => {
    await api.send('POST', `/v1.0/users/${userId}/assignLicense`, { body: { addLicenses, removeLicenses } });
    for (const noun of ['users', 'pools']) void client.invalidateQueries({ queryKey: [noun] });
  };
}

/** What a group was to give them and they have not got, or not all of it. */
export interface MissingLicense {
  readonly skuId: string;
  readonly groupId: string;
  readonly groupName: string;
  readonly error: string;
}

interface LicenseState {
  readonly skuId: string;
  readonly assignedByGroup: string | null;
  readonly error: string;
}

export function useMissingLicenses(userId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['users', userId, 'missing licenses'],
    queryFn: async ({ signal }): Promise<MissingLicense[]> => {
      const path = `/v1.0/users/${userId}?$select=licenseAssignmentStates`;
      const user = await api.get<{ licenseAssignmentStates: readonly LicenseState[] }>(path, signal);
      const missing = user.licenseAssignmentStates.filter(({ error }) => error !== 'None');
      if (missing.length === 0) return [];
      const ids = new Set(missing.map(({ assignedByGroup }) => assignedByGroup!));
      const filter = `id in (${[...ids].map(literal).join(',')})`;
      const { value } = await api.get<Page<{ id: string; displayName: string }>>(
        `/v1.0/groups${query({ $filter: filter, $top: 999 })}&$select=id,displayName`,
        signal,
      );
      const groups = new Map(value.map(({ id, displayName }) => [id, displayName]));
      return missing.map(({ skuId, assignedByGroup: groupId, error }) => ({
        skuId,
        groupId: groupId!,
        groupName: groups.get(groupId!) ?? '(deleted)',
        error,
      }));
    },
  });
}

/** Looks again at what their groups give them. */
export function useReprocess(userId: string) {
  const api = useApi();
  const client = useQueryClient();
  return async () => {
    await api.send('POST', `/v1.0/users/${userId}/reprocessLicenseAssignment`);
    for (const noun of ['users', 'pools', 'groups']) void client.invalidateQueries({ queryKey: [noun] });
  };
}

/** Why somebody holds a product, in words. */
export function pathText({
  kind,
  groupDisplayName,
  throughGroups,
  policyDisplayName,
  appDisplayName,
  isBackup,
}: HeldPath): string {
  if (kind === 'direct') return 'Assigned by hand';
  if (kind === 'group') {
    const way = throughGroups.map(({ displayName }) => displayName).join(' › ');
    return `By the group ${groupDisplayName ?? '(deleted)'}${way === '' ? '' : `, through ${way}`}`;
  }
  const as = isBackup ? ', from a backup product' : '';
  return `Claimed under the policy ${policyDisplayName ?? '(deleted)'} for ${appDisplayName ?? 'an app'}${as}`;
}
