import { Readable } from 'node:stream';
import { CsvError, parse, type InfoRecord } from 'csv-parse';
import type { ImportErrors } from './import-errors.ts';
import { LINE_BYTES_MAX, readText } from './csv-text.ts';

/** A file that can be opened again: work that lost to a deadlock begins anew, and reads it anew. */
export type CsvSource = () => Readable;

/** The columns of a table, as its documentation writes them; files may have them in any case, order and company. */
export interface CsvColumns<Required extends string, Optional extends string = never> {
  readonly required: readonly Required[];
  readonly optional: readonly Optional[];
}

/** One record. Of the optional columns only those that the file has are there. Cells are trimmed, and '' where empty. */
export interface CsvRow<Required extends string, Optional extends string = never> {
  /** The line where the record begins, from 1. */
  readonly line: number;
  readonly cells: Readonly<Record<Required, string> & Partial<Record<Optional, string>>>;
}

/**
 * Reads a CSV table record by record, with memory bounded whatever its length.
 * Columns that aren't known are passed over, as are records without any content. A record with too
 * few or too many cells is noted in errors, and reading goes on.
 * @throws ImportRejected where the file as such can't be read: encoding, header, quotes
 */
export async function* readCsvRows<Required extends string, Optional extends string = never>(
  input: Readable,
  columns: CsvColumns<Required, Optional>,
  errors: ImportErrors,
): AsyncGenerator<CsvRow<Required, Optional>> {
  let linesRead = 0;
  const parser = parse({
    relax_column_count: true, // told by line below, not thrown
    skip_records_with_empty_values: true,
    max_record_size: LINE_BYTES_MAX,
    on_record(cells: string[], { lines }: InfoRecord): Parsed {
      linesRead = lines;
      return { cells, lines };
    },
  } as object);
  // pipe leaves out errors: those of the text go to the parser, which this loop reads.
  const text = Readable.from(readText(input, errors));
  text.on('error', (error) => parser.destroy(error));
  text.pipe(parser);
  let header: Header<Required | Optional> | undefined;
  try {
    for await (const { cells, lines } of parser as AsyncIterable<Parsed>) {
      const line = lines - newlinesIn(cells);
      if (!header) {
        header = readHeader<Required | Optional>(cells, line, columns, errors);
      } else if (cells.length !== header.width) {
        errors.add(line, undefined, `There are ${cells.length} cells, but the header has ${header.width}.`);
        if (errors.isFull) throw errors.rejected();
      } else {
        yield { line, cells: header.pick(cells) as CsvRow<Required, Optional>['cells'] };
      }
    }
  } catch (error) {
    throw error instanceof CsvError ? errors.rejected(lineOf(error, linesRead), explain(error)) : error;
  } finally {
    text.destroy();
    parser.destroy();
  }
  if (!header) throw errors.rejected(1, 'The file is empty.');
}

interface Parsed {
  readonly cells: string[];
  /** The line where the record ends. */
  readonly lines: number;
}

interface Header<Name extends string> {
  /** How many cells every record must have. */
  readonly width: number;
  readonly pick: (cells: readonly string[]) => Partial<Record<Name, string>>;
}

function readHeader<Name extends string>(
  cells: readonly string[],
  line: number,
  { required, optional }: { readonly required: readonly Name[]; readonly optional: readonly Name[] },
  errors: ImportErrors,
): Header<Name> {
  const known = new Map([...required, ...optional].map((name) => [comparable(name), name]));
  const found = new Map<Name, number>();
  for (const [index, cell] of cells.entries()) {
    const name = known.get(comparable(cell));
    if (name === undefined) continue;
    if (found.has(name)) throw errors.rejected(line, `The header has the column ${name} twice.`);
    found.set(name, index);
  }
  const missing = required.filter((name) => !found.has(name));
  if (missing.length > 0) {
    const hint = cells.length === 1 ? ' Cells must be separated by commas.' : '';
    throw errors.rejected(
      line,
      `The header lacks ${missing.length === 1 ? 'the column' : 'the columns'} ${missing.join(', ')}.${hint}`,
    );
  }
  const places = [...found];
  return {
    width: cells.length,
    pick: (record) => {
      const picked: Partial<Record<Name, string>> = {};
      for (const [name, index] of places) picked[name] = tidy(record[index]!);
      return picked;
    },
  };
}

// What String.trim leaves: spaces without width. It does take no-break spaces.
const NO_WIDTH = /^[\s\u200b\u2060]+|[\s\u200b\u2060]+$/g;

function tidy(cell: string): string {
  const trimmed = cell.trim();
  return trimmed === '' || /^[!-~](?:.*[!-~])?$/s.test(trimmed) ? trimmed : trimmed.replace(NO_WIDTH, '');
}

function comparable(name: string): string {
  // PowerShell saves a downloaded file's byte order mark as question marks before the first name.
  return name.trim().replace(/^\?+/, '').replace(/\s+/g, ' ').toLowerCase();
}

function newlinesIn(cells: readonly string[]): number {
  let count = 0;
  for (const cell of cells) {
    if (cell.includes('\n')) count += cell.split('\n').length - 1;
  }
  return count;
}

/** A cell that isn't closed runs on to where the parser gave up: its record began after the last whole one. */
function lineOf(error: CsvError, linesRead: number): number {
  const isRunOn = error.code === 'CSV_QUOTE_NOT_CLOSED' || error.code === 'CSV_MAX_RECORD_SIZE';
  return !isRunOn && typeof error['lines'] === 'number' ? error['lines'] : linesRead + 1;
}

function explain(error: CsvError): string {
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'The file ends inside a cell that begins with a quotation mark.';
    case 'CSV_INVALID_CLOSING_QUOTE':
    case 'INVALID_OPENING_QUOTE':
      return 'A quotation mark stands inside a cell: such a cell must be quoted, and its quotation marks doubled.';
    case 'CSV_MAX_RECORD_SIZE':
      return `A record has more than ${LINE_BYTES_MAX} characters: a quotation mark may be missing.`;
    default:
      return `This is not CSV: ${error.message}`;
  }
}
