import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { readCsvRows } from './csv-rows.ts';
import { ImportErrors, ImportRejected, type ImportError } from './import-errors.ts';

interface Read {
  rows: { line: number; cells: Record<string, string | undefined> }[];
  errors: readonly Pick<ImportError, 'line' | 'message'>[];
}

/** Reads a file that arrives in pieces of so many bytes. */
async function read(file: string | Buffer, pieceBytes = 7): Promise<Read> {
  const bytes = Buffer.from(file as string);
  const pieces = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  const errors = new ImportErrors();
  const rows: Read['rows'] = [];
  try {
    const table = readCsvRows(Readable.from(pieces), { required: ['Name'], optional: ['City', 'Zip Code'] }, errors);
    for await (const { line, cells } of table) rows.push({ line, cells: { ...cells } });
    errors.rejectIfAny();
    return { rows, errors: [] };
  } catch (error) {
    assert.ok(error instanceof ImportRejected, String(error));
    return { rows, errors: error.details.map(({ line, message }) => ({ line, message })) };
  }
}

describe('rows of a CSV file', () => {
  it('are read by column, in any order, case and company', async () => {
    const { rows } = await read('zip  code,Other, NAME \n1000,x,Ann\n');
    assert.deepEqual(rows, [{ line: 2, cells: { 'Zip Code': '1000', Name: 'Ann' } }]);
  });

  it('are the same with a byte order mark, CRLF, CR, and whatever the pieces that it comes in', async () => {
    const file = 'Name,City\n"Änn, ""A""",Bärn\nBob,\u{1f600}\n';
    const expected = await read(file, 1_000);
    assert.deepEqual(expected.rows, [
      { line: 2, cells: { Name: 'Änn, "A"', City: 'Bärn' } },
      { line: 3, cells: { Name: 'Bob', City: '\u{1f600}' } },
    ]);
    for (const same of [`\ufeff${file}`, file.replaceAll('\n', '\r\n'), file.replaceAll('\n', '\r'), file.trimEnd()]) {
      for (const size of [1, 2, 3, 1_000]) assert.deepEqual(await read(same, size), expected);
    }
  });

  it('are trimmed of spaces of every kind', async () => {
    const { rows } = await read('Name,City\n \u00a0Ann\u00a0 ,"\u200b x\u00a0y \u2060"\n');
    assert.deepEqual(rows[0]!.cells, { Name: 'Ann', City: 'x\u00a0y' });
  });

  it('tell the line where they begin, past empty lines and lines within cells', async () => {
    const { rows } = await read('Name,City\n\nAnn,"two\nlines"\n,\n   ,  \nBob,b\n');
    assert.deepEqual(
      rows.map((row) => [row.line, row.cells['Name']]),
      [
        [3, 'Ann'],
        [7, 'Bob'],
      ],
    );
  });

  it('that have too few or too many cells are noted, and reading goes on', async () => {
    const { rows, errors } = await read('Name,City\nAnn\nBob,b\nCid,c,c\n');
    assert.deepEqual(
      rows.map((row) => row.line),
      [3],
    );
    assert.deepEqual(errors, [
      { line: 2, message: 'There are 1 cells, but the header has 2.' },
      { line: 4, message: 'There are 3 cells, but the header has 2.' },
    ]);
  });

  it('are at most a hundred wrong: then reading ends', async () => {
    const { errors } = await read(`Name,City\n${'x\n'.repeat(5_000)}`, 1_000);
    assert.equal(errors.length, 100);
  });

  for (const [name, file, line, message] of [
    ['nothing', '', 1, /empty/],
    ['a byte order mark alone', '\ufeff', 1, /empty/],
    ['UTF-16', Buffer.from('\ufeffName,City\nAnn,b\n', 'utf16le'), 1, /UTF-16/],
    ['UTF-16 without its mark', Buffer.from('Name,City\nAnn,b\n', 'utf16le'), 1, /NUL.*UTF-8/],
    ['Windows-1252', Buffer.from('Name,City\nAnn,b\nZo\xeb,c\n', 'latin1'), 3, /not valid UTF-8/],
    ['UTF-8 cut in a character', Buffer.from('Name\nAnn\nZoë').subarray(0, -1), 3, /not valid UTF-8/],
    ['a NUL', 'Name\nAnn\nB\0b\n', 3, /NUL/],
    ['a header without a required column', 'City,Zip code\nb,1\n', 1, /lacks the column Name\.$/],
    ['cells separated by semicolons', 'Name;City\nAnn;b\n', 1, /lacks the column Name\. .*commas/],
    ['a column twice', 'Name,City,NAME\na,b,c\n', 1, /column Name twice/],
    ['a quotation mark that is never closed', 'Name,City\nAnn,b\n"Bob,c\nCid,d\n', 3, /inside a cell/],
    ['a quotation mark inside a cell', 'Name,City\nAnn,b\nB"o"b,c\n', 3, /quotation mark/],
    ['text after a closing quotation mark', 'Name,City\n"Ann"x,b\n', 2, /quotation mark/],
    ['a line that never ends', `Name\nAnn\n${'x'.repeat(3_000_000)}`, 3, /more than 1048576 bytes/],
    ['a record that never ends', `Name\nAnn\n"${'x\n'.repeat(1_500_000)}`, 3, /more than 1048576 characters/],
  ] as [string, string | Buffer, number, RegExp][]) {
    it(`are refused for ${name}, telling the line`, async () => {
      const { errors } = await read(file, 65_536);
      assert.equal(errors.length, 1, JSON.stringify(errors));
      assert.equal(errors[0]!.line, line);
      assert.match(errors[0]!.message, message);
    });
  }

  it('come back as they were written, whatever is in the cells', async () => {
    const cell = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0') && text.isWellFormed());
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { maxLength: 5 }),
        fc.integer({ min: 1, max: 9 }),
        async (records, size) => {
          const file = stringify([['Name', 'City'], ...records.map(([name, city]) => [`n${name}n`, `c${city}c`])]);
          const { rows, errors } = await read(file, size);
          assert.deepEqual(errors, []);
          assert.deepEqual(
            rows.map((row) => [row.cells['Name'], row.cells['City']]),
            records.map(([name, city]) => [`n${name}n`, `c${city}c`]),
          );
        },
      ),
    );
  });

  it('leave the stream that they come from open where they are refused', async () => {
    const input = Readable.from(Array<Buffer>(100_000).fill(Buffer.from('Wrong\n')));
    await assert.rejects(async () => {
      for await (const _ of readCsvRows(input, { required: ['Name'], optional: [] }, new ImportErrors()));
    }, ImportRejected);
    assert.equal(input.destroyed, false);
  });
});
