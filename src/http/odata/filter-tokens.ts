import { badRequest, type ApiError } from '../errors.ts';

/** A $filter longer than this is an attack or a mistake: Graph's clients put at most some hundred GUIDs in one. */
export const FILTER_LENGTH_MAX = 4_000;

/** A value as written in a filter. Date-times stay text, so that no digit of a second is lost on the way to SQL. */
export type Literal =
  | { readonly type: 'string' | 'guid' | 'dateTime'; readonly value: string; readonly position: number }
  | { readonly type: 'number'; readonly value: number; readonly position: number }
  | { readonly type: 'boolean'; readonly value: boolean; readonly position: number }
  | { readonly type: 'null'; readonly value: null; readonly position: number };

export type Token =
  | { readonly kind: 'literal'; readonly literal: Literal; readonly text: string; readonly position: number }
  | { readonly kind: 'name' | 'sign' | 'end'; readonly text: string; readonly position: number };

// The order matters: a GUID may begin like a number, a date-time always does.
const LITERALS = [
  { type: 'guid', form: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-])/iy },
  { type: 'dateTime', form: /\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:Z|[+-]\d\d:\d\d))?(?![\w:.-])/iy },
  { type: 'number', form: /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w:.-])/iy },
] as const;
const NAME = /[\p{L}_@][\p{L}\p{N}_@.]*/uy;
const COUNT = /\$count(?!\w)/y;
const SPACE = /[ \t]+/y;
const SIGNS = '(),/:';

/**
 * Cuts a $filter into tokens; positions count characters from 0.
 * @throws ApiError 400 that tells the position
 */
export function tokenizeFilter(text: string): Token[] {
  if (text.length > FILTER_LENGTH_MAX) {
    throw badRequest(
      `Invalid filter clause: it has ${text.length} characters; at most ${FILTER_LENGTH_MAX} are allowed.`,
    );
  }
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += match(SPACE, text, at)?.length ?? 0;
    if (at >= text.length) break;
    const token = readToken(text, at);
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ kind: 'end', text: '', position: text.length });
  return tokens;
}

/** A 400 that says what is wrong with a filter, and where. */
export function filterError(message: string, position: number): ApiError {
  return badRequest(`Invalid filter clause: ${message} at position ${position}.`);
}

function readToken(text: string, position: number): Token {
  if (text[position] === "'") return readString(text, position);
  for (const { type, form } of LITERALS) {
    const found = match(form, text, position);
    if (found === undefined) continue;
    const literal: Literal =
      type === 'number' ? { type, value: Number(found), position } : { type, value: found, position };
    return { kind: 'literal', literal, text: found, position };
  }
  const name = match(COUNT, text, position) ?? match(NAME, text, position);
  if (name !== undefined) return wordToken(name, position);
  if (SIGNS.includes(text[position]!)) return { kind: 'sign', text: text[position]!, position };
  throw filterError(
    `unexpected character ${JSON.stringify(String.fromCodePoint(text.codePointAt(position)!))}`,
    position,
  );
}

function wordToken(name: string, position: number): Token {
  switch (name) {
    case 'true':
    case 'false':
      return { kind: 'literal', literal: { type: 'boolean', value: name === 'true', position }, text: name, position };
    case 'null':
      return { kind: 'literal', literal: { type: 'null', value: null, position }, text: name, position };
    default:
      return { kind: 'name', text: name, position };
  }
}

/** 'it''s': a quote inside is doubled. */
function readString(text: string, position: number): Token {
  let end = position + 1;
  for (;;) {
    end = text.indexOf("'", end);
    if (end < 0) throw filterError('the text that begins with a quote is not closed', position);
    if (text[end + 1] !== "'") break;
    end += 2;
  }
  const value = text.slice(position + 1, end).replaceAll("''", "'");
  return {
    kind: 'literal',
    literal: { type: 'string', value, position },
    text: text.slice(position, end + 1),
    position,
  };
}

function match(form: RegExp, text: string, at: number): string | undefined {
  form.lastIndex = at;
  return form.exec(text)?.[0];
}
