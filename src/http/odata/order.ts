import { sql, type Expression, type SqlBool } from 'kysely';
import { badRequest } from '../errors.ts';
import { comparable } from './resource-filter.ts';
import { findProperty, type Property, type Resource } from './resource.ts';

/** One column of an order: the value that a row is placed by. */
export interface OrderColumn {
  readonly name: string;
  readonly property: Property;
  readonly isDescending: boolean;
}

/** A row's place in an order, as it travels in $skiptoken: date-times as RFC 3339, in the order's columns. */
export type Place = readonly (string | number | boolean | null)[];

const ORDER_COLUMNS_MAX = 5;
const CASTS = {
  guid: sql`uuid`,
  string: sql`text`,
  boolean: sql`boolean`,
  dateTime: sql`timestamptz`,
  integer: sql`bigint`,
};

/**
 * Reads "displayName desc,createdDateTime"; the resource's key comes last, so that the order is total.
 * @throws ApiError 400 for what isn't a property that can be sorted by
 */
export function parseOrder(text: string | undefined, resource: Resource): readonly OrderColumn[] {
  const parts = (text ?? resource.defaultOrder).split(',');
  if (parts.length > ORDER_COLUMNS_MAX) throw badRequest(`$orderby has more than ${ORDER_COLUMNS_MAX} properties.`);
  const columns = parts.map((part) => parseColumn(part, resource, text !== undefined));
  const names = columns.map(({ name }) => name);
  if (new Set(names).size < names.length) throw badRequest('$orderby names a property twice.');
  if (names.includes(resource.key)) return columns;
  // In the last column's direction: PostgreSQL then reads one index forwards or backwards.
  const { isDescending } = columns.at(-1)!;
  return [...columns, { name: resource.key, property: resource.properties[resource.key]!, isDescending }];
}

function parseColumn(part: string, resource: Resource, isGiven: boolean): OrderColumn {
  const form = /^\s*([^\s]+)(?:\s+(asc|desc))?\s*$/i.exec(part);
  if (!form) throw badRequest(`$orderby: "${part.trim()}" is not of the form "property asc" or "property desc".`);
  const found = findProperty(resource.properties, form[1]!);
  if (!found) throw badRequest(`$orderby: unknown property ${form[1]}.`);
  if (isGiven && !found.property.sort) throw badRequest(`$orderby: ${found.name} can not be sorted by.`);
  return { ...found, isDescending: form[2]?.toLowerCase() === 'desc' };
}

/**
 * The order as SQL; null comes first, and last where descending.
 * @param isHidden true keeps PostgreSQL from reading along an index in this order
 */
export function orderSql(order: readonly OrderColumn[], isHidden: boolean): Expression<unknown>[] {
  return order.map(({ property, isDescending }) => {
    const plain = comparable(property);
    const value = isHidden ? sql`coalesce(${plain}, ${plain})` : plain;
    if (!property.nullable) return isDescending ? sql`${value} desc` : sql`${value}`;
    return isDescending ? sql`${value} desc nulls last` : sql`${value} nulls first`;
  });
}

/** What a row is placed by, to be read with it. Date-times as text, to lose nothing. */
export function placeSql({ property }: OrderColumn): Expression<unknown> {
  const value = comparable(property);
  if (property.type !== 'dateTime') return value;
  return sql`to_char(${value} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** The condition for a row to come after a place. */
export function afterPlace(order: readonly OrderColumn[], place: Place): Expression<SqlBool> {
  const isOneWay = order.every(
    ({ property, isDescending }) => !property.nullable && isDescending === order[0]!.isDescending,
  );
  if (isOneWay) {
    // A row comparison, which an index in this order answers by itself.
    const columns = sql.join(order.map(({ property }) => comparable(property)));
    const values = sql.join(order.map((column, index) => placed(column, place[index]!)));
    return order[0]!.isDescending ? sql<SqlBool>`(${columns}) < (${values})` : sql<SqlBool>`(${columns}) > (${values})`;
  }
  return afterFrom(order, place, 0);
}

function afterFrom(order: readonly OrderColumn[], place: Place, index: number): Expression<SqlBool> {
  const column = order[index];
  if (!column) return sql<SqlBool>`false`;
  const later = laterThan(column, place[index]!);
  const same = place[index] === null ? sql`is null` : sql`= ${placed(column, place[index]!)}`;
  return sql<SqlBool>`(${later} or (${comparable(column.property)} ${same} and ${afterFrom(order, place, index + 1)}))`;
}

function laterThan(column: OrderColumn, value: Place[number]): Expression<SqlBool> {
  const { property, isDescending } = column;
  const mine = comparable(property);
  if (value === null) return isDescending ? sql<SqlBool>`false` : sql<SqlBool>`${mine} is not null`;
  const bound = placed(column, value);
  if (!isDescending) return sql<SqlBool>`${mine} > ${bound}`;
  return property.nullable ? sql<SqlBool>`(${mine} < ${bound} or ${mine} is null)` : sql<SqlBool>`${mine} < ${bound}`;
}

function placed({ property }: OrderColumn, value: Place[number]): Expression<unknown> {
  return sql`${value}::${CASTS[property.type as keyof typeof CASTS]}`;
}
