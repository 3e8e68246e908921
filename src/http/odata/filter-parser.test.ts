import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ApiError } from '../errors.ts';
import { COMPARISONS, parseFilter, type Filter } from './filter-parser.ts';
import type { Literal } from './filter-tokens.ts';

/** A filter as OData writes it, with more parentheses than it needs. */
function print(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.terms.map(print).join(` ${filter.kind} `)})`;
    case 'not':
      return `not (${print(filter.term)})`;
    case 'compare':
      return `${filter.property.name} ${filter.operator} ${printLiteral(filter.value)}`;
    case 'in':
      return `${filter.property.name} in (${filter.values.map(printLiteral).join(', ')})`;
    case 'startswith':
      return `startswith(${filter.property.name},${printLiteral(filter.value)})`;
    case 'any':
      return `${filter.property.name}/any(${filter.condition ? `x:${printElement(filter.condition)}` : ''})`;
    case 'count':
      return `${filter.property.name}/$count ${filter.operator} ${printLiteral(filter.value)}`;
  }
}

function printElement(condition: Filter): string {
  assert.equal(condition.kind, 'compare');
  if (condition.kind !== 'compare') return '';
  const subject = condition.property.name === '' ? 'x' : `x/${condition.property.name}`;
  return `${subject} ${condition.operator} ${printLiteral(condition.value)}`;
}

function printLiteral(literal: Literal): string {
  return literal.type === 'string' ? `'${literal.value.replaceAll("'", "''")}'` : String(literal.value);
}

function withoutPositions(filter: Filter): unknown {
  return JSON.parse(JSON.stringify(filter, (key, value: unknown) => (key === 'position' ? undefined : value)));
}

const property = fc
  .constantFrom('displayName', 'id', 'createdDateTime', 'né', 'a.b')
  .map((name) => ({ name, position: 0 }));
const text = fc.string({ maxLength: 20 }).map((value): Literal => ({ type: 'string', value, position: 0 }));
const literal: fc.Arbitrary<Literal> = fc.oneof(
  text,
  fc.uuid().map((value): Literal => ({ type: 'guid', value, position: 0 })),
  fc.integer().map((value): Literal => ({ type: 'number', value, position: 0 })),
  fc.boolean().map((value): Literal => ({ type: 'boolean', value, position: 0 })),
  fc.constant<Literal>({ type: 'null', value: null, position: 0 }),
  fc
    .constantFrom('2026-02-28T23:59:59.123Z', '2026-02-28', '2026-02-28T01:00:00+02:00')
    .map((value): Literal => ({ type: 'dateTime', value, position: 0 })),
);
const operator = fc.constantFrom(...COMPARISONS);
const compare = fc.record({ kind: fc.constant('compare' as const), property, operator, value: literal });
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  compare,
  fc.record({ kind: fc.constant('in' as const), property, values: fc.array(literal, { minLength: 1, maxLength: 3 }) }),
  fc.record({ kind: fc.constant('startswith' as const), property, value: text }),
  fc.record({ kind: fc.constant('count' as const), property, operator, value: literal }),
  fc.record({ kind: fc.constant('any' as const), property, condition: fc.option(compare, { nil: undefined }) }),
);
const filters = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      terms: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('not' as const), term: tie('filter') }),
  ),
})).filter;

