import { createHash } from 'node:crypto';
import { badRequest } from '../errors.ts';
import { isDateTime } from './filter-values.ts';
import type { OrderColumn, Place } from './order.ts';

/** Two names of 256 characters, four bytes each and escaped, and the rest. */
const TOKEN_LENGTH_MAX = 8_192;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * An opaque $skiptoken: the last row's place and a seal over it and the query that it belongs to.
 * @param query everything that decides which rows come in which order
 */
export function writeSkipToken(place: Place, query: string): string {
  return Buffer.from(JSON.stringify([seal(place, query), ...place])).toString('base64url');
}

/**
 * Reads a token of writeSkipToken back. The seal is no secret: it finds tokens that were cut,
 * altered or moved to another query. Whoever forges one gets another page of what they may read.
 * @throws ApiError 400
 */
export function readSkipToken(token: string, query: string, order: readonly OrderColumn[]): Place {
  const value = token.length <= TOKEN_LENGTH_MAX ? decode(token) : undefined;
  if (!Array.isArray(value)) throw invalidToken();
  const [given, ...place] = value as [unknown, ...Place];
  if (place.length !== order.length || !order.every((column, index) => fits(column, place[index])))
    throw invalidToken();
  if (given !== seal(place, query)) throw invalidToken();
  return place;
}

function decode(token: string): unknown {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.toString('base64url') !== token) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function fits({ property }: OrderColumn, value: unknown): boolean {
  if (value === null) return property.nullable === true;
  switch (property.type) {
    case 'guid':
      return typeof value === 'string' && GUID.test(value);
    case 'string':
      return typeof value === 'string' && !value.includes('\0');
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return Number.isSafeInteger(value);
    case 'dateTime':
      return typeof value === 'string' && isDateTime(value);
    case 'json':
      return false;
  }
}

function seal(place: Place, query: string): string {
  return createHash('sha256')
    .update(JSON.stringify([query, place]))
    .digest('base64url')
    .slice(0, 22);
}

function invalidToken(): Error {
  return badRequest(
    '$skiptoken is malformed, or belongs to another query. Follow @odata.nextLink as it is, or begin again without it.',
  );
}
