import { badRequest } from '../errors.ts';
import { isDateTime } from './filter-values.ts';
import type { OrderColumn, Place } from './order.ts';
import { readSealed, writeSealed } from './sealed-token.ts';

/** Two names of 256 characters, four bytes each and escaped, and the rest. */
const TOKEN_LENGTH_MAX = 8_192;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * An opaque $skiptoken: the last row's place, for the query that it belongs to.
 * @param query everything that decides which rows come in which order
 */
export function writeSkipToken(place: Place, query: string): string {
  return writeSealed(place, query);
}

/**
 * Reads a token of writeSkipToken back.
 * @throws ApiError 400
 */
export function readSkipToken(token: string, query: string, order: readonly OrderColumn[]): Place {
  const place = readSealed(token, query, TOKEN_LENGTH_MAX);
  if (place?.length !== order.length || !order.every((column, index) => fits(column, place[index])))
    throw invalidToken();
  return place as Place;
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

function invalidToken(): Error {
  return badRequest(
    '$skiptoken is malformed, or belongs to another query. Follow @odata.nextLink as it is, or begin again without it.',
  );
}
