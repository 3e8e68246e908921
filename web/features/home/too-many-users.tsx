import { Button, Spinner, Text } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../ui/api.ts';
import { AppLink } from '../../ui/app-link.tsx';
import { formatDateTime } from '../../ui/date-time.tsx';
import { useNotify } from '../../ui/notifications.tsx';
import { usePerson } from '../../ui/person.ts';
import { ErrorState } from '../../ui/states.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';

/** More newcomers than may be created within a short time: perhaps a big day, perhaps somebody invents them. */
export function TooManyUsers({ at }: { at: string }) {
  const api = useApi();
  const client = useQueryClient();
  const notify = useNotify();
  const mayWrite = usePerson().may('AutoClaimPolicy.ReadWrite.All');
  const stop = useMutation({
    mutationFn: () => api.send('PATCH', '/v1.0/admin/autoClaim', { body: { createUsersOnSignIn: false } }),
    onSuccess: async () => {
      notify.success('Users are no longer created on their first sign-in');
      await client.invalidateQueries({ queryKey: ['setting'] });
      await client.invalidateQueries({ queryKey: ['report'] });
    },
  });
  return (
    <li>
      <StatusBadge tone="warning">Too many new users at once</StatusBadge>
      <Text block>
        At {formatDateTime(at)} more people than usual signed in for the first time, and users are created no faster. If
        you don’t expect them, somebody may be inventing users to take your licenses.
      </Text>
      {mayWrite && (
        <Button size="small" disabledFocusable={stop.isPending} onClick={() => stop.mutate()}>
          {stop.isPending ? <Spinner size="tiny" label="Stop creating users" /> : 'Stop creating users'}
        </Button>
      )}
      {stop.error && <ErrorState error={stop.error} />}
      <div>
        <AppLink to="/users">Look at the users</AppLink>
      </div>
    </li>
  );
}
