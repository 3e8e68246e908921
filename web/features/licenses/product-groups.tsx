import { Button } from '@fluentui/react-components';
import { PeopleAddRegular, PeopleSubtractRegular } from '@fluentui/react-icons';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { AppLink } from '../../ui/app-link.tsx';
import { BulkProgress } from '../../ui/bulk-progress.tsx';
import { useBulk } from '../../ui/bulk-work.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { GroupLicenseBadge, stateOf } from '../../ui/group-license-state.tsx';
import type { Column } from '../../ui/list/columns.ts';
import { useListState } from '../../ui/list/list-state.ts';
import { List } from '../../ui/list/list.tsx';
import { useNotify } from '../../ui/notifications.tsx';
import { count, formatNumber } from '../../ui/number.ts';
import { usePerson } from '../../ui/person.ts';
import { EmptyState } from '../../ui/states.tsx';
import { AssignPane } from './assign-pane.tsx';
import { givingGroupsPath, usePool, type GivingGroup } from './license-data.ts';

const COLUMNS: readonly Column<GivingGroup>[] = [
  {
    id: 'name',
    label: 'Group',
    cell: (row) => <AppLink to={`/groups?group=${row.id}&tab=licenses`}>{row.displayName}</AppLink>,
    orderBy: 'displayName',
  },
  { id: 'state', label: 'State', cell: (row) => <GroupLicenseBadge state={stateOf(row)} /> },
];

/** The groups that give a product to their members. */
export function ProductGroups({ skuId, name }: { skuId: string; name: string }) {
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const person = usePerson();
  const mayAssign = person.may('LicenseAssignment.ReadWrite.All') || person.may('Group.ReadWrite.All');
  const pool = usePool(skuId);
  const state = useListState({ prefix: 'groups-' });
  const bulk = useBulk(`Remove ${name} from groups`, skuId);
  const [selected, setSelected] = useState<ReadonlyMap<string, GivingGroup>>(new Map());
  const [open, setOpen] = useState<'assign' | 'unassign'>();
  const unassign = () => {
    const groups = [...selected.values()].map((group) => ({ id: group.id, name: group.displayName }));
    setOpen(undefined);
    void bulk
      .run(groups, ({ id }) =>
        api.send('POST', `/v1.0/groups/${id}/assignLicense`, { body: { addLicenses: [], removeLicenses: [skuId] } }),
      )
      .then((done) => {
        if (done > 0) notify.success(`Removed from ${count(done, 'group')}`, name);
        setSelected(new Map());
        for (const noun of ['pools', 'users', 'groups']) void client.invalidateQueries({ queryKey: [noun] });
      });
  };
  return (
    <>
      <BulkProgress bulk={bulk} />
      <List<GivingGroup>
        queryKey={['groups', 'of product']}
        path={givingGroupsPath(skuId, state)}
        state={state}
        layout="cards"
        label={`Groups with ${name}`}
        noun={['group', 'groups']}
        columns={COLUMNS}
        rowKey={(row) => row.id}
        rowName={(row) => row.displayName}
        selection={mayAssign ? { selected, onChange: setSelected } : undefined}
        searchLabel="Search groups"
        actions={
          mayAssign && (
            <>
              <Button icon={<PeopleAddRegular />} appearance="primary" onClick={() => setOpen('assign')}>
                Assign to groups
              </Button>
              <Button
                icon={<PeopleSubtractRegular />}
                disabledFocusable={selected.size === 0 || bulk.isRunning}
                onClick={() => selected.size > 0 && setOpen('unassign')}
              >
                Remove from groups{selected.size > 0 ? ` (${formatNumber(selected.size)})` : ''}
              </Button>
            </>
          )
        }
        empty={
          <EmptyState title="No group gives this product">
            {mayAssign && 'Assign it to groups above: all their members are given it.'}
          </EmptyState>
        }
      />
      {open === 'assign' && (
        <AssignPane
          skuId={skuId}
          to="groups"
          available={pool.data?.availableUnits ?? 0}
          onClose={() => setOpen(undefined)}
        />
      )}
      <ConfirmDialog
        open={open === 'unassign'}
        title={`Remove ${name} from ${count(selected.size, 'group')}?`}
        confirmLabel="Remove"
        onConfirm={unassign}
        onClose={() => setOpen(undefined)}
      >
        Members of {count(selected.size, 'group')} who have it in no other way lose it, and their licenses become free.
      </ConfirmDialog>
    </>
  );
}
