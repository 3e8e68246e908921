import type { Api, Page } from '../api.ts';

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
  const parts: string[] = [line(columns.map(([name]) => name))];
  let next: string | undefined = path;
  while (next !== undefined) {
    const page: Page<Row> = await api.get<Page<Row>>(next, signal);
    parts.push(...page.value.map((row) => line(columns.map(([, cell]) => cell(row) ?? ''))));
    onProgress(parts.length - 1);
    next = page['@odata.nextLink'];
  }
  // With the mark by which spreadsheets know UTF-8.
  return new Blob(['\uFEFF', ...parts], { type: 'text/csv;charset=utf-8' });
}

function line(cells: readonly string[]): string {
  return `${cells.map(quoted).join(',')}\r\n`;
}

/** Cells that a spreadsheet would take for a formula begin with a quote mark. */
function quoted(cell: string): string {
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return `"${safe.replaceAll('"', '""')}"`;
}
