import { useState } from 'react';
import {
  Link,
  makeStyles,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  tokens,
} from '@fluentui/react-components';
import { formatNumber } from '../../ui/number.ts';
import { EmptyState } from '../../ui/states.tsx';
import { StatusBadge, type Tone } from '../../ui/status-badge.tsx';
import { useIsNarrow } from '../../ui/use-is-narrow.ts';
import { RowCards } from '../../ui/list/row-cards.tsx';
import type { Column } from '../../ui/list/columns.ts';
import {
  availableFor,
  statusOf,
  useApps,
  useAvailable,
  useProducts,
  type Policy,
  type PolicyStatus,
} from './policy-data.ts';

interface Properties {
  readonly policies: readonly Policy[];
  readonly search: string;
  readonly onOpen: (policyId: string) => void;
}

/** A policy as the list shows it. */
interface Row {
  readonly id: string;
  readonly name: string;
  readonly app: string;
  readonly product: string;
  readonly available: number | undefined;
  readonly status: PolicyStatus | undefined;
}

const TONES: Record<PolicyStatus, Tone> = { On: 'good', Off: 'neutral', 'Out of licenses': 'bad' };
const COLUMNS = [
  { id: 'name', label: 'Name' },
  { id: 'app', label: 'App' },
  { id: 'product', label: 'Product' },
  { id: 'available', label: 'Available licenses' },
  { id: 'status', label: 'Status' },
] as const;
type ColumnId = (typeof COLUMNS)[number]['id'];

const useStyles = makeStyles({
  cell: { overflowWrap: 'anywhere', paddingBlock: tokens.spacingVerticalXS },
  link: { textAlign: 'left', lineHeight: tokens.lineHeightBase300 },
  // Fluent's own is so light in the dark theme that a link on it can't be read well (4.5 : 1, WCAG 1.4.3).
  row: {
    cursor: 'pointer',
    ':hover': { backgroundColor: tokens.colorNeutralBackground2 },
    ':active': { backgroundColor: tokens.colorNeutralBackground2 },
  },
});

/** The policies of a tenant are tens, so they are searched and sorted here. */
export function PolicyTable({ policies, search, onOpen }: Properties) {
  const styles = useStyles();
  const isNarrow = useIsNarrow();
  const [sort, setSort] = useState<{ by: ColumnId; isDescending: boolean }>({ by: 'name', isDescending: false });
  const rows = useRows(policies)
    .filter((row) => `${row.name} ${row.app} ${row.product}`.toLowerCase().includes(search.trim().toLowerCase()))
    .sort((a, b) => compare(a[sort.by], b[sort.by]) * (sort.isDescending ? -1 : 1));
  if (rows.length === 0) return <EmptyState title="No policies match" />;
  if (isNarrow) {
    return (
      <RowCards
        label="Auto-claim policies"
        columns={COLUMNS.map((column): Column<Row> => ({ ...column, cell: (row) => cellOf(row, column.id) }))}
        rows={rows}
        rowKey={({ id }) => id}
        onOpen={({ id }) => onOpen(id)}
      />
    );
  }
  return (
    <Table aria-label="Auto-claim policies" sortable>
      <TableHeader>
        <TableRow>
          {COLUMNS.map(({ id, label }) => (
            <TableHeaderCell
              key={id}
              sortDirection={sort.by === id ? (sort.isDescending ? 'descending' : 'ascending') : undefined}
              onClick={() => setSort({ by: id, isDescending: sort.by === id && !sort.isDescending })}
            >
              {label}
            </TableHeaderCell>
          ))}
        </TableRow>
      </TableHeader>
      <TableBody>
        {rows.map((row) => (
          <TableRow key={row.id} className={styles.row} onClick={() => onOpen(row.id)}>
            {COLUMNS.map(({ id }) => (
              <TableCell key={id} className={styles.cell}>
                {id === 'name' ? (
                  <Link as="button" className={styles.link} onClick={() => onOpen(row.id)}>
                    {row.name}
                  </Link>
                ) : (
                  cellOf(row, id)
                )}
              </TableCell>
            ))}
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function useRows(policies: readonly Policy[]): Row[] {
  const { data: apps } = useApps();
  const { data: available } = useAvailable();
  const { data: products } = useProducts(policies.flatMap((policy) => policy.products.map(({ skuId }) => skuId)));
  return policies.map((policy) => {
    const [primary, ...backups] = policy.products;
    const name = products?.get(primary!.skuId)?.displayName ?? '…';
    return {
      id: policy.id,
      name: policy.displayName,
      app: apps?.find(({ appId }) => appId === policy.appId)?.displayName ?? '…',
      product: backups.length > 0 ? `${name} +${backups.length} backup` : name,
      available: available && availableFor(policy, available),
      status: available && statusOf(policy, available),
    };
  });
}

function cellOf(row: Row, column: ColumnId) {
  if (column === 'available') return row.available === undefined ? '…' : formatNumber(row.available);
  if (column === 'status') return row.status && <StatusBadge tone={TONES[row.status]}>{row.status}</StatusBadge>;
  return row[column];
}

function compare(a: string | number | undefined, b: string | number | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a ?? '').localeCompare(String(b ?? ''));
}
