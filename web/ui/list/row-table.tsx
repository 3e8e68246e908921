import {
  Link,
  makeStyles,
  mergeClasses,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  TableSelectionCell,
  tokens,
} from '@fluentui/react-components';
import type { MouseEvent } from 'react';
import { toggled, type RowsProperties } from './columns.ts';
import type { ListState } from './list-state.ts';

const useStyles = makeStyles({
  cell: { overflowWrap: 'anywhere', paddingBlock: tokens.spacingVerticalXS },
  number: { textAlign: 'right' },
  numberHeader: { '& > *': { justifyContent: 'flex-end' } },
  opens: {
    cursor: 'pointer',
    // Fluent's own is so light in the dark theme that a link on it can't be read well (4.5 : 1, WCAG 1.4.3).
    ':hover': { backgroundColor: tokens.colorNeutralBackground2 },
    ':active': { backgroundColor: tokens.colorNeutralBackground2 },
  },
  link: { textAlign: 'left', overflowWrap: 'anywhere', lineHeight: tokens.lineHeightBase300 },
});

/** Rows as a table, for windows wide enough. */
export function RowTable<T>(properties: RowsProperties<T> & { readonly state: ListState }) {
  const { label, columns, rows, rowKey, rowName, onOpen, selection, state } = properties;
  const styles = useStyles();
  const chosen = rows.filter((row) => selection?.selected.has(rowKey(row))).length;
  const selectAll = () =>
    selection?.onChange(chosen === rows.length ? new Map() : new Map(rows.map((row) => [rowKey(row), row])));
  const openRow = (row: T) => (event: MouseEvent) => {
    // Links, boxes and buttons in a row do what they do.
    if ((event.target as Element).closest('a, button, input, label, [role="checkbox"]')) return;
    if (getSelection()?.toString()) return;
    onOpen?.(row);
  };
  return (
    <Table aria-label={label} size="small">
      <TableHeader>
        <TableRow>
          {selection && (
            <TableSelectionCell
              checked={chosen === 0 ? false : chosen === rows.length ? true : 'mixed'}
              onClick={selectAll}
              checkboxIndicator={{ 'aria-label': 'Select all rows' }}
            />
          )}
          {columns.map(({ id, label: text, orderBy, width, isNumber }) => (
            <TableHeaderCell
              key={id}
              scope="col"
              style={{ width }}
              className={isNumber ? styles.numberHeader : undefined}
              sortable={orderBy !== undefined}
              sortDirection={
                orderBy !== undefined && state.orderBy === orderBy
                  ? state.isDescending
                    ? 'descending'
                    : 'ascending'
                  : undefined
              }
              onClick={
                orderBy === undefined
                  ? undefined
                  : () => state.setOrder(orderBy, state.orderBy === orderBy && !state.isDescending)
              }
            >
              {text}
            </TableHeaderCell>
          ))}
        </TableRow>
      </TableHeader>
      <TableBody>
        {rows.map((row) => {
          const key = rowKey(row);
          const isSelected = selection?.selected.has(key) === true;
          return (
            <TableRow
              key={key}
              className={onOpen && styles.opens}
              appearance={isSelected ? 'brand' : 'none'}
              onClick={onOpen && openRow(row)}
            >
              {selection && (
                <TableSelectionCell
                  checked={isSelected}
                  onClick={() => selection.onChange(toggled(selection, key, row))}
                  checkboxIndicator={{ 'aria-label': `Select ${rowName?.(row) ?? 'row'}` }}
                />
              )}
              {columns.map(({ id, cell, isNumber }, at) => (
                <TableCell key={id} className={mergeClasses(styles.cell, isNumber && styles.number)}>
                  {at === 0 && onOpen ? (
                    <Link as="button" className={styles.link} onClick={() => onOpen(row)}>
                      {cell(row)}
                    </Link>
                  ) : (
                    cell(row)
                  )}
                </TableCell>
              ))}
            </TableRow>
          );
        })}
      </TableBody>
    </Table>
  );
}
