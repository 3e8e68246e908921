/** A CSV file of a heading and rows. */
export function csvOf(heading: readonly string[], rows: readonly (readonly string[])[]): Blob {
  // With the mark by which spreadsheets know UTF-8.
  return new Blob(['\uFEFF', ...[heading, ...rows].map(line)], { type: 'text/csv;charset=utf-8' });
}

function line(cells: readonly string[]): string {
  return `${cells.map(quoted).join(',')}\r\n`;
}

/** Cells that a spreadsheet would take for a formula begin with a quote mark. */
function quoted(cell: string): string {
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return `"${safe.replaceAll('"', '""')}"`;
}
