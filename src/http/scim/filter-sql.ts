import { sql, type Expression, type SqlBool } from 'kysely';
import { invalidFilter } from './scim-error.ts';
import type { Comparison, Filter } from './filter-parser.ts';

type Condition = Expression<SqlBool>;

/** What a filter may ask of an attribute. */
export type Filterable =
  | { readonly type: 'text' | 'exact' | 'guid' | 'boolean' | 'time'; readonly sql: Expression<unknown> }
  | { readonly type: 'member'; readonly has: (id: string) => Condition };

/** By path, in lower case. A value of one type stands as emails[type eq "work"].value. */
export type Filterables = Readonly<Record<string, Filterable>>;

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * A filter as a condition of SQL; what is compared travels as parameters.
 * @throws ScimError invalidFilter where it asks what can't be asked
 */
export function conditionOf(filter: Filter, attributes: Filterables): Condition {
  switch (filter.kind) {
    case 'not':
      return sql`(not coalesce(${conditionOf(filter.part, attributes)}, false))`;
    case 'within':
      throw invalidFilter(`${filter.path}[…] can't be asked for like this.`);
    case 'comparison':
      return compare(filter, filter.path, attributes);
    case 'and': {
      const [first, second] = filter.parts;
      if (first?.kind === 'within' && first.of !== undefined && second?.kind === 'comparison')
        return compare(second, typedPath(first, first.of), attributes);
      return join(
        filter.parts.map((part) => within(part, attributes)),
        sql` and `,
      );
    }
    case 'or':
      return join(
        filter.parts.map((part) => within(part, attributes)),
        sql` or `,
      );
  }
}

function within(part: Filter, attributes: Filterables): Condition {
  return conditionOfRoot(part, attributes);
}

/** The same, where `members[value eq "…"]` and `emails[type eq "work" and value eq "…"]` stand alone. */
export function conditionOfRoot(filter: Filter, attributes: Filterables): Condition {
  if (filter.kind !== 'within') return conditionOf(filter, attributes);
  const { path, part } = filter;
  const parts = part.kind === 'and' ? part.parts : [part];
  const type = parts.find((one) => one.kind === 'comparison' && one.path === 'type' && one.operator === 'eq');
  const others = parts.filter((one) => one !== type);
  const prefix = type ? typedPath({ path, part: type }, undefined) : path;
  return join(
    others.map((one) => {
      if (one.kind !== 'comparison') throw invalidFilter(`${path}[…] can't be asked for like this.`);
      return compare(one, `${prefix}.${one.path}`, attributes);
    }),
    sql` and `,
  );
}

function typedPath({ path, part }: { path: string; part: Filter }, of: string | undefined): string {
  if (part.kind !== 'comparison' || part.path !== 'type' || part.operator !== 'eq')
    throw invalidFilter(`${path}[…] is asked for by its type alone: ${path}[type eq "work"].`);
  const typed = `${path}[${String(part.value).toLowerCase()}]`;
  return of === undefined ? typed : `${typed}.${of}`;
}

function join(conditions: readonly Condition[], by: ReturnType<typeof sql>): Condition {
  if (conditions.length === 0) throw invalidFilter('The filter asks for nothing.');
  return sql`(${sql.join(conditions, by)})`;
}

function compare({ operator, value }: Comparison, path: string, attributes: Filterables): Condition {
  const attribute = Object.hasOwn(attributes, path) ? attributes[path] : undefined;
  if (!attribute) throw invalidFilter(`${path} is nothing that can be filtered by.`);
  const wrong = () => invalidFilter(`${path} ${operator} ${JSON.stringify(value)} can't be asked.`);
  if (attribute.type === 'member') {
    if (operator !== 'eq' || typeof value !== 'string') throw wrong();
    return GUID.test(value) ? attribute.has(value) : sql`false`;
  }
  const column = attribute.sql;
  if (operator === 'pr')
    return attribute.type === 'text' || attribute.type === 'exact'
      ? sql`(${column} <> '')`
      : sql`(${column} is not null)`;
  if (value === null) {
    if (operator === 'eq') return sql`(${column} is null)`;
    if (operator === 'ne') return sql`(${column} is not null)`;
    throw wrong();
  }
  if (attribute.type === 'boolean') {
    const isOn = /^(true|false)$/i.test(String(value)) ? String(value).toLowerCase() === 'true' : undefined;
    if (isOn === undefined || !['eq', 'ne'].includes(operator)) throw wrong();
    return sql`(${column} = ${operator === 'eq' ? isOn : !isOn})`;
  }
  if (typeof value !== 'string') throw wrong();
  if (attribute.type === 'guid') {
    if (!['eq', 'ne'].includes(operator)) throw wrong();
    if (!GUID.test(value)) return operator === 'eq' ? sql`false` : sql`true`;
    return operator === 'eq' ? sql`(${column} = ${value}::uuid)` : sql`(${column} <> ${value}::uuid)`;
  }
  if (attribute.type === 'time') {
    const comparator = { eq: '=', ne: '<>', gt: '>', ge: '>=', lt: '<', le: '<=' }[operator];
    if (!comparator || Number.isNaN(Date.parse(value))) throw wrong();
    return sql`(${column} ${sql.raw(comparator)} ${new Date(value)})`;
  }
  const [left, right] =
    attribute.type === 'exact' ? [column, sql`${value}::text`] : [sql`lower(${column})`, sql`lower(${value}::text)`];
  switch (operator) {
    case 'eq':
      return sql`(${left} = ${right})`;
    case 'ne':
      return sql`(${left} is distinct from ${right})`;
    case 'co':
      return sql`(strpos(${left}, ${right}) > 0)`;
    case 'sw':
      return sql`starts_with(${left}, ${right})`;
    case 'ew':
      return sql`(right(${left}, length(${right})) = ${right})`;
    default:
      throw wrong();
  }
}