describe('a filter', () => {
  it('means the same after it was written down and read back', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        const written = print(filter);
        fc.pre(written.length <= 4_000);
        assert.deepEqual(withoutPositions(parseFilter(written)), withoutPositions(filter));
      }),
    );
  });

  it('is understood or refused as a bad request, whatever its text', () => {
    const pieces = fc.constantFrom(
      '(',
      ')',
      ',',
      '/',
      ':',
      "'",
      ' ',
      'x',
      'not',
      'and',
      'or',
      'eq',
      'in',
      'any',
      '$count',
      '1',
      'null',
      '-',
      '\u{1f600}',
      '\0',
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 40 }).map((all) => all.join(' ')),
    );
    fc.assert(
      fc.property(texts, (written) => {
        try {
          parseFilter(written);
        } catch (error) {
          assert.ok(error instanceof ApiError && error.status === 400, String(error));
          assert.match(error.message, /at position \d+\.$/);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('binds and before or, and not before both', () => {
    const read = (written: string) => print(parseFilter(written));
    assert.equal(read('a eq 1 or b eq 2 and not c eq 3'), '(a eq 1 or (b eq 2 and not (c eq 3)))');
    assert.equal(read('(a eq 1 or b eq 2) and c eq 3'), '((a eq 1 or b eq 2) and c eq 3)');
  });

  it('takes keywords and functions in any case, as clients write them', () => {
    assert.equal(print(parseFilter("startsWith(a,'x') AND NOT(b EQ null)")), "(startswith(a,'x') and not (b eq null))");
  });

  it('tells a GUID from a number, and a number from a date', () => {
    const typeOf = (written: string) => {
      const filter = parseFilter(`a eq ${written}`);
      return filter.kind === 'compare' ? filter.value.type : undefined;
    };
    assert.equal(typeOf('12345678-0000-0000-0000-000000000001'), 'guid');
    assert.equal(typeOf('1e345678-0000-0000-0000-00000000000F'), 'guid');
    assert.equal(typeOf('-12.5'), 'number');
    assert.equal(typeOf('2026-01-01T00:00:00Z'), 'dateTime');
    assert.equal(typeOf("'2026'"), 'string');
  });

  for (const [written, message] of [
    ['', /expected a property, not the end at position 0/],
    ['displayName', /expected an operator .* not the end at position 11/],
    ['displayName eq', /expected a value, not the end at position 14/],
    ["displayName eq 'a", /not closed at position 15/],
    ['displayName like 1', /expected an operator .* not like at position 12/],
    ["contains(displayName,'a')", /function contains is not supported at position 0/],
    ['a eq 1 b', /expected and, or, or the end, not b at position 7/],
    ['a eq 1 and', /expected a property, not the end at position 10/],
    ['(a eq 1', /expected \), not the end at position 7/],
    ['a in ()', /expected a value, not \) at position 6/],
    ['a/all(x:x eq 1)', /expected any or \$count after a\/, not all at position 2/],
    ['a/any(x:b eq 1)', /expected x or x\/…, not b at position 8/],
    ['startswith(a,1)', /startswith needs a text in quotes at position 13/],
    ['a eq 1;drop', /unexpected character ";" at position 6/],
    ['a eq 12345678-0000-0000-0000-00000000000', /at position \d+/],
  ] as const) {
    it(`tells where "${written}" goes wrong`, () => {
      assert.throws(
        () => parseFilter(written),
        (error: ApiError) => error.status === 400 && message.test(error.message),
      );
    });
  }

  for (const [name, bomb, message] of [
    ['text', `a eq '${'x'.repeat(5_000_000)}'`, /at most 4000/],
    ['parentheses', '('.repeat(3_900), /more than 20 levels/],
    ['negations', 'not '.repeat(990), /more than 20 levels/],
    ['terms', Array(300).fill('a eq 1').join(' or '), /more than 100 comparisons/],
    ['values', `a in (${Array(1_900).fill('1').join(',')})`, /more than 100 comparisons/],
    ['digits', `a eq ${'1'.repeat(3_000)}x`, /position/],
    ['quotes', `a eq ${"''".repeat(1_900)}'`, /not closed|position/],
  ] as const) {
    // How long it takes is told by test/security/bad-queries.test.ts; what grows without bound would never end here.
    it(`of too many ${name} is refused`, () => {
      assert.throws(
        () => parseFilter(bomb),
        (error: ApiError) => error.status === 400 && message.test(error.message),
      );
    });
  }

  it('of just as much as is allowed is read', () => {
    assert.equal(parseFilter(Array(100).fill('a eq 1').join(' or ')).kind, 'or');
    assert.equal(parseFilter(`${'('.repeat(20)}a eq 1${')'.repeat(20)}`).kind, 'compare');
  });
});
