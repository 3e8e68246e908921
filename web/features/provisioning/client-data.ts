import { useQuery } from '@tanstack/react-query';
import type { ProvisioningClient, ProvisioningKind } from '../../../contract/provisioning-client.ts';
import { query, searchText, useApi } from '../../ui/api.ts';
import type { ListState } from '../../ui/list/list-state.ts';

export type Client = ProvisioningClient;

export const CLIENTS_PATH = '/v1.0/admin/provisioningClients';

/** What people know the identity providers as. */
export const PROVIDERS: Readonly<Record<ProvisioningKind, string>> = {
  entra: 'Microsoft Entra ID',
  okta: 'Okta',
  other: 'Another (SCIM 2.0)',
};
export const KINDS = Object.keys(PROVIDERS) as ProvisioningKind[];

export function clientsPath(state: ListState): string {
  return `${CLIENTS_PATH}${query({ $search: searchText(state.search), $orderby: state.order, $top: 50, $count: true })}`;
}

/** Read again while it is looked at: it is told of users meanwhile. */
const REFRESH_MS = 10_000;

export function useClient(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['provisioning', id],
    queryFn: ({ signal }) => api.get<Client>(`${CLIENTS_PATH}/${encodeURIComponent(id)}`, signal),
    refetchInterval: REFRESH_MS,
  });
}
