import { Button, makeStyles, Spinner, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { query, searchText, useApi } from '../../ui/api.ts';
import { BulkProgress } from '../../ui/bulk-progress.tsx';
import { useBulk } from '../../ui/bulk-work.ts';
import { useNotify } from '../../ui/notifications.tsx';
import { count } from '../../ui/number.ts';
import { Pane } from '../../ui/pane.tsx';
import { Picker, type Choice } from '../../ui/picker.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
});

/** Chooses users and groups that become members. */
export function AddMembersPane({ groupId, onClose }: { groupId: string; onClose: () => void }) {
  const styles = useStyles();
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const bulk = useBulk('Add members', groupId);
  const [users, setUsers] = useState<readonly Choice[]>([]);
  const [groups, setGroups] = useState<readonly Choice[]>([]);
  const chosen = [...users, ...groups];
  const canAdd = chosen.length > 0 && !bulk.isRunning;
  const add = async () => {
    if (!canAdd) return;
    const done = await bulk.run(chosen, ({ id }) =>
      api.send('POST', `/v1.0/groups/${groupId}/members/$ref`, {
        body: { '@odata.id': `${location.origin}/v1.0/directoryObjects/${id}` },
      }),
    );
    for (const noun of ['groups', 'users', 'pools']) void client.invalidateQueries({ queryKey: [noun] });
    if (done > 0) notify.success(`${count(done, 'member')} added`);
    if (done === chosen.length) onClose();
  };
  return (
    <Pane
      open
      title="Add members"
      isDirty={chosen.length > 0 && !bulk.isRunning}
      onClose={onClose}
      footer={
        <Button appearance="primary" disabledFocusable={!canAdd} onClick={() => void add()}>
          {bulk.isRunning ? <Spinner size="tiny" label="Add" /> : 'Add'}
        </Button>
      }
    >
      <div className={styles.form}>
        <BulkProgress bulk={bulk} />
        <Picker<{ id: string; displayName: string; userPrincipalName: string }>
          label="Users"
          queryKey={['users']}
          pathOf={(search) =>
            `/v1.0/users${query({ $search: searchText(search), $top: 20 })}&$select=id,displayName,userPrincipalName`
          }
          choiceOf={({ id, displayName, userPrincipalName }) => ({ id, name: displayName, detail: userPrincipalName })}
          chosen={users}
          onChange={setUsers}
        />
        <Picker<{ id: string; displayName: string }>
          label="Groups"
          hint="Their members count as members of this group."
          queryKey={['groups']}
          pathOf={(search) => `/v1.0/groups${query({ $search: searchText(search), $top: 20 })}&$select=id,displayName`}
          choiceOf={({ id, displayName }) => ({ id, name: displayName })}
          chosen={groups}
          onChange={(next) => setGroups(next.filter(({ id }) => id !== groupId))}
        />
      </div>
    </Pane>
  );
}
