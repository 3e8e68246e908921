import { useQuery } from '@tanstack/react-query';
import type { LicenseChange, LicenseChangePreview, LicenseChangeResults } from '../../../contract/license-change.ts';
import { PEOPLE_MAX } from '../../../contract/limits.ts';
import { query, useApi, type Api, type Page } from '../../ui/api.ts';

/** What is assigned and unassigned. */
export type Change = Omit<LicenseChange, 'userIds'>;

export interface Named {
  readonly id: string;
  readonly name: string;
}

const PATH = '/v1.0/admin/licenseChanges';
/** As many as are done before one sees how far it is. */
export const CHANGE_BATCH = 20;
const PAGE = 999;

/** Changes the licenses of some people. @returns for whom it didn't work, and why */
export async function changeLicenses(
  api: Api,
  people: readonly Named[],
  change: Change,
): Promise<{ id: string; message: string }[]> {
  const body = { userIds: people.map(({ id }) => id), ...change };
  const { value } = await api.send<LicenseChangeResults>('POST', PATH, { body });
  return value
    .filter(({ status }) => status !== 'done')
    .map(({ userId, message }) => ({ id: userId, message: message ?? '' }));
}

export type Preview = Pick<LicenseChangePreview, 'changed' | 'unchanged' | 'refused' | 'pools'>;

/** What a change would come to, for any number of people. */
export function useChangePreview(people: readonly Named[], change: Change | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: ['license change', change, people.map(({ id }) => id)],
    enabled: change !== undefined && people.length > 0,
    // Seats come and go.
    staleTime: 0,
    queryFn: async ({ signal }): Promise<Preview> => {
      let sum: Preview = { changed: 0, unchanged: 0, refused: [], pools: [] };
      for (let from = 0; from < people.length; from += PEOPLE_MAX) {
        signal.throwIfAborted();
        const userIds = people.slice(from, from + PEOPLE_MAX).map(({ id }) => id);
        sum = plus(sum, await api.send<Preview>('POST', `${PATH}/preview`, { body: { userIds, ...change } }));
      }
      return sum;
    },
  });
}

/** How many licenses of what is assigned are too few: so many people can't be changed. */
export function missingSeats({ pools }: Preview): number {
  return pools.reduce((sum, pool) => sum + Math.max(0, pool.seatsNeeded - pool.availableUnits), 0);
}

function plus(one: Preview, other: Preview): Preview {
  return {
    changed: one.changed + other.changed,
    unchanged: one.unchanged + other.unchanged,
    refused: [...one.refused, ...other.refused],
    pools: other.pools.map((pool) => {
      const before = one.pools.find(({ skuId }) => skuId === pool.skuId);
      return {
        ...pool,
        seatsNeeded: pool.seatsNeeded + (before?.seatsNeeded ?? 0),
        seatsFreed: pool.seatsFreed + (before?.seatsFreed ?? 0),
      };
    }),
  };
}

/** Everybody who holds a product. */
export function useEveryHolder(skuId: string, isWanted: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: ['users', 'every holder', skuId],
    enabled: isWanted,
    queryFn: async ({ signal }): Promise<Named[]> => {
      const people: Named[] = [];
      const options = query({ $filter: `assignedLicenses/any(x:x/skuId eq ${skuId})`, $top: PAGE });
      let next: string | undefined = `/v1.0/users${options}&$select=id,displayName`;
      while (next !== undefined) {
        const page: Page<{ id: string; displayName: string }> = await api.get(next, signal);
        people.push(...page.value.map(({ id, displayName }) => ({ id, name: displayName })));
        next = page['@odata.nextLink'];
      }
      return people;
    },
  });
}
