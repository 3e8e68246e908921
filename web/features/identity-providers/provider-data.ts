import { useQuery } from '@tanstack/react-query';
import type { IdentityProvider, ProviderKind, SignInSetting } from '../../../contract/identity-provider.ts';
import { query, searchText, useApi } from '../../ui/api.ts';
import type { ListState } from '../../ui/list/list-state.ts';

export type Provider = IdentityProvider;

/** Who may write them: whoever may make administrators. */
export const WRITES = 'RoleManagement.ReadWrite.Directory';

/** What people know the identity providers as. */
export const KIND_NAMES: Readonly<Record<ProviderKind, string>> = {
  entra: 'Microsoft Entra ID',
  okta: 'Okta',
  keycloak: 'Keycloak',
  google: 'Google',
  oidc: 'Other (OpenID Connect)',
};
export const KINDS = Object.keys(KIND_NAMES) as ProviderKind[];

/** How an issuer of each looks. */
export const ISSUERS: Readonly<Record<ProviderKind, string>> = {
  entra: 'https://login.microsoftonline.com/<directory (tenant) ID>/v2.0',
  okta: 'https://<your organisation>.okta.com',
  keycloak: 'https://<your server>/realms/<realm>',
  google: 'https://accounts.google.com',
  oidc: 'What its /.well-known/openid-configuration calls issuer',
};

export function providersPath(state: ListState): string {
  return `/v1.0/admin/identityProviders${query({ $search: searchText(state.search), $orderby: state.order, $top: 50, $count: true })}`;
}

export function useProvider(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['identityProviders', id],
    queryFn: ({ signal }) => api.get<Provider>(`/v1.0/admin/identityProviders/${encodeURIComponent(id)}`, signal),
  });
}

export function useSignInSetting() {
  const api = useApi();
  return useQuery({
    queryKey: ['signInSetting'],
    queryFn: ({ signal }) => api.get<SignInSetting>('/v1.0/admin/signIn', signal),
  });
}
