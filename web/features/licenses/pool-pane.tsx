import { Button, makeStyles, Skeleton, SkeletonItem, Text, tokens } from '@fluentui/react-components';
import { PersonAddRegular, PersonDeleteRegular } from '@fluentui/react-icons';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { BulkProgress, useBulk } from '../../ui/bulk-work.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import type { Column } from '../../ui/list/columns.ts';
import { useListState } from '../../ui/list/list-state.ts';
import { List } from '../../ui/list/list.tsx';
import { useNotify } from '../../ui/notifications.tsx';
import { count, formatNumber } from '../../ui/number.ts';
import { Pane } from '../../ui/pane.tsx';
import { usePerson } from '../../ui/person.ts';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { AssignPane } from './assign-pane.tsx';
import { holdersPath, isByGroup, usePool, type Holder } from './license-data.ts';
import { PoolUseSection } from './pool-use-section.tsx';

const useStyles = makeStyles({
  numbers: { display: 'block', marginBottom: tokens.spacingVerticalL },
});

/** A product's licenses: who holds one, giving it to others, taking it from some. */
export function PoolPane({ skuId, onClose }: { skuId: string; onClose: () => void }) {
  const styles = useStyles();
  const pool = usePool(skuId);
  const mayReadUsers = usePerson().may('User.Read.All');
  const { data, error } = pool;
  return (
    <Pane open title={data?.displayName ?? 'Product'} parameter="product" onClose={onClose}>
      {error && <ErrorState error={error} retry={() => void pool.refetch()} />}
      {!data && !error && (
        <Skeleton aria-label="Loading">
          <SkeletonItem size={48} />
        </Skeleton>
      )}
      {data && (
        <Text className={styles.numbers}>
          {formatNumber(data.consumedUnits)} of{' '}
          {count(data.prepaidUnits.enabled + data.prepaidUnits.warning, 'license')} assigned,{' '}
          {formatNumber(data.availableUnits)} available.
        </Text>
      )}
      {/* Each asks for its own, beside the pool's numbers: one after the other, the pane was half a second later. */}
      {!error && <PoolUseSection skuId={skuId} />}
      {!error && mayReadUsers && (
        <Holders skuId={skuId} name={data?.displayName ?? 'the product'} available={data?.availableUnits ?? 0} />
      )}
      {data && !mayReadUsers && <Text>Your role doesn’t let you see who holds them.</Text>}
    </Pane>
  );
}

function Holders({ skuId, name, available }: { skuId: string; name: string; available: number }) {
  const api = useApi();
  const notify = useNotify();
  const client = useQueryClient();
  const mayAssign = usePerson().may('LicenseAssignment.ReadWrite.All');
  const state = useListState({ prefix: 'users-' });
  const bulk = useBulk();
  const [selected, setSelected] = useState<ReadonlyMap<string, Holder>>(new Map());
  const [open, setOpen] = useState<'assign' | 'unassign'>();
  const byGroup = [...selected.values()].filter((holder) => isByGroup(holder, skuId)).length;
  const unassign = () => {
    const holders = [...selected.values()].map((holder) => ({ id: holder.id, name: holder.displayName }));
    setOpen(undefined);
    void bulk
      .run(holders, ({ id }) =>
        api.send('POST', `/v1.0/users/${id}/assignLicense`, { body: { addLicenses: [], removeLicenses: [skuId] } }),
      )
      .then((done) => {
        if (done > 0) notify.success(`${count(done, 'license')} unassigned`, name);
        setSelected(new Map());
        for (const noun of ['pools', 'users']) void client.invalidateQueries({ queryKey: [noun] });
      });
  };
  const columns: readonly Column<Holder>[] = [
    { id: 'name', label: 'User', cell: (row) => row.displayName, orderBy: 'displayName' },
    { id: 'upn', label: 'User name', cell: (row) => row.userPrincipalName },
    { id: 'how', label: 'Assigned', cell: (row) => (isByGroup(row, skuId) ? 'By a group' : 'To the user') },
  ];
  return (
    <>
      <BulkProgress bulk={bulk} />
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
            </>
          )
        }
        empty={<EmptyState title="Nobody holds this product">{mayAssign && 'Assign it to users above.'}</EmptyState>}
      />
      {open === 'assign' && <AssignPane skuId={skuId} available={available} onClose={() => setOpen(undefined)} />}
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
