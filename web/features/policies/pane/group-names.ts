import { useQuery } from '@tanstack/react-query';
import { useApi, type Page } from '../../../ui/api.ts';

/** Names of groups by id; a deleted one has none. undefined while they are read. */
export function useGroupNames(groupIds: readonly string[]): ReadonlyMap<string, string> | undefined {
  const api = useApi();
  const ids = [...new Set(groupIds)].sort();
  const { data } = useQuery({
    queryKey: ['groups', 'named', ids],
    queryFn: async ({ signal }) => {
      if (ids.length === 0) return new Map<string, string>();
      const filter = encodeURIComponent(`id in (${ids.map((id) => `'${id}'`).join(',')})`);
      const path = `/v1.0/groups?$top=999&$select=id,displayName&$filter=${filter}`;
      const { value } = await api.get<Page<{ id: string; displayName: string }>>(path, signal);
      return new Map(value.map(({ id, displayName }) => [id, displayName]));
    },
  });
  return data;
}
