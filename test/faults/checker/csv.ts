/** A CSV with a header (RFC 4180), each row by its columns' names. The checker's own, as it judges the engine's. */
export function parseCsv(text: string): Record<string, string>[] {
  const [header, ...rows] = linesOf(text.replace(/^\uFEFF/, ''));
  return rows.map((row) => Object.fromEntries(header!.map((name, index) => [name, row[index] ?? ''])));
}

function linesOf(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  // A field, quoted or not, and what ends it.
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|$)/gy;
  while (field.lastIndex < text.length) {
    const [, quoted, plain, end] = field.exec(text) ?? [];
    if (end === undefined) throw new Error(`No CSV at ${field.lastIndex}.`);
    line.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (end === ',') continue;
    lines.push(line);
    line = [];
  }
  return lines;
}
