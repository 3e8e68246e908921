import { useQuery } from '@tanstack/react-query';
import { literal, query, useApi, type Page } from './api.ts';

/** Names of products by their ids: what a user holds, or a decision looks at, is a few. */
export function useProductNames(skuIds: readonly string[]) {
  const api = useApi();
  const ids = [...new Set(skuIds)].sort();
  return useQuery({
    queryKey: ['products', 'names', ids],
    enabled: ids.length > 0,
    queryFn: async ({ signal }) => {
      const filter = `skuId in (${ids.map(literal).join(',')})`;
      const { value } = await api.get<Page<{ skuId: string; displayName: string }>>(
        `/v1.0/admin/products${query({ $filter: filter, $top: 999 })}&$select=skuId,displayName`,
        signal,
      );
      return new Map(value.map(({ skuId, displayName }) => [skuId, displayName]));
    },
  });
}
