import { useQuery } from '@tanstack/react-query';
import type { HookKind, SignInHook } from '../../../contract/sign-in-hook.ts';
import { query, searchText, useApi, type Page } from '../../ui/api.ts';
import type { ListState } from '../../ui/list/list-state.ts';

export type Hook = SignInHook;

export interface App {
  readonly appId: string;
  readonly displayName: string;
}

/** What people know the identity providers as. */
export const PROVIDERS: Readonly<Record<HookKind, string>> = {
  entra: 'Microsoft Entra ID',
  okta: 'Okta',
  auth0: 'Auth0',
  keycloak: 'Keycloak',
};
export const KINDS = Object.keys(PROVIDERS) as HookKind[];

export const CLOUDS = { global: 'Global', usGovernment: 'US Government', china: 'China (21Vianet)' } as const;

export function hooksPath(state: ListState): string {
  return `/v1.0/admin/signInHooks${query({ $search: searchText(state.search), $orderby: state.order, $top: 50, $count: true })}`;
}

/** Read again while it is looked at: events come in. */
const REFRESH_MS = 10_000;

export function useHook(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['hooks', id],
    queryFn: ({ signal }) => api.get<Hook>(`/v1.0/admin/signInHooks/${encodeURIComponent(id)}`, signal),
    refetchInterval: REFRESH_MS,
  });
}

export function useApps() {
  const api = useApi();
  return useQuery({
    queryKey: ['apps', 'names'],
    queryFn: async ({ signal }) =>
      (await api.get<Page<App>>('/v1.0/applications?$top=999&$select=appId,displayName', signal)).value,
  });
}
