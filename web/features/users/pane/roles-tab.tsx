import { Button, makeStyles, Skeleton, SkeletonItem, Spinner, Text, tokens } from '@fluentui/react-components';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi, type Page } from '../../../ui/api.ts';
import { CheckList } from '../../../ui/check-list.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { useNotify } from '../../../ui/notifications.tsx';
import { count } from '../../../ui/number.ts';
import { usePerson } from '../../../ui/person.ts';
import { ErrorState } from '../../../ui/states.tsx';
import type { User } from '../user-data.ts';

interface Role {
  readonly id: string;
  readonly displayName: string;
  readonly description: string;
}

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, alignItems: 'flex-start' },
});

/** Which roles a user holds. */
export function RolesTab({ user }: { user: User }) {
  const styles = useStyles();
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const mayWrite = usePerson().may('RoleManagement.ReadWrite.Directory');
  const [wanted, setWanted] = useState<ReadonlySet<string>>();
  const [isAsking, setAsking] = useState(false);
  const roles = useQuery({
    queryKey: ['roles'],
    queryFn: async ({ signal }) => (await api.get<Page<Role>>('/v1.0/directoryRoles', signal)).value,
  });
  const heldKey = ['users', user.id, 'roles'];
  const held = useQuery({
    queryKey: heldKey,
    queryFn: async ({ signal }) =>
      (await api.get<Page<Role>>(`/v1.0/users/${user.id}/memberOf/microsoft.graph.directoryRole`, signal)).value,
  });
  const error = roles.error ?? held.error;
  if (error) return <ErrorState error={error} retry={() => void Promise.all([roles.refetch(), held.refetch()])} />;
  if (!roles.data || !held.data) {
    return (
      <Skeleton aria-label="Loading">
        <SkeletonItem size={96} />
      </Skeleton>
    );
  }
  const now = new Set(held.data.map(({ id }) => id));
  const checked = wanted ?? now;
  const given = [...checked].filter((id) => !now.has(id));
  const taken = [...now].filter((id) => !checked.has(id));
  const save = async () => {
    for (const id of given) {
      const body = { '@odata.id': `${location.origin}/v1.0/directoryObjects/${user.id}` };
      await api.send('POST', `/v1.0/directoryRoles/${id}/members/$ref`, { body });
    }
    for (const id of taken) await api.send('DELETE', `/v1.0/directoryRoles/${id}/members/${user.id}/$ref`);
    await client.invalidateQueries({ queryKey: heldKey });
    setWanted(undefined);
    setAsking(false);
    notify.success('Roles changed', user.displayName);
  };
  const isChanged = given.length + taken.length > 0;
  return (
    <div className={styles.body}>
      <CheckList
        label="Roles"
        isReadOnly={!mayWrite}
        items={roles.data.map(({ id, displayName, description }) => ({ id, label: displayName, description }))}
        checked={checked}
        onChange={setWanted}
      />
      {mayWrite ? (
        <Button
          appearance="primary"
          disabledFocusable={!isChanged || isAsking}
          onClick={() => isChanged && setAsking(true)}
        >
          {isAsking ? <Spinner size="tiny" label="Save" /> : 'Save'}
        </Button>
      ) : (
        <Text>Only a Global admin can change roles.</Text>
      )}
      <ConfirmDialog
        open={isAsking}
        title={`Change the roles of ${user.displayName}?`}
        confirmLabel="Change roles"
        onConfirm={save}
        onClose={() => setAsking(false)}
      >
        {given.length > 0 && `${count(given.length, 'role is', 'roles are')} given. `}
        {taken.length > 0 && `${count(taken.length, 'role is', 'roles are')} taken, and their sessions end.`}
      </ConfirmDialog>
    </div>
  );
}
