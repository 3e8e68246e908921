import { useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../ui/api.ts';
import { useBulk } from '../../ui/bulk-work.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { useNotify } from '../../ui/notifications.tsx';
import { count } from '../../ui/number.ts';
import { readAgainWithout } from '../../ui/read-again.ts';

export type UserWork = 'block' | 'delete';

/** Whom the work is for. */
interface Subject {
  readonly id: string;
  readonly displayName: string;
  readonly assignedLicenses: readonly unknown[];
}

/** Blocks or deletes users, one or many. */
export function useUserWork(onDone: () => void) {
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const bulk = useBulk('Block or delete users', 'users');
  const run = async (work: UserWork, users: readonly Subject[]) => {
    const items = users.map(({ id, displayName }) => ({ id, name: displayName }));
    const done = await bulk.run(items, ({ id }) =>
      work === 'delete'
        ? api.send('DELETE', `/v1.0/users/${id}`)
        : api.send('PATCH', `/v1.0/users/${id}`, { body: { accountEnabled: false } }),
    );
    const gone = work === 'delete' ? users.map(({ id }) => id) : [];
    readAgainWithout(client, ['users', 'pools'], gone);
    if (done > 0) notify.success(`${count(done, 'user')} ${work === 'delete' ? 'deleted' : 'blocked'}`);
    onDone();
  };
  return { bulk, run };
}

interface Properties {
  readonly work: UserWork | undefined;
  readonly users: readonly Subject[];
  readonly onConfirm: () => unknown;
  readonly onClose: () => void;
}

/** Asks first, and says the effect. */
export function UserWorkDialog({ work, users, onConfirm, onClose }: Properties) {
  const licenses = users.reduce((sum, user) => sum + user.assignedLicenses.length, 0);
  const who = users.length === 1 ? users[0]!.displayName : count(users.length, 'user');
  if (work === 'delete') {
    return (
      <ConfirmDialog open title={`Delete ${who}?`} confirmLabel="Delete" onConfirm={onConfirm} onClose={onClose}>
        {count(users.length, 'user is', 'users are')} deleted, leave their groups, and{' '}
        {count(licenses, 'license becomes', 'licenses become')} free. This can’t be undone.
      </ConfirmDialog>
    );
  }
  return (
    <ConfirmDialog
      open={work === 'block'}
      title={`Block sign-in of ${who}?`}
      confirmLabel="Block sign-in"
      onConfirm={onConfirm}
      onClose={onClose}
    >
      {count(users.length, 'user')} can’t sign in any more, and their sessions end. They keep{' '}
      {count(licenses, 'license')}; delete them to free these.
    </ConfirmDialog>
  );
}
