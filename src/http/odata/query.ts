import type { Expression, SqlBool } from 'kysely';
import { badRequest } from '../errors.ts';
import { parseExpand, type Expanded } from './expand.ts';
import { namesIn, parseFilter } from './filter-parser.ts';
import { parseOrder, type OrderColumn, type Place } from './order.ts';
import { filterCondition } from './resource-filter.ts';
import { findProperty, type Resource } from './resource.ts';
import { searchCondition } from './search.ts';
import { readSkipToken } from './skip-token.ts';

const TOP_DEFAULT = 100;
const TOP_MAX = 999;
const LIST_OPTIONS = ['$top', '$select', '$filter', '$search', '$orderby', '$count', '$skiptoken'];
const COUNT_OPTIONS = ['$filter', '$search'];

/** The options of a request as they came, and the path that they came on. */
export interface RawQuery {
  readonly options: Readonly<Record<string, string>>;
  /** Without the query: /v1.0/users */
  readonly path: string;
}

/** What one thing is to show. */
export interface EntityQuery {
  readonly resource: Resource;
  /** The properties that $select names; undefined: the default ones. */
  readonly select: readonly string[] | undefined;
  /** What $expand names. */
  readonly expanded?: readonly Expanded[];
}

/** What a page of a collection is to hold. */
export interface ListQuery extends EntityQuery {
  readonly raw: RawQuery;
  readonly top: number;
  readonly conditions: readonly Expression<SqlBool>[];
  readonly order: readonly OrderColumn[];
  /**
   * There is a $search. PostgreSQL takes any word's beginning to be in 2 % of all rows, and would
   * go along the order's index looking at each: it must find the words by theirs, and sort.
   */
  readonly isSearched: boolean;
  readonly isCounted: boolean;
  /** The place of the last row of the page before. */
  readonly after: Place | undefined;
  /** All of the query that decides which rows come in which order: a $skiptoken holds for it alone. */
  readonly identity: string;
}

/** The raw query of a Fastify request. Options twice have been refused before (server.ts). */
export function rawQuery(request: { readonly url: string; readonly query: unknown }): RawQuery {
  return { options: { ...(request.query as Record<string, string>) }, path: request.url.split('?', 1)[0]! };
}

/**
 * Reads the options of a list against its resource. Nothing is ignored: an option that isn't
 * known is refused, and so is a part of one that isn't understood.
 * @param allowed the options of the route's own, read by itself: period, $format
 * @throws ApiError 400 that names the option, and what is wrong with it
 */
export function parseListQuery(raw: RawQuery, resource: Resource, allowed: readonly string[] = []): ListQuery {
  const { options } = raw;
  refuseUnknown(options, [...LIST_OPTIONS, ...expandOption(resource), ...allowed]);
  const order = parseOrder(options['$orderby'], resource);
  const deciding = ['$filter', '$search', '$orderby', ...allowed].map((name) => options[name] ?? null);
  const identity = JSON.stringify([raw.path, ...deciding]);
  const token = options['$skiptoken'];
  return {
    raw,
    resource,
    top: parseTop(options['$top']),
    select: parseSelect(options['$select'], resource),
    expanded: parseExpand(options['$expand'], resource),
    conditions: parseConditions(options, resource),
    order,
    isSearched: options['$search'] !== undefined,
    isCounted: parseCount(options['$count']),
    after: token === undefined ? undefined : readSkipToken(token, identity, order),
    identity,
  };
}

/**
 * Reads the options of a collection's /$count: $filter and $search.
 * @throws ApiError 400
 */
export function parseCountQuery(raw: RawQuery, resource: Resource): readonly Expression<SqlBool>[] {
  refuseUnknown(raw.options, COUNT_OPTIONS);
  return parseConditions(raw.options, resource);
}

/** Whether what a query's conditions look at are these properties alone; where there is none, it is so. */
export function filtersOnly({ options }: RawQuery, { properties }: Resource, names: readonly string[]): boolean {
  const { $filter: filter, $search: search } = options;
  if (search !== undefined) return false;
  const named = filter === undefined ? [] : namesIn(parseFilter(filter));
  return named.every((name) => names.includes(findProperty(properties, name)?.name ?? name));
}

