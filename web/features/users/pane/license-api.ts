import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi, type Page } from '../../../ui/api.ts';

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

/** Why somebody holds a product, in words. */
export function pathText({ kind, groupDisplayName, policyDisplayName, appDisplayName, isBackup }: HeldPath): string {
  if (kind === 'direct') return 'Assigned by hand';
  if (kind === 'group') return `By the group ${groupDisplayName ?? '(deleted)'}`;
  const as = isBackup ? ', from a backup product' : '';
  return `Claimed under the policy ${policyDisplayName ?? '(deleted)'} for ${appDisplayName ?? 'an app'}${as}`;
}
