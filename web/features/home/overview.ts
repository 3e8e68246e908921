import { useQuery } from '@tanstack/react-query';
import type { Static } from 'typebox';
import type { Overview as OverviewSchema } from '../../../contract/overview.ts';
import { query, useApi } from '../../ui/api.ts';

export type Overview = Static<typeof OverviewSchema>;

/** A tab that isn't looked at doesn't ask. */
const REFRESH_MS = 30_000;

/** How the organisation stands: one request for the whole page, repeated while it is looked at. */
export function useOverview() {
  const api = useApi();
  return useQuery({
    queryKey: ['report', 'overview'],
    queryFn: ({ signal }) => api.get<Overview>(`/v1.0/admin/overview${query({ from: startOfToday() })}`, signal),
    refetchInterval: REFRESH_MS,
  });
}

/** Today begins at the person's midnight. */
function startOfToday(): string {
  const midnight = new Date();
  midnight.setHours(0, 0, 0, 0);
  return midnight.toISOString();
}
