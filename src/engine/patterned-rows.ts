/**
 * Rows as two parameters of a statement: JSON arrays, to be joined on their number `pattern`. (What is
 * read once and taken apart is quicker as json than as jsonb, which is built first.)
 */
export interface PatternedRows {
  /** What each row has for itself, and the number of its pattern. */
  readonly rows: string;
  /** What rows have in common, each once, with its number. */
  readonly patterns: string;
}

/**
 * Takes rows that say the same in most columns apart, so that this is sent and read once. (Reading
 * all of a claim's twenty columns from JSON took PostgreSQL longer than any of its inserts.)
 */
export function patternRows(rows: readonly { readonly own: object; readonly pattern: object }[]): PatternedRows {
  const numbers = new Map<string, number>();
  const patterns: object[] = [];
  const numbered = rows.map(({ own, pattern }) => {
    const text = JSON.stringify(pattern);
    let number = numbers.get(text);
    if (number === undefined) {
      number = patterns.length;
      numbers.set(text, number);
      patterns.push({ pattern: number, ...pattern });
    }
    return { pattern: number, ...own };
  });
  return { rows: JSON.stringify(numbered), patterns: JSON.stringify(patterns) };
}
