import { Text } from '@fluentui/react-components';
import type { Column } from '../../ui/list/columns.ts';
import { useListState } from '../../ui/list/list-state.ts';
import { ListFilter } from '../../ui/list/list-toolbar.tsx';
import { List } from '../../ui/list/list.tsx';
import { formatNumber } from '../../ui/number.ts';
import { usePane } from '../../ui/search-parameter.ts';
import { EmptyState } from '../../ui/states.tsx';
import { StatusBadge, type Tone } from '../../ui/status-badge.tsx';
import { poolsPath, type Pool } from './license-data.ts';
import { PoolPane } from './pool-pane.tsx';

const FILTERS = ['free'] as const;
const FREE = { some: 'Some available', none: 'None available' };
const REFRESH_MS = 15_000;

const COLUMNS: readonly Column<Pool>[] = [
  { id: 'name', label: 'Product', cell: (row) => row.displayName, orderBy: 'displayName', width: '40%' },
  {
    id: 'assigned',
    label: 'Assigned',
    cell: ({ consumedUnits, prepaidUnits: { enabled, warning } }) => (
      <Text>
        {formatNumber(consumedUnits)} of {formatNumber(enabled + warning)}
      </Text>
    ),
    orderBy: 'consumedUnits',
    isNumber: true,
  },
  {
    id: 'available',
    label: 'Available',
    cell: (row) => formatNumber(row.availableUnits),
    orderBy: 'availableUnits',
    isNumber: true,
  },
  { id: 'status', label: 'Status', cell: (row) => <Status {...row} />, width: '190px' },
];

/** Billing > Licenses, tab Licenses: every product with its assigned and available licenses. */
export function LicensesTab() {
  const state = useListState({ filters: FILTERS });
  const pane = usePane('product');
  return (
    <>
      <List<Pool>
        queryKey={['pools', 'licenses']}
        path={poolsPath(state)}
        state={state}
        label="Licenses"
        noun={['product', 'products']}
        columns={COLUMNS}
        rowKey={(row) => row.skuId}
        onOpen={(row) => pane.open(row.skuId)}
        searchLabel="Search products"
        filters={<ListFilter state={state} name="free" label="Licenses" choices={FREE} />}
        refreshEveryMs={REFRESH_MS}
        empty={
          <EmptyState title="There are no licenses yet">
            Products are added under Billing, Your products. Their licenses are then listed here.
          </EmptyState>
        }
      />
      {pane.value && <PoolPane key={pane.value} skuId={pane.value} onClose={pane.close} />}
    </>
  );
}

function Status({ capabilityStatus, consumedUnits, availableUnits, prepaidUnits: { enabled, warning } }: Pool) {
  const [tone, text] = ((): [Tone, string] => {
    if (capabilityStatus === 'Suspended') return ['bad', 'Subscription disabled'];
    if (capabilityStatus === 'Deleted') return ['neutral', 'No subscription'];
    if (consumedUnits > enabled + warning) return ['bad', 'More assigned than bought'];
    if (availableUnits === 0) return ['warning', 'Out of licenses'];
    if (capabilityStatus === 'Warning') return ['warning', 'Subscription expired'];
    return ['good', 'Available'];
  })();
  return <StatusBadge tone={tone}>{text}</StatusBadge>;
}