/**
 * Reads the options of one thing: $select, and $expand where there is something to.
 * @throws ApiError 400
 */
export function parseEntityQuery(raw: RawQuery, resource: Resource, allowed: readonly string[] = []): EntityQuery {
  refuseUnknown(raw.options, ['$select', ...expandOption(resource), ...allowed]);
  const { $select: select, $expand: expand } = raw.options;
  return { resource, select: parseSelect(select, resource), expanded: parseExpand(expand, resource) };
}

/**
 * For routes that take no query options but their own.
 * @throws ApiError 400 that names one
 */
export function refuseOptions(raw: RawQuery, allowed: readonly string[] = []): void {
  refuseUnknown(raw.options, allowed);
}

/**
 * What a delta query is asked with: all of it in its first request, or where it was, in a link.
 * @param expandable what $expand may name, and $select too
 * @throws ApiError 400
 */
export function parseDeltaQuery(
  { options }: RawQuery,
  resource: Resource,
  expandable?: string,
): { readonly link: 'page' | 'delta'; readonly token: string } | DeltaStart {
  const asked = ['$select', '$top', ...(expandable ? ['$expand'] : [])];
  refuseUnknown(options, [...asked, '$skiptoken', '$deltatoken']);
  const { $skiptoken: page, $deltatoken: delta } = options;
  if (page !== undefined || (delta && delta !== 'latest')) {
    const other = Object.keys(options).find((name) => name !== (page === undefined ? '$deltatoken' : '$skiptoken'));
    if (other !== undefined) throw badRequest(`${other} can not be given here: the link says it already.`);
    return page === undefined ? { link: 'delta', token: delta! } : { link: 'page', token: page };
  }
  const { $expand: expand, $select: select } = options;
  if (expand !== undefined && expand !== expandable) throw badRequest(`$expand: only ${expandable} can be expanded.`);
  const selected = parseSelect(select, resource);
  return {
    top: parseTop(options['$top']),
    select: expand !== undefined && selected ? [...new Set([...selected, expand])] : selected,
    isFromNow: delta === 'latest',
  };
}

/** A delta query's first request. */
export interface DeltaStart extends Pick<ListQuery, 'top' | 'select'> {
  /** Nothing is to be listed, only what changes from now on. */
  readonly isFromNow: boolean;
}

function refuseUnknown(options: RawQuery['options'], known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const what = known.length > 0 ? `one of ${known.join(', ')}` : 'a query option: there are none here';
  throw badRequest(`The query option ${unknown} is not ${what}.`);
}

function expandOption({ expand }: Resource): string[] {
  return expand ? ['$expand'] : [];
}

function parseConditions(options: RawQuery['options'], resource: Resource): Expression<SqlBool>[] {
  const { $filter: filter, $search: search } = options;
  return [
    ...(filter === undefined ? [] : [filterCondition(parseFilter(filter), resource)]),
    ...(search === undefined ? [] : [searchCondition(search, resource)]),
  ];
}

function parseTop(text: string | undefined): number {
  if (text === undefined) return TOP_DEFAULT;
  const top = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (top < 1 || top > TOP_MAX) throw badRequest(`$top must be a whole number from 1 to ${TOP_MAX}.`);
  return top;
}

function parseCount(text: string | undefined): boolean {
  if (text !== undefined && text !== 'true' && text !== 'false') throw badRequest('$count must be true or false.');
  return text === 'true';
}

/**
 * Reads $select.
 * @throws ApiError 400 that names a property that there isn't
 */
export function parseSelect(text: string | undefined, resource: Resource): string[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(',').map((part) => {
    const found = findProperty(resource.properties, part.trim());
    if (!found)
      throw badRequest(part.trim() ? `$select: unknown property ${part.trim()}.` : '$select has an empty name.');
    return found.name;
  });
  return [...new Set(names)];
}
