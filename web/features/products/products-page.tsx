import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { AddRegular } from '@fluentui/react-icons';
import type { Column } from '../../ui/list/columns.ts';
import { useListState } from '../../ui/list/list-state.ts';
import { ListFilter } from '../../ui/list/list-toolbar.tsx';
import { List } from '../../ui/list/list.tsx';
import { formatNumber } from '../../ui/number.ts';
import { PageTitle } from '../../ui/page-title.tsx';
import { usePane } from '../../ui/search-parameter.ts';
import { EmptyState } from '../../ui/states.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { AddProductPane } from './add-product-pane.tsx';
import { productsPath, STATUSES, TONES, useMayBuy, type OwnedProduct } from './product-data.ts';
import { ProductPane } from './product-pane.tsx';

const FILTERS = ['status'] as const;
const REFRESH_MS = 30_000;

const COLUMNS: readonly Column<OwnedProduct>[] = [
  { id: 'name', label: 'Product name', cell: (row) => row.displayName, orderBy: 'displayName', width: '34%' },
  { id: 'part', label: 'Part number', cell: (row) => <Grey>{row.skuPartNumber}</Grey>, orderBy: 'skuPartNumber' },
  {
    id: 'bought',
    label: 'Licenses bought',
    cell: ({ prepaidUnits: { enabled, warning, suspended } }) => formatNumber(enabled + warning + suspended),
    isNumber: true,
  },
  {
    id: 'assigned',
    label: 'Assigned',
    cell: (row) => formatNumber(row.consumedUnits),
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
  {
    id: 'status',
    label: 'Status',
    cell: ({ capabilityStatus: status }) => <StatusBadge tone={TONES[status]}>{STATUSES[status]}</StatusBadge>,
    width: '120px',
  },
];

const useStyles = makeStyles({ grey: { color: tokens.colorNeutralForeground3, overflowWrap: 'anywhere' } });

/** Billing > Your products: what was bought, and buying more or less of it. */
export function ProductsPage() {
  const state = useListState({ filters: FILTERS });
  const pane = usePane('product');
  const adding = usePane('add');
  const mayBuy = useMayBuy();
  const addButton = mayBuy && (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => adding.open('product')}>
      Add a product
    </Button>
  );
  return (
    <>
      <PageTitle title="Your products" />
      <List<OwnedProduct>
        queryKey={['pools', 'products']}
        path={productsPath(state)}
        state={state}
        label="Your products"
        noun={['product', 'products']}
        columns={COLUMNS}
        rowKey={(row) => row.skuId}
        onOpen={(row) => pane.open(row.skuId)}
        searchLabel="Search products"
        filters={<ListFilter state={state} name="status" label="Status" choices={STATUSES} />}
        actions={addButton}
        refreshEveryMs={REFRESH_MS}
        empty={
          <EmptyState title="You have no products yet" action={addButton}>
            Products that you add here have licenses which people can be given, by hand or by auto-claim.
          </EmptyState>
        }
      />
      {pane.value && <ProductPane key={pane.value} skuId={pane.value} onClose={pane.close} />}
      {adding.value && mayBuy && <AddProductPane onClose={adding.close} />}
    </>
  );
}

function Grey({ children }: { children: string }) {
  const styles = useStyles();
  return <Text className={styles.grey}>{children}</Text>;
}
