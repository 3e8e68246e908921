import { sql, type Expression, type SqlBool } from 'kysely';
import { badRequest, type ApiError } from '../errors.ts';
import { findProperty, type Resource } from './resource.ts';

type Condition = Expression<SqlBool>;

/** What a person types is far shorter; and PostgreSQL searches no word of more than 2,046 bytes. */
const SEARCH_LENGTH_MAX = 500;
const SEARCH_TEXTS_MAX = 20;
const SEARCH_DEPTH_MAX = 10;
const TOKEN = /\s*(?:(AND|OR|NOT)\b|([()])|"((?:[^"\\]|\\["\\])*)")/y;

/**
 * Turns Graph's $search into a condition: "displayName:x", "x", with AND, OR, NOT and parentheses.
 * Texts that stand next to each other must both be found.
 * @throws ApiError 400 that says what isn't understood, and at which position
 */
export function searchCondition(text: string, resource: Resource): Condition {
  if (!resource.search) throw badRequest(`$search is not supported on ${resource.name}.`);
  if (text.length > SEARCH_LENGTH_MAX)
    throw badRequest(`$search has ${text.length} characters; at most ${SEARCH_LENGTH_MAX} are allowed.`);
  const tokens = tokenize(text);
  let at = 0;
  let depth = 0;

  const take = (...kinds: string[]) => kinds.includes(tokens[at]!.kind) && Boolean(++at);
  const chain = (next: () => Condition, goesOn: () => boolean, word: 'and' | 'or'): Condition => {
    const terms = [next()];
    while (goesOn()) terms.push(next());
    return terms.length === 1 ? terms[0]! : sql<SqlBool>`(${sql.join(terms, word === 'and' ? sql` and ` : sql` or `)})`;
  };
  const either = (): Condition => chain(both, () => take('OR'), 'or');
  const both = (): Condition => chain(one, () => take('AND') || ['text', '(', 'NOT'].includes(tokens[at]!.kind), 'and');
  const one = (): Condition => {
    const token = tokens[at++]!;
    if (token.kind === 'text') return find(token, resource);
    if (token.kind !== 'NOT' && token.kind !== '(')
      throw searchError('expected a text in double quotes', token.position);
    depth += 1;
    if (depth > SEARCH_DEPTH_MAX) throw searchError(`nested more than ${SEARCH_DEPTH_MAX} levels deep`, token.position);
    const inner = token.kind === 'NOT' ? sql<SqlBool>`(${one()}) is not true` : either();
    if (token.kind === '(' && !take(')')) throw searchError('expected )', tokens[at]!.position);
    depth -= 1;
    return inner;
  };

  const condition = either();
  if (tokens[at]!.kind !== 'end') throw searchError('expected AND, OR or the end', tokens[at]!.position);
  return condition;
}

interface SearchToken {
  readonly kind: 'AND' | 'OR' | 'NOT' | '(' | ')' | 'text' | 'end';
  readonly text: string;
  readonly position: number;
}

function tokenize(text: string): SearchToken[] {
  const end = text.trimEnd().length;
  const tokens: SearchToken[] = [];
  for (let at = 0; at < end; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (!found) throw searchError('expected a text in double quotes, AND, OR or NOT', at);
    const [, word, parenthesis, quoted] = found;
    const kind = (word ?? parenthesis ?? 'text') as SearchToken['kind'];
    tokens.push({ kind, text: (quoted ?? '').replaceAll(/\\(.)/g, '$1'), position: at });
  }
  if (tokens.filter(({ kind }) => kind === 'text').length > SEARCH_TEXTS_MAX) {
    throw badRequest(`$search has more than ${SEARCH_TEXTS_MAX} texts.`);
  }
  tokens.push({ kind: 'end', text: '', position: end });
  return tokens;
}

/** "displayName:al": a property and a text. A colon after what is no property belongs to the text. */
function find({ text, position }: SearchToken, { search = {}, properties, name }: Resource): Condition {
  const colon = text.indexOf(':');
  const property = colon > 0 ? findProperty(search, text.slice(0, colon).trim()) : undefined;
  if (property) return inParentheses(property.property(searched(text.slice(colon + 1), position)));
  if (colon > 0 && findProperty(properties, text.slice(0, colon).trim())) {
    const known = Object.keys(search).filter(Boolean);
    const instead = known.length > 0 ? `only ${known.join(', ')}` : 'only all of it, by a text without a property';
    throw searchError(`${text.slice(0, colon)} can not be searched, ${instead}`, position);
  }
  const plain = search[''];
  if (!plain) throw searchError(`${name} needs "property:text"`, position);
  return inParentheses(plain(searched(text, position)));
}

function searched(text: string, position: number): string {
  if (text.trim() === '') throw searchError('there is nothing to search for', position);
  return text.trim();
}

function inParentheses(condition: Condition): Condition {
  return sql<SqlBool>`(${condition})`;
}

function searchError(message: string, position: number): ApiError {
  return badRequest(`Invalid $search: ${message} at position ${position}.`);
}
