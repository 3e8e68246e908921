import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { literal, query, useApi, type Page } from '../../ui/api.ts';
import type { ListState } from '../../ui/list/list-state.ts';

/** A claim. */
export interface ReportRow {
  readonly claimId: string;
  readonly claimedDateTime: string;
  readonly userPrincipalName: string;
  readonly userDisplayName: string;
  readonly policyDisplayName: string;
  readonly appDisplayName: string;
  readonly productDisplayName: string;
  readonly isBackup: boolean;
}

/** Claims of a day (UTC) from a product. */
export interface DayCount {
  readonly date: string;
  readonly skuId: string;
  readonly productDisplayName: string;
  readonly count: number;
}

export interface Summary {
  readonly from: string;
  readonly to: string;
  readonly claims: readonly DayCount[];
  readonly refusals: readonly { readonly reason: string; readonly count: number }[];
  readonly totalClaims: number;
  readonly totalRefusals: number;
}

/** How often the page reads anew while it is looked at. */
export const REFRESH_MS = 15_000;
/** Filters of the page by their name in the address, which is the API's. */
export const FILTERS = ['policyId', 'appId', 'skuId'] as const;

type Options = Readonly<Record<string, string>>;

/** The $filter of what the list is narrowed to; undefined where it isn't. */
export function filterOf(state: ListState): string | undefined {
  const parts = FILTERS.map((name) => [name, state.filter(name)] as const)
    .filter(([, id]) => id !== undefined)
    .map(([name, id]) => `${name} eq ${literal(id!)}`);
  const text = literal(state.search);
  if (state.search !== '') parts.push(`(startswith(userPrincipalName,${text}) or startswith(userDisplayName,${text}))`);
  return parts.length > 0 ? parts.join(' and ') : undefined;
}

export function reportPath(options: Options, more: Readonly<Record<string, string | number | boolean | undefined>>) {
  return `/v1.0/reports/autoClaim${query({ ...options, ...more })}`;
}

/** Counts by day and product, and refusals by reason, of the same rows as the list's. */
export function useSummary(options: Options | undefined, filter: string | undefined) {
  const api = useApi();
  const path = `/v1.0/reports/autoClaim/summary${query({ ...options, $filter: filter })}`;
  return useQuery({
    queryKey: ['report', 'summary', path],
    enabled: options !== undefined,
    queryFn: ({ signal }) => api.get<Summary>(path, signal),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
}

/** The names that the filters offer: id → name. */
export function useFilterChoices(options: Options | undefined) {
  const api = useApi();
  const { data: all } = useSummary(options, undefined);
  const policies = useQuery({
    queryKey: ['policies', 'names'],
    queryFn: ({ signal }) =>
      api.get<Page<{ id: string; displayName: string }>>('/v1.0/policies/autoClaimPolicies?$top=999', signal),
  });
  const apps = useQuery({
    queryKey: ['apps', 'names'],
    queryFn: ({ signal }) =>
      api.get<Page<{ appId: string; displayName: string }>>(
        '/v1.0/applications?$top=999&$select=appId,displayName',
        signal,
      ),
  });
  return {
    policyId: Object.fromEntries((policies.data?.value ?? []).map(({ id, displayName }) => [id, displayName])),
    appId: Object.fromEntries((apps.data?.value ?? []).map(({ appId, displayName }) => [appId, displayName])),
    skuId: Object.fromEntries((all?.claims ?? []).map(({ skuId, productDisplayName }) => [skuId, productDisplayName])),
  };
}
