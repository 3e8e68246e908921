import { invalidFilter } from './scim-error.ts';

/** A filter as it was parsed (RFC 7644, 3.4.2.2); paths in lower case, without the core schemas' names. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  | { readonly kind: 'within'; readonly path: string; readonly part: Filter; readonly of: string | undefined }
  | Comparison;
export interface Comparison {
  readonly kind: 'comparison';
  readonly path: string;
  readonly operator: string;
  readonly value: string | boolean | number | null;
}

const LENGTH_MAX = 4_000;
const COMPARISONS_MAX = 50;
const DEPTH_MAX = 20;
const OPERATORS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le', 'pr'];
const TOKEN = /\s*(?:([()[\]])|("(?:[^"\\]|\\.)*")|(\.?[A-Za-z$][\w$:.-]*)|(-?\d+(?:\.\d+)?))/y;
const CORE = /^urn:ietf:params:scim:schemas:core:2\.0:(?:user|group):/;

/**
 * Parses a filter.
 * @throws ScimError invalidFilter, that says where
 */
export function parseFilter(text: string): Filter {
  if (text.length > LENGTH_MAX) throw invalidFilter(`The filter has more than ${LENGTH_MAX} characters.`);
  const tokens = tokensOf(text);
  let [at, comparisons] = [0, 0];
  const peek = () => tokens[at]?.toLowerCase();
  const fail = (what: string) => invalidFilter(`The filter is wrong at ${tokens[at] ?? 'its end'}: ${what}.`);
  const expect = (token: string) => {
    if (peek() !== token) throw fail(`${token} is missing`);
    at += 1;
  };

  const list = (kind: 'and' | 'or', next: (depth: number) => Filter, depth: number): Filter => {
    const parts = [next(depth)];
    while (peek() === kind) {
      at += 1;
      parts.push(next(depth));
    }
    return parts.length === 1 ? parts[0]! : { kind, parts };
  };
  const either = (depth: number): Filter => list('or', both, depth);
  const both = (depth: number): Filter => list('and', single, depth);
  const nested = (close: string, depth: number): Filter => {
    if (depth >= DEPTH_MAX) throw invalidFilter(`The filter is nested more than ${DEPTH_MAX} levels deep.`);
    const part = either(depth + 1);
    expect(close);
    return part;
  };
  const single = (depth: number): Filter => {
    if (peek() === 'not') {
      at += 1;
      expect('(');
      return { kind: 'not', part: nested(')', depth) };
    }
    if (peek() === '(') {
      at += 1;
      return nested(')', depth);
    }
    return attribute(depth);
  };
  const attribute = (depth: number): Filter => {
    const token = tokens[at] ?? '';
    if (!/^[A-Za-z$]/.test(token)) throw fail('an attribute is missing');
    const path = token.toLowerCase().replace(CORE, '');
    at += 1;
    if (peek() === '[') {
      at += 1;
      const part = nested(']', depth);
      if (!peek()?.startsWith('.')) return { kind: 'within', path, part, of: undefined };
      const of = peek()!.slice(1);
      at += 1;
      return { kind: 'and', parts: [{ kind: 'within', path, part, of }, compare(`${path}.${of}`)] };
    }
    return compare(path);
  };
  const compare = (path: string): Comparison => {
    comparisons += 1;
    if (comparisons > COMPARISONS_MAX) throw invalidFilter(`The filter has more than ${COMPARISONS_MAX} comparisons.`);
    const operator = peek() ?? '';
    if (!OPERATORS.includes(operator)) throw fail(`an operator is missing (${OPERATORS.join(', ')})`);
    at += 1;
    if (operator === 'pr') return { kind: 'comparison', path, operator, value: null };
    const token = tokens[at];
    if (token === undefined) throw fail('a value is missing');
    const value = valueOf(token);
    if (value === undefined) throw fail('a value is missing');
    at += 1;
    return { kind: 'comparison', path, operator, value };
  };

  const filter = either(0);
  if (at < tokens.length) throw fail('it ends before');
  return filter;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw invalidFilter(`The filter can't be read at ${text.slice(from, from + 30).trim()}.`);
    tokens.push(match[0].trimStart());
  }
  return tokens;
}

function valueOf(token: string): Comparison['value'] | undefined {
  if (!/^("|-?\d|(true|false|null)$)/i.test(token)) return undefined;
  try {
    const value = JSON.parse(token.startsWith('"') ? token : token.toLowerCase()) as Comparison['value'];
    return typeof value === 'string' && (value.includes('\0') || !value.isWellFormed()) ? undefined : value;
  } catch {
    return undefined;
  }
}
