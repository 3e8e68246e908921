import { isUtf8 } from 'node:buffer';
import secureJsonParse from 'secure-json-parse';
import { badRequest } from './errors.ts';

/** Nesting beyond this is an attack, not a request: the deepest body of the API has 6 levels. */
const DEPTH_MAX = 32;

/**
 * Parses a JSON body strictly: UTF-8 alone (RFC 8259), no duplicate key (of which parsers see
 * either), no __proto__, no NUL and no half of a surrogate pair (PostgreSQL can't store them), no
 * absurd depth.
 * @throws ApiError 400
 */
export function parseJsonBody(bytes: Buffer): unknown {
  // Decoding would put other characters in the place of what isn't UTF-8.
  if (!isUtf8(bytes)) throw badRequest('The body is not UTF-8.');
  const text = bytes.toString();
  if (text.trim() === '') return undefined;
  const shape = scan(text);
  if (shape.depth > DEPTH_MAX) throw badRequest(`The body is nested more than ${DEPTH_MAX} levels deep.`);
  let value: unknown;
  try {
    value = secureJsonParse.parse(text, undefined, { protoAction: 'error', constructorAction: 'error' });
  } catch (error) {
    throw badRequest(`The body is not valid JSON: ${withoutExcerpt((error as Error).message)}.`);
  }
  if (inspect(value, '') !== shape.keys) throw badRequest('The body has a property twice in one object.');
  return value;
}

/** `Unexpected token 'x', ..."word":xyz"... is not valid JSON`: what stands around it may be a secret. */
function withoutExcerpt(message: string): string {
  return message.replace(/, (?:\.\.\.)?".*$/s, '');
}

/** Counts the keys as written (colons outside strings), and the depth. */
function scan(text: string): { keys: number; depth: number } {
  let [keys, depth, depthMax] = [0, 0, 0];
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        for (at += 1; at < text.length && text.charCodeAt(at) !== 0x22; at += 1) {
          if (text.charCodeAt(at) === 0x5c) at += 1; // a backslash: what follows it can't end the string
        }
        break;
      case 0x3a: // :
        keys += 1;
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        if (depth > depthMax) depthMax = depth;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
        break;
    }
  }
  return { keys, depth: depthMax };
}

/** Counts the keys as parsed; refuses strings that can't be stored. */
function inspect(value: unknown, path: string): number {
  if (typeof value === 'string') {
    if (!isStorable(value))
      throw badRequest(
        `${path || 'The body'} has a character that can't be stored (NUL, or half of a surrogate pair).`,
      );
    return 0;
  }
  if (typeof value !== 'object' || value === null) return 0;
  let keys = 0;
  for (const [name, member] of Object.entries(value)) {
    keys += inspect(member, Array.isArray(value) ? `${path}[${name}]` : path ? `${path}.${name}` : name);
    if (!Array.isArray(value)) keys += 1;
  }
  return keys;
}

/** Whether PostgreSQL can keep a text as it is. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
