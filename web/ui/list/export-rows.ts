import type { Api, Page } from '../api.ts';
import { csvOf } from './csv.ts';

/** A column of a CSV file: its name, and a row's cell. */
export type CsvColumn<Row> = readonly [name: string, cell: (row: Row) => string | null | undefined];

/**
 * All rows of a list as CSV, read page by page.
 * @param onProgress told after each page how many there are by now
 * @throws ApiFailure; AbortError where it was given up
 */
export async function exportRows<Row>(
  api: Api,
  path: string,
  columns: readonly CsvColumn<Row>[],
  onProgress: (count: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  const rows: string[][] = [];
  let next: string | undefined = path;
  while (next !== undefined) {
    const page: Page<Row> = await api.get<Page<Row>>(next, signal);
    rows.push(...page.value.map((row) => columns.map(([, cell]) => cell(row) ?? '')));
    onProgress(rows.length);
    next = page['@odata.nextLink'];
  }
  return csvOf(
    columns.map(([name]) => name),
    rows,
  );
}
