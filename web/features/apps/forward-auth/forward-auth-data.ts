import { useQuery } from '@tanstack/react-query';
import type { ForwardAuth } from '../../../../contract/forward-auth.ts';
import { literal, query, useApi, type Page } from '../../../ui/api.ts';

export const FORWARD_AUTH_PATH = '/v1.0/admin/forwardAuth';

/** The app's forward auth; null where it has none. */
export function useForwardAuth(appId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['forward auth', appId],
    queryFn: async ({ signal }): Promise<ForwardAuth | null> => {
      const path = `${FORWARD_AUTH_PATH}${query({ $filter: `appId eq ${literal(appId)}` })}`;
      return (await api.get<Page<ForwardAuth>>(path, signal)).value[0] ?? null;
    },
  });
}
