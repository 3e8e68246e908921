import { Button } from '@fluentui/react-components';
import { PersonAddRegular, PersonDeleteRegular } from '@fluentui/react-icons';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { BulkProgress } from '../../ui/bulk-progress.tsx';
import { useBulk } from '../../ui/bulk-work.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import type { Column } from '../../ui/list/columns.ts';
import { useListState } from '../../ui/list/list-state.ts';
import { List } from '../../ui/list/list.tsx';
import { useNotify } from '../../ui/notifications.tsx';
import { count, formatNumber } from '../../ui/number.ts';
import { usePerson } from '../../ui/person.ts';
import { EmptyState } from '../../ui/states.tsx';
import { AddMembersPane } from './add-members-pane.tsx';
import { membersPath, type Member } from './group-data.ts';

const COLUMNS: readonly Column<Member>[] = [
  { id: 'name', label: 'Name', cell: (row) => row.displayName },
  {
    id: 'what',
    label: 'Member',
    cell: (row) => (row['@odata.type'].endsWith('group') ? 'Group' : (row.userPrincipalName ?? 'User')),
  },
];

/** A group's own members: users, and groups whose members count too. */
export function Members({ groupId }: { groupId: string }) {
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const mayWrite = usePerson().may('Group.ReadWrite.All');
  const state = useListState({ prefix: 'members-' });
  const bulk = useBulk('Remove members', groupId);
  const [selected, setSelected] = useState<ReadonlyMap<string, Member>>(new Map());
  const [open, setOpen] = useState<'add' | 'remove'>();
  const remove = () => {
    setOpen(undefined);
    const items = [...selected.values()].map(({ id, displayName }) => ({ id, name: displayName }));
    void bulk
      .run(items, ({ id }) => api.send('DELETE', `/v1.0/groups/${groupId}/members/${id}/$ref`))
      .then((done) => {
        if (done > 0) notify.success(`${count(done, 'member')} removed`);
        setSelected(new Map());
        for (const noun of ['groups', 'users', 'pools']) void client.invalidateQueries({ queryKey: [noun] });
      });
  };
  return (
    <>
      <BulkProgress bulk={bulk} />
      <List<Member>
        queryKey={['groups', groupId, 'members']}
        path={membersPath(groupId, state)}
        state={state}
        layout="cards"
        label="Members"
        noun={['member', 'members']}
        columns={COLUMNS}
        rowKey={(row) => row.id}
        rowName={(row) => row.displayName}
        selection={mayWrite ? { selected, onChange: setSelected } : undefined}
        searchLabel="Search members"
        actions={
          mayWrite && (
            <>
              <Button appearance="primary" icon={<PersonAddRegular />} onClick={() => setOpen('add')}>
                Add members
              </Button>
              <Button
                icon={<PersonDeleteRegular />}
                disabledFocusable={selected.size === 0 || bulk.isRunning}
                onClick={() => setOpen('remove')}
              >
                Remove members{selected.size > 0 ? ` (${formatNumber(selected.size)})` : ''}
              </Button>
            </>
          )
        }
        empty={<EmptyState title="Nobody is in this group">{mayWrite && 'Add members above.'}</EmptyState>}
      />
      {open === 'add' && <AddMembersPane groupId={groupId} onClose={() => setOpen(undefined)} />}
      <ConfirmDialog
        open={open === 'remove'}
        title={`Remove ${count(selected.size, 'member')} from the group?`}
        confirmLabel="Remove"
        onConfirm={remove}
        onClose={() => setOpen(undefined)}
      >
        {count(selected.size, 'member leaves', 'members leave')} the group. Licenses that it gives them end; what they
        have claimed, they keep.
      </ConfirmDialog>
    </>
  );
}
