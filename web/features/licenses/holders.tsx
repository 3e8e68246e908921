import { Button } from '@fluentui/react-components';
import { ArrowSwapRegular, PersonAddRegular, PersonDeleteRegular } from '@fluentui/react-icons';
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
import { AssignPane } from './assign-pane.tsx';
import { changeLicenses, CHANGE_BATCH } from './license-changes.ts';
import { holdersPath, isByGroup, type Holder } from './license-data.ts';
import { MovePane, type Move } from './move-pane.tsx';

interface Properties {
  readonly skuId: string;
  readonly name: string;
  readonly available: number;
}

/** Who holds a product: giving it to others, taking it from some, moving some or all to another product. */
export function Holders({ skuId, name, available }: Properties) {
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const mayAssign = usePerson().may('LicenseAssignment.ReadWrite.All');
  const state = useListState({ prefix: 'users-' });
  const bulk = useBulk(`Unassign ${name}`, skuId);
  const moving = useBulk(`Move from ${name}`, skuId);
  const [selected, setSelected] = useState<ReadonlyMap<string, Holder>>(new Map());
  const [open, setOpen] = useState<'assign' | 'unassign' | 'move'>();
  const byGroup = [...selected.values()].filter((holder) => isByGroup(holder, skuId)).length;
  const unassign = () => {
    const holders = [...selected.values()].map((holder) => ({ id: holder.id, name: holder.displayName }));
    setOpen(undefined);
    void bulk
      .runInBatches(holders, CHANGE_BATCH, (batch) => changeLicenses(api, batch, { removeLicenses: [skuId] }))
      .then((done) => finish(done, `${count(done, 'license')} unassigned`));
  };
  const move = ({ people, change, target }: Move) => {
    setOpen(undefined);
    void moving
      .runInBatches(people, CHANGE_BATCH, (batch) => changeLicenses(api, batch, change))
      .then((done) => finish(done, `${count(done, 'person', 'people')} moved to ${target}`));
  };
  const finish = (done: number, message: string) => {
    if (done > 0) notify.success(message, name);
    setSelected(new Map());
    for (const noun of ['pools', 'users']) void client.invalidateQueries({ queryKey: [noun] });
  };
  const columns: readonly Column<Holder>[] = [
    { id: 'name', label: 'User', cell: (row) => row.displayName, orderBy: 'displayName' },
    { id: 'upn', label: 'User name', cell: (row) => row.userPrincipalName },
    { id: 'how', label: 'Assigned', cell: (row) => (isByGroup(row, skuId) ? 'By a group' : 'To the user') },
  ];
  return (
    <>
      <BulkProgress bulk={bulk} />
      <BulkProgress bulk={moving} />
      <List<Holder>
        queryKey={['users', 'of product']}
        path={holdersPath(skuId, state)}
        state={state}
        layout="cards"
        label={`Users with ${name}`}
        noun={['user', 'users']}
        columns={columns}
        rowKey={(row) => row.id}
        rowName={(row) => row.displayName}
        selection={mayAssign ? { selected, onChange: setSelected } : undefined}
        searchLabel="Search users"
        actions={
          mayAssign && (
            <>
              <Button icon={<PersonAddRegular />} appearance="primary" onClick={() => setOpen('assign')}>
                Assign licenses
              </Button>
              <Button
                icon={<PersonDeleteRegular />}
                disabledFocusable={selected.size === 0 || bulk.isRunning}
                onClick={() => setOpen('unassign')}
              >
                Unassign licenses{selected.size > 0 ? ` (${formatNumber(selected.size)})` : ''}
              </Button>
              <Button
                icon={<ArrowSwapRegular />}
                disabledFocusable={moving.isRunning}
                onClick={() => !moving.isRunning && setOpen('move')}
              >
                Move to another product
              </Button>
            </>
          )
        }
        empty={<EmptyState title="Nobody holds this product">{mayAssign && 'Assign it to users above.'}</EmptyState>}
      />
      {open === 'assign' && (
        <AssignPane skuId={skuId} to="users" available={available} onClose={() => setOpen(undefined)} />
      )}
      {open === 'move' && (
        <MovePane
          skuId={skuId}
          name={name}
          selected={[...selected.values()]}
          onMove={move}
          onClose={() => setOpen(undefined)}
        />
      )}
      <ConfirmDialog
        open={open === 'unassign'}
        title={`Unassign ${name} from ${count(selected.size, 'user')}?`}
        confirmLabel="Unassign"
        onConfirm={unassign}
        onClose={() => setOpen(undefined)}
      >
        {count(selected.size - byGroup, 'person loses', 'people lose')} the product’s apps and services, and{' '}
        {count(selected.size - byGroup, 'license becomes', 'licenses become')} free.
        {byGroup > 0 &&
          ` ${count(byGroup, 'of them keeps theirs: it comes', 'of them keep theirs: it comes')} from a group.`}
      </ConfirmDialog>
    </>
  );
}
