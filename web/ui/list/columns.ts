import type { ReactNode } from 'react';

/** One column of a list. */
export interface Column<T> {
  readonly id: string;
  readonly label: string;
  readonly cell: (row: T) => ReactNode;
  /** What $orderby calls it, where the API can sort by it. */
  readonly orderBy?: string;
  /** CSS; columns without one share what is left. */
  readonly width?: string;
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
}

/** Which rows are selected: by their key, with what was known of them when they were. */
export interface Selection<T> {
  readonly selected: ReadonlyMap<string, T>;
  readonly onChange: (selected: ReadonlyMap<string, T>) => void;
}

/** What the table and the cards draw. */
export interface RowsProperties<T> {
  /** What the rows are, for a screen reader: "Active users". */
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  /** A row's name, for its check box. */
  readonly rowName?: (row: T) => string;
  /** Opens a row's details: its first column is a link then, and a click anywhere in it opens it too. */
  readonly onOpen?: ((row: T) => void) | undefined;
  readonly selection?: Selection<T> | undefined;
}

/** Adds a row to the selection, or takes it out. */
export function toggled<T>({ selected }: Selection<T>, key: string, row: T): ReadonlyMap<string, T> {
  const next = new Map(selected);
  if (!next.delete(key)) next.set(key, row);
  return next;
}
