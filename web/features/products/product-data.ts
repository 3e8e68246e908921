import { useQuery } from '@tanstack/react-query';
import { literal, query, searchText, useApi, type Page } from '../../ui/api.ts';
import { formatDateTime } from '../../ui/date-time.tsx';
import type { ListState } from '../../ui/list/list-state.ts';
import { usePerson } from '../../ui/person.ts';
import type { Tone } from '../../ui/status-badge.tsx';

export type Status = 'Enabled' | 'Warning' | 'Suspended' | 'Deleted';

/** A product that the organisation has, with its seats. */
export interface OwnedProduct {
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly displayName: string;
  readonly capabilityStatus: Status;
  readonly consumedUnits: number;
  readonly availableUnits: number;
  readonly prepaidUnits: { readonly enabled: number; readonly warning: number; readonly suspended: number };
}

/** A purchase of a product. */
export interface Subscription {
  readonly id: string;
  readonly skuId: string;
  readonly status: Status;
  readonly totalLicenses: number;
  readonly isTrial: boolean;
  readonly createdDateTime: string;
  /** When the status changes next; null: never. */
  readonly nextLifecycleDateTime: string | null;
}

export const STATUSES: Readonly<Record<Status, string>> = {
  Enabled: 'Active',
  Warning: 'Expired',
  Suspended: 'Disabled',
  Deleted: 'Deleted',
};
export const TONES: Readonly<Record<Status, Tone>> = {
  Enabled: 'good',
  Warning: 'warning',
  Suspended: 'bad',
  Deleted: 'neutral',
};

const SELECT = '$select=skuId,skuPartNumber,displayName,capabilityStatus,consumedUnits,availableUnits,prepaidUnits';

export function productsPath(state: ListState): string {
  const status = state.filter('status');
  const options = query({
    $search: searchText(state.search),
    $filter: status && `capabilityStatus eq ${literal(status)}`,
    $orderby: state.order ?? 'displayName',
    $top: 50,
    $count: true,
  });
  return `/v1.0/subscribedSkus${options}&${SELECT}`;
}

export function useOwnedProduct(skuId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['pools', skuId],
    queryFn: ({ signal }) =>
      api.get<OwnedProduct>(`/v1.0/subscribedSkus/${encodeURIComponent(skuId)}?${SELECT}`, signal),
  });
}

export function useSubscriptions(skuId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['pools', skuId, 'subscriptions'],
    queryFn: async ({ signal }) => {
      const options = query({ $filter: `skuId eq ${literal(skuId)}`, $top: 999 });
      return (await api.get<Page<Subscription>>(`/v1.0/directory/subscriptions${options}`, signal)).value;
    },
  });
}

/** Whether this person may buy and cut. */
export function useMayBuy(): boolean {
  const person = usePerson();
  return person.may('Organization.ReadWrite.All') || person.may('Subscription.ReadWrite.All');
}

/** What comes next, and when: "Ends on Jan 1, 2027". */
export function nextChange({ status, nextLifecycleDateTime: next }: Subscription): string {
  if (next === null) return status === 'Deleted' ? 'Ended' : 'Has no end';
  const date = formatDateTime(next, 'date');
  if (status === 'Enabled') return `Ends on ${date}`;
  return status === 'Warning' ? `Disabled on ${date}` : `Deleted on ${date}`;
}

/** How many licenses end when a subscription is gone: those that the others don't cover. */
export function endingLicenses(product: OwnedProduct, gone: Subscription): number {
  const { enabled, warning, suspended } = product.prepaidUnits;
  return Math.max(product.consumedUnits - (enabled + warning + suspended - gone.totalLicenses), 0);
}

/** The end of a day in the person's zone, as the API has moments. */
export function endOfDay(day: string): string {
  return new Date(`${day}T23:59:59`).toISOString();
}

/** The day of a moment in the person's zone, as date boxes have it. */
export function dayOf(moment: string | null): string {
  if (moment === null) return '';
  const date = new Date(moment);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
