import { useQuery } from '@tanstack/react-query';
import type { Door } from '../../../contract/sign-in.ts';
import { literal, query, useApi, type Page } from '../../ui/api.ts';
import type { ListState } from '../../ui/list/list-state.ts';

/** A decided sign-in, as the log has it. */
export interface LoggedSignIn {
  readonly id: string;
  readonly createdDateTime: string;
  /** Empty where nobody is known by the name. */
  readonly userId: string;
  readonly userPrincipalName: string | null;
  readonly userDisplayName: string | null;
  readonly appId: string;
  readonly appDisplayName: string | null;
  readonly door: Door;
  readonly outcome: 'licensed' | 'claimed' | 'refused';
  readonly reason: string | null;
  readonly skuId: string | null;
  readonly policyId: string | null;
  readonly claimId: string | null;
  readonly correlationId: string | null;
  readonly status: { readonly failureReason: string | null };
}

/** Where sign-ins come in, as it is called on screen. */
export const DOORS: Readonly<Record<Door, string>> = {
  api: 'API',
  adminCenter: 'Tried in the admin center',
  openIdConnect: 'OpenID Connect',
  entra: 'Entra ID hook',
  okta: 'Okta hook',
  auth0: 'Auth0 hook',
  keycloak: 'Keycloak hook',
  forwardAuth: 'Reverse proxy',
};

export const OUTCOMES = { claimed: 'Claimed', licensed: 'Licensed already', refused: 'Refused' } as const;

/** Filters by their name in the address, which is the API's. */
export const FILTERS = ['outcome', 'reason', 'appId', 'door', 'userId'] as const;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The sign-ins of a period that the list is narrowed to; a reference number finds its sign-in whenever it was. */
export function signInsPath(state: ListState, { from, to }: { from: string; to?: string }, top: number): string {
  const text = state.search.trim();
  const conditions = FILTERS.flatMap((name) => {
    const value = state.filter(name);
    if (value === undefined || (name.endsWith('Id') && !GUID.test(value))) return [];
    return `${name} eq ${literal(value)}`;
  });
  if (GUID.test(text)) conditions.push(`id eq ${literal(text)}`);
  else {
    conditions.push(`createdDateTime ge ${from}`);
    if (to !== undefined) conditions.push(`createdDateTime lt ${to}`);
    if (text !== '')
      conditions.push(
        `(startswith(userPrincipalName,${literal(text)}) or startswith(userDisplayName,${literal(text)}))`,
      );
  }
  return `/v1.0/auditLogs/signIns${query({
    $filter: conditions.join(' and '),
    $orderby: state.order,
    $top: top,
    $count: true,
  })}`;
}

/** People who were refused for one and the same reason and still have no license. */
export interface Unresolved {
  readonly reason: string;
  readonly appId: string;
  readonly appDisplayName: string | null;
  readonly skuId: string | null;
  readonly productDisplayName: string | null;
  readonly people: number;
}

export function useUnresolved(options: Readonly<Record<string, string>> | undefined) {
  const api = useApi();
  const path = `/v1.0/reports/autoClaim/unresolvedRefusals${query({ ...options })}`;
  return useQuery({
    queryKey: ['report', 'unresolved', path],
    enabled: options !== undefined,
    queryFn: async ({ signal }) => (await api.get<Page<Unresolved>>(path, signal)).value,
    refetchInterval: 30_000,
  });
}

/** The names of the apps that there are: appId → name. */
export function useAppNames() {
  const api = useApi();
  return useQuery({
    queryKey: ['apps', 'names'],
    queryFn: ({ signal }) =>
      api.get<Page<{ appId: string; displayName: string }>>(
        '/v1.0/applications?$top=999&$select=appId,displayName',
        signal,
      ),
    select: ({ value }) => Object.fromEntries(value.map(({ appId, displayName }) => [appId, displayName])),
  });
}
