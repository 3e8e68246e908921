import { pipeline, Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import type { FastifyRequest } from 'fastify';
import { badRequest } from '../errors.ts';
import type { Entity } from '../odata/page.ts';
import type { ListQuery } from '../odata/query.ts';
import { REPORT_RESOURCE } from './report-resource.ts';

/**
 * Whether the report is asked for as CSV: by $format, else by an Accept header that prefers it.
 * @throws ApiError 400 for a $format that is none, or for what a CSV has no place for
 */
export function wantsCsv(request: FastifyRequest, { raw: { options }, isCounted }: ListQuery): boolean {
  const format = options['$format'];
  if (format !== undefined && format !== 'csv' && format !== 'json') throw badRequest('$format must be csv or json.');
  const accept = request.headers.accept ?? '';
  const isCsv = format ? format === 'csv' : weightOf('text/csv', accept) > weightOf('application/json', accept);
  if (isCsv && isCounted) throw badRequest('$count has no place in a CSV. Ask for it as JSON.');
  return isCsv;
}

/** How much a media type is wanted by an Accept header that names it, 0 to 1 (RFC 9110, 12.5.1). */
function weightOf(type: string, accept: string): number {
  const named = accept.split(',').map((range) => range.split(';').map((part) => part.trim().toLowerCase()));
  const parameters = named.find(([range]) => range === type)?.slice(1);
  if (!parameters) return 0;
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return weight === undefined ? 1 : Number(weight) || 0;
}

/** The report's rows as CSV (RFC 4180), with the columns that are selected; all of them, or as many as $top says. */
export function csvOf(chunks: AsyncIterable<Entity[]>, { select, raw, top }: ListQuery): Readable {
  const columns = Object.keys(REPORT_RESOURCE.properties).filter((name) => select?.includes(name) ?? true);
  const csv = stringify({
    header: true,
    columns,
    // Cells that a spreadsheet would take for a formula begin with a quote mark instead.
    escape_formulas: true,
    record_delimiter: 'windows',
    cast: CSV_VALUES,
  });
  const rows = Readable.from(oneByOne(chunks, raw.options['$top'] === undefined ? Infinity : top));
  // A failure ends the answer before its end, so that nobody takes a part for the whole.
  return pipeline(rows, csv, () => undefined);
}

/** As the JSON has them. */
const CSV_VALUES = {
  date: (value: Date) => value.toISOString(),
  boolean: String,
};

async function* oneByOne(chunks: AsyncIterable<Entity[]>, most: number): AsyncGenerator<Entity> {
  let left = most;
  for await (const chunk of chunks) {
    yield* chunk.slice(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}
