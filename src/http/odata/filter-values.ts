import { sql, type Expression } from 'kysely';
import { filterError, type Literal } from './filter-tokens.ts';
import type { PropertyType } from './resource.ts';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:Z|[+-](\d\d):(\d\d))?)?$/i;

/**
 * A filter's value as a parameter of a property's type. A GUID may stand in quotes, as Graph's ids do.
 * @throws ApiError 400 where the value is of another type, or can't be
 */
export function bindLiteral(name: string, type: PropertyType, literal: Literal): Expression<unknown> {
  const { value } = literal;
  switch (type) {
    case 'string':
      if (literal.type === 'string') return sql`lower(${value}::text)`;
      throw wrong(name, 'a text in quotes', literal);
    case 'guid':
      if ((literal.type === 'guid' || literal.type === 'string') && GUID.test(literal.value))
        return sql`${value}::uuid`;
      throw wrong(name, 'a GUID', literal);
    case 'boolean':
      if (literal.type === 'boolean') return sql`${value}::boolean`;
      throw wrong(name, 'true or false', literal);
    case 'integer':
      if (literal.type === 'number' && Number.isSafeInteger(value)) return sql`${value}::bigint`;
      throw wrong(name, 'a whole number', literal);
    case 'dateTime':
      if (literal.type === 'dateTime' && isDateTime(literal.value)) return sql`${inUtc(literal.value)}::timestamptz`;
      throw wrong(name, 'a date and time without quotes, such as 2026-12-31T23:59:59Z,', literal);
    case 'json':
      throw filterError(`${name} can not be filtered by`, literal.position);
  }
}

function wrong(name: string, needed: string, literal: Literal): Error {
  return filterError(`${name} needs ${needed} as its value`, literal.position);
}

/** Whether a date-time is on the calendar and the clock; PostgreSQL would fail on one that isn't. */
export function isDateTime(text: string): boolean {
  const parts = DATE_TIME.exec(text);
  if (!parts) return false;
  const [year, month, day, hour, minute, second, zoneHour, zoneMinute] = parts
    .slice(1)
    .map((part?: string) => Number(part ?? 0));
  const date = new Date(Date.UTC(2000, month! - 1, day));
  date.setUTCFullYear(year!, month! - 1, day);
  const isOnCalendar = year! >= 1 && date.getUTCMonth() === month! - 1 && date.getUTCDate() === day;
  return isOnCalendar && hour! < 24 && minute! < 60 && second! < 60 && zoneHour! <= 14 && zoneMinute! < 60;
}

/** A date alone begins at midnight UTC, whatever the database's own zone is. */
function inUtc(text: string): string {
  return /t/i.test(text) ? text : `${text}T00:00:00Z`;
}
