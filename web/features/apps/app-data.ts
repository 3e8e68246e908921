import { useQuery } from '@tanstack/react-query';
import type { Application } from '../../../contract/application.ts';
import { literal, query, searchText, useApi, type Page } from '../../ui/api.ts';
import type { ListState } from '../../ui/list/list-state.ts';

export type App = Application;

/** How people sign in to an app by OpenID Connect: what kind of client it is. */
export type Kind = 'web' | 'spa' | 'publicClient' | 'none';

export const KINDS: Readonly<Record<Kind, { readonly label: string; readonly hint: string }>> = {
  web: { label: 'Web app', hint: 'It runs on a server, and keeps a secret.' },
  spa: { label: 'Single-page app', hint: 'It runs in the browser, and can keep no secret: PKCE.' },
  publicClient: { label: 'Program on a device', hint: 'It is installed, and can keep no secret: PKCE.' },
  none: {
    label: 'Not by OpenID Connect',
    hint: 'A reverse proxy or a hook tells of sign-ins, or the app itself by the API.',
  },
};

export function kindOf(app: App): Kind {
  return (['web', 'spa', 'publicClient'] as const).find((kind) => app[kind].redirectUris.length > 0) ?? 'none';
}

export function redirectUrisOf(app: App): readonly string[] {
  const kind = kindOf(app);
  return kind === 'none' ? [] : app[kind].redirectUris;
}

export function appsPath(state: ListState): string {
  return `/v1.0/applications${query({ $search: searchText(state.search), $orderby: state.order, $top: 50, $count: true })}`;
}

export function useApp(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['apps', id],
    queryFn: ({ signal }) => api.get<App>(`/v1.0/applications/${encodeURIComponent(id)}`, signal),
  });
}

/** The issuer of this organisation's tokens: all that an app's library needs to be told, beside its client id. */
export function useIssuer() {
  const api = useApi();
  return useQuery({
    queryKey: ['organization', 'issuer'],
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const { value } = await api.get<Page<{ id: string }>>('/v1.0/organization', signal);
      return `${location.origin}/${value[0]!.id}/v2.0`;
    },
  });
}

export interface Plan {
  readonly servicePlanId: string;
  readonly servicePlanName: string;
  readonly friendlyName: string | null;
}

/** The catalogue's names of some service plans. */
export function usePlanNames(ids: readonly string[]) {
  const api = useApi();
  return useQuery({
    queryKey: ['products', 'plan names', ids],
    enabled: ids.length > 0,
    queryFn: async ({ signal }) => {
      const filter = ids.map((id) => `servicePlans/any(x:x/servicePlanId eq ${literal(id)})`).join(' or ');
      const { value } = await api.get<Page<{ servicePlans: Plan[] }>>(
        `/v1.0/admin/products${query({ $filter: filter, $top: 999 })}&$select=servicePlans`,
        signal,
      );
      const plans = value.flatMap(({ servicePlans }) => servicePlans);
      return new Map(plans.map((plan) => [plan.servicePlanId, planName(plan)]));
    },
  });
}

export function planName({ friendlyName, servicePlanName }: Plan): string {
  return friendlyName && friendlyName !== servicePlanName ? `${friendlyName} (${servicePlanName})` : servicePlanName;
}
