import { Type, type TSchema } from 'typebox';
import { sql, type Expression, type SelectQueryBuilder, type SqlBool } from 'kysely';
import { afterPlace, orderSql, placeSql, type Place } from './order.ts';
import type { EntityQuery, ListQuery } from './query.ts';
import type { Property } from './resource.ts';
import { writeSkipToken } from './skip-token.ts';

/** A statement that reads from the resource's tables, of this tenant alone, and selects nothing yet. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- kysely's own word for a selection of nothing
export type From<DB, TB extends keyof DB> = SelectQueryBuilder<DB, TB, {}>;

/**
 * A thing as it is answered, by the names on the wire. Which of them are there is decided by
 * $select when the request comes: no type can say, and routes declare their answers with answered().
 */
export type Entity = Record<string, unknown>;

/** A route's response schema for a page or an entity: for the OpenAPI document, and unchecked by the compiler. */
export function answered(schema: TSchema) {
  return Type.Unsafe<object>(schema);
}

/** A page as it is answered. */
export interface Page {
  '@odata.context': string;
  '@odata.count'?: number;
  '@odata.nextLink'?: string;
  value: Entity[];
}

/**
 * Reads one page of a list, with its count where that was asked for, and the link to the next where there is one.
 * @param count where there is a quicker way to count than to look at every row
 */
export async function readPage<DB, TB extends keyof DB>(
  from: From<DB, TB>,
  list: ListQuery,
  baseUrl: string,
  count = () => readCount(from, list.conditions),
): Promise<Page> {
  // One more than asked for tells whether there is a next page.
  const rows = await readRows(from, list, list.after, list.top + 1);
  const shown = rows.slice(0, list.top);
  return {
    '@odata.context': contextUrl(list, baseUrl),
    ...(list.isCounted && { '@odata.count': await count() }),
    ...(rows.length > shown.length && { '@odata.nextLink': nextLink(list, shown.at(-1)!.place, baseUrl) }),
    value: shown.map(({ entity }) => entity),
  };
}

/** Reads a list to its end in chunks, for an answer without pages (a CSV). */
export async function* readAll<DB, TB extends keyof DB>(
  from: From<DB, TB>,
  list: ListQuery,
  chunk = 1_000,
): AsyncGenerator<Entity[]> {
  for (let after = list.after; ;) {
    const rows = await readRows(from, list, after, chunk);
    if (rows.length > 0) yield rows.map(({ entity }) => entity);
    if (rows.length < chunk) return;
    after = rows.at(-1)!.place;
  }
}

/** How many there are under some conditions (parseCountQuery). */
export async function readCount<DB, TB extends keyof DB>(
  from: From<DB, TB>,
  conditions: readonly Expression<SqlBool>[],
): Promise<number> {
  const row = await restrict(from, conditions)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow();
  return (row as { count: number }).count;
}

/** Reads one thing; undefined where the statement finds none. */
export async function readEntity<DB, TB extends keyof DB>(
  from: From<DB, TB>,
  query: EntityQuery,
  baseUrl: string,
): Promise<Entity | undefined> {
  const shown = shownProperties(query);
  const row = (await from.select(columnsOf(shown)).limit(1).executeTakeFirst()) as Entity | undefined;
  return row && { '@odata.context': `${contextUrl(query, baseUrl)}/$entity`, ...present(row, shown) };
}

/** Rows of a list from a place on, each with its own place. */
export async function readRows<DB, TB extends keyof DB>(
  from: From<DB, TB>,
  list: ListQuery,
  after: Place | undefined,
  limit: number,
) {
  const { order, conditions } = list;
  const shown = shownProperties(list);
  const rows = await restrict(from, after ? [...conditions, afterPlace(order, after)] : conditions)
    .select([...columnsOf(shown), ...order.map((column, index) => sql`${placeSql(column)}`.as(placeAlias(index)))])
    .orderBy(sql`${sql.join(orderSql(order, list.isSearched))}`)
    .limit(limit)
    .execute();
  return (rows as Entity[]).map((row) => ({
    entity: present(row, shown),
    place: order.map((_, index) => row[placeAlias(index)]) as unknown as Place,
  }));
}

function placeAlias(index: number): string {
  return `place ${index}`; // no property's name has a space
}

function restrict<DB, TB extends keyof DB>(
  from: From<DB, TB>,
  conditions: readonly Expression<SqlBool>[],
): From<DB, TB> {
  return conditions.reduce((query, condition) => query.where(condition), from);
}

function shownProperties({ resource, select, expanded = [] }: EntityQuery): [string, Property][] {
  const own = Object.entries(resource.properties).filter(
    ([name, { always, onlySelected }]) => always || (select ? select.includes(name) : !onlySelected),
  );
  return [...own, ...expanded.map(({ name, property }): [string, Property] => [name, property])];
}

function columnsOf(shown: readonly [string, Property][]) {
  return shown.map(([name, property]) => sql`${property.sql}`.as(name));
}

function present(row: Entity, shown: readonly [string, Property][]): Entity {
  return Object.fromEntries(
    shown.map(([name, property]) => [name, property.present ? property.present(row[name]) : row[name]]),
  );
}

/** As Graph: …/$metadata#users(id,displayName,memberOf()) */
export function contextUrl({ resource, select = [], expanded = [] }: EntityQuery, baseUrl: string): string {
  const named = [...select, ...expanded.map(({ name }) => `${name}()`)];
  return `${baseUrl}/v1.0/$metadata#${resource.name}${named.length > 0 ? `(${named.join(',')})` : ''}`;
}

function nextLink({ raw, identity }: ListQuery, place: Place, baseUrl: string): string {
  const options = { ...raw.options, $skiptoken: writeSkipToken(place, identity) };
  const query = Object.entries(options).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${baseUrl}${raw.path}?${query.join('&')}`;
}
