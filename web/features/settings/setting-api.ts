import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../ui/api.ts';

/** The auto-claim setting, as GET /admin/autoClaim gives it. */
export interface AutoClaimSetting {
  readonly isEnabled: boolean;
  readonly createUsersOnSignIn: boolean;
  readonly allowedDomains: readonly string[];
  readonly defaultUsageLocation: string | null;
}

export function useSetting() {
  const api = useApi();
  return useQuery({
    queryKey: ['setting'],
    queryFn: ({ signal }) => api.get<AutoClaimSetting>('/v1.0/admin/autoClaim', signal),
  });
}

export function useWriteSetting() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (patch: Partial<AutoClaimSetting>) =>
      api.send<AutoClaimSetting>('PATCH', '/v1.0/admin/autoClaim', { body: patch }),
    onSuccess: (setting) => client.setQueryData(['setting'], setting),
  });
}
