import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { printable, table } from './table.ts';

interface Row {
  readonly name: string;
  readonly seats: number;
}
const COLUMNS = [
  { title: 'Name', of: ({ name }: Row) => name },
  { title: 'Seats', of: ({ seats }: Row) => seats },
];
const ROWS = [
  { name: 'Visio', seats: 5 },
  { name: 'A product with quite a long name', seats: 12_000 },
];

describe('a table', () => {
  it('aligns texts to the left and numbers, grouped, to the right', () => {
    assert.equal(
      table(ROWS, COLUMNS, { columns: undefined, isColored: false }),
      [
        'Name                               Seats',
        'Visio                                  5',
        'A product with quite a long name  12,000',
      ].join('\n'),
    );
  });

  it('cuts what is too long for a terminal, and nothing where a program reads', () => {
    const lines = table(ROWS, COLUMNS, { columns: 24, isColored: false }).split('\n');
    assert.deepEqual(lines, ['Name               Seats', 'Visio                  5', 'A product with …  12,000']);
  });

  it('shows rows as blocks on a terminal that is too narrow for columns', () => {
    const text = table(ROWS, COLUMNS, { columns: 14, isColored: false });
    assert.equal(text, 'Name   Visio\nSeats  5\n\nName   A product with quite a long name\nSeats  12,000');
  });

  it('counts wide characters as two', () => {
    const rows = [
      { name: '製品', seats: 1 },
      { name: 'é', seats: 2 },
    ];
    assert.deepEqual(table(rows, COLUMNS, { columns: undefined, isColored: false }).split('\n'), [
      'Name  Seats',
      '製品      1',
      'é         2',
    ]);
  });

  it('has a bold head where colours are wanted', () => {
    const [head] = table(ROWS, COLUMNS, { columns: 80, isColored: true }).split('\n');
    assert.ok(head!.startsWith('\x1b[1mName') && head!.endsWith('\x1b[22m'));
  });
});

describe('a name that steers terminals', () => {
  it('is shown without what does', () => {
    assert.equal(printable('A\x1b[31mred\x1b[0m\r\n\x07B\u202Eevil\x9b2J'), 'Ared\uFFFD\uFFFD\uFFFDB\uFFFDevil');
  });
});
