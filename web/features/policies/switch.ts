import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../ui/api.ts';

interface Setting {
  readonly isEnabled: boolean;
}

/** Whether auto-claim is on. */
export function useSwitch() {
  const api = useApi();
  return useQuery({
    queryKey: ['setting'],
    queryFn: ({ signal }) => api.get<Setting>('/v1.0/admin/autoClaim', signal),
  });
}

export function useTurnOn() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.send<Setting>('PATCH', '/v1.0/admin/autoClaim', { body: { isEnabled: true } }),
    onSuccess: (setting) => client.setQueryData(['setting'], setting),
  });
}
