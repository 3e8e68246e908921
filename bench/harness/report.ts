import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isReached, median, type Figure } from './measurements.ts';
import type { Machine } from './machine.ts';

/** The outcome of one bench. */
export interface Report {
  readonly bench: string;
  readonly startedAt: Date;
  readonly machine: Machine;
  /** How it was measured: repetitions, seconds. */
  readonly settings: Readonly<Record<string, number | string>>;
  readonly figures: readonly Figure[];
  /** What was left out and why, and what else one should know to read it. */
  readonly notes: readonly string[];
}

const RESULTS_FOLDER = join(import.meta.dirname, '../results');

/** The report as tables for the terminal. */
export function describeReport({ bench, machine, settings, figures, notes }: Report): string {
  const { processor, cores, memoryGiB, system, node, load } = machine;
  const conditions = Object.entries(settings).map(([name, value]) => `${value} ${name}`);
  return [
    '',
    `${bench}: ${conditions.join(', ')}`,
    `${cores} × ${processor}, ${memoryGiB} GiB, ${system}, Node ${node}, load ${load} at the start`,
    '',
    ...tableOfFigures(figures.filter(({ detail }) => detail === undefined)),
    '',
    ...tableOfDetails(figures.filter(({ detail }) => detail !== undefined)),
    ...notes.map((note) => `* ${note}`),
    '',
  ].join('\n');
}

/**
 * What has an aim, of several reports: whether it was reached. As Markdown, for docs/performance.md.
 */
export function describeAims(reports: readonly Report[]): string {
  const rows = reports.flatMap(({ bench, figures }) =>
    rowsOfFigures(figures.filter(({ aim }) => aim !== undefined)).map((row) => [bench, ...row]),
  );
  const reached = rows.filter((row) => row.at(-1) === REACHED).length;
  const lines = [['bench', 'what', 'median', 'lowest – highest', 'aim', ''], AIMS_RULE, ...rows];
  return [
    '',
    ...lines.map((cells) => `| ${cells.join(' | ')} |`),
    '',
    `${reached} of ${rows.length} aims are reached.`,
    '',
  ].join('\n');
}

const AIMS_RULE = ['---', '---', '--:', '--:', '--:', '---'];
const REACHED = 'reached';

function tableOfFigures(figures: readonly Figure[]): string[] {
  return aligned([['median', 'value', 'lowest – highest', 'aim', ''], ...rowsOfFigures(figures)]);
}

function rowsOfFigures(figures: readonly Figure[]): string[][] {
  return figures.map(({ name, unit, values, aim }) => {
    const middle = median(values);
    const range = `${format(Math.min(...values), unit)} – ${format(Math.max(...values), unit)}`;
    const wanted = aim && (aim.atLeast !== undefined ? `≥ ${aim.atLeast}` : `≤ ${aim.atMost}`);
    const verdict = aim ? (isReached(middle, aim) ? REACHED : 'not yet') : '';
    return [name, `${format(middle, unit)} ${unit}`, values.length > 1 ? range : '', wanted ?? '', verdict];
  });
}

/** A row for each figure that has details, a column for each kind of detail. */
function tableOfDetails(details: readonly Figure[]): string[] {
  if (details.length === 0) return [];
  const kinds = [...new Set(details.map(({ detail }) => detail!))];
  const rows = [...Map.groupBy(details, ({ name }) => name)].map(([name, found]) => [
    name,
    ...kinds.map((kind) => {
      const one = found.find(({ detail }) => detail === kind);
      return one ? `${format(median(one.values), one.unit)} ${one.unit}` : '';
    }),
  ]);
  return [...aligned([['of it', ...kinds], ...rows]), ''];
}

/** The first column to the left, the others to the right. */
function aligned(rows: readonly string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}

/** Writes the report with every value as JSON; returns where. */
export function writeReport(report: Report): string {
  mkdirSync(RESULTS_FOLDER, { recursive: true });
  const time = report.startedAt.toISOString().slice(0, 19).replaceAll(':', '');
  const file = join(RESULTS_FOLDER, `${report.bench}-${time}.json`);
  const figures = report.figures.map((figure) => ({ ...figure, median: median(figure.values) }));
  writeFileSync(file, `${JSON.stringify({ ...report, figures }, undefined, 2)}\n`);
  return relative(process.cwd(), file);
}

function format(value: number, unit: string): string {
  const digits = unit === '/s' || value >= 1_000 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
