import { stripVTControlCharacters, styleText } from 'node:util';

/** A column of a table for people. */
export interface Column<T> {
  readonly title: string;
  readonly of: (row: T) => string | number | boolean | null | undefined;
}

/** What tables are written for. */
export interface Screen {
  /** Of a terminal; undefined where a file or a program reads. */
  readonly columns: number | undefined;
  readonly isColored: boolean;
}

const GAP = '  ';
/** A column is cut no further than this; what then doesn't fit goes below itself. */
const COLUMN_MIN = 8;

/**
 * A table. On a terminal long values are cut with …; on one too narrow for that each row is a block
 * of lines, whole. Where a file or a program reads, nothing is cut.
 */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[], screen: Screen): string {
  const cells = rows.map((row) => columns.map(({ of }) => printable(wordsOf(of(row)))));
  const isNumber = columns.map(({ of }) => rows.length > 0 && rows.every((row) => typeof of(row) === 'number'));
  const natural = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...cells.map((row) => widthOf(row[index]!))),
  );
  const widths = fit(natural, screen.columns);
  if (!widths) return blocks(cells, columns, screen);
  const line = (values: readonly string[]) =>
    values
      .map((value, index) =>
        pad(cut(value, widths[index]!), widths[index]!, isNumber[index]!, index === values.length - 1),
      )
      .join(GAP)
      .trimEnd();
  const head = line(columns.map(({ title }) => title));
  return [screen.isColored ? styleText('bold', head, { validateStream: false }) : head, ...cells.map(line)].join('\n');
}

/** The facts of one thing, one a line; those without a value are left out. */
export function facts(pairs: readonly (readonly [name: string, value: Parameters<typeof wordsOf>[0]])[]): string {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  const width = Math.max(...shown.map(([name]) => name.length)) + GAP.length;
  return shown.map(([name, value]) => `${name.padEnd(width)}${printable(wordsOf(value))}`).join('\n');
}

/** Without what could steer a terminal: names come from others. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD');
}

function wordsOf(value: string | number | boolean | null | undefined): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return value.toLocaleString('en-US');
  return value ?? '';
}

function blocks<T>(cells: readonly (readonly string[])[], columns: readonly Column<T>[], screen: Screen): string {
  const width = Math.max(...columns.map(({ title }) => title.length));
  return cells
    .map((row) =>
      row
        .map((value, index) => {
          const title = columns[index]!.title.padEnd(width);
          return `${screen.isColored ? styleText('bold', title, { validateStream: false }) : title}  ${value}`.trimEnd();
        })
        .join('\n'),
    )
    .join('\n\n');
}

/** The columns' widths on so wide a screen; undefined where they don't fit, even cut. */
function fit(natural: readonly number[], screen: number | undefined): number[] | undefined {
  const widths = [...natural];
  if (screen === undefined) return widths;
  const room = screen - GAP.length * (widths.length - 1);
  let over = widths.reduce((sum, width) => sum + width, 0) - room;
  while (over > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= COLUMN_MIN) return undefined;
    widths[widest] = widths[widest]! - 1;
    over -= 1;
  }
  return widths;
}

function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let [kept, used] = ['', 0];
  for (const { segment } of GRAPHEMES.segment(text)) {
    used += widthOf(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

function pad(text: string, width: number, isNumber: boolean, isLast: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  if (isNumber) return space + text;
  return isLast ? text : text + space;
}

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });
// Wide in every terminal: East Asian scripts and pictures.
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of GRAPHEMES.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}
