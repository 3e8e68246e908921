import { sql, type Expression, type SqlBool } from 'kysely';
import type { Comparison, Filter, PropertyName } from './filter-parser.ts';
import { filterError, type Literal } from './filter-tokens.ts';
import { bindLiteral } from './filter-values.ts';
import { findProperty, type Property, type PropertyType, type Resource } from './resource.ts';

type Condition = Expression<SqlBool>;
type Properties = Readonly<Record<string, Property>>;

const ORDERED = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'in'] as const;
const OPERATORS: Record<PropertyType, readonly string[]> = {
  guid: ['eq', 'ne', 'in'],
  string: [...ORDERED, 'startswith'],
  boolean: ['eq', 'ne', 'in'],
  dateTime: ORDERED,
  integer: ORDERED,
  json: [],
};
const BY_FUNCTION = ['eq', 'ne', 'in'];
const SIGNS = { eq: sql`=`, gt: sql`>`, ge: sql`>=`, lt: sql`<`, le: sql`<=` };

/**
 * Turns a parsed filter into a condition over a resource's SQL. Two-valued, as OData is: a
 * comparison with null is false, so that not and ne find what has no value too.
 * @throws ApiError 400 that names the property or operator, and the position
 */
export function filterCondition(filter: Filter, resource: Resource): Condition {
  return translate(filter, resource.properties);
}

function translate(filter: Filter, properties: Properties): Condition {
  switch (filter.kind) {
    case 'and':
      return join(
        filter.terms.map((term) => translate(term, properties)),
        sql` and `,
      );
    case 'or':
      return join(
        filter.terms.map((term) => translate(term, properties)),
        sql` or `,
      );
    case 'not':
      return contrary(translate(filter.term, properties));
    case 'compare':
      return compare(find(properties, filter.property), filter.operator, filter.value);
    case 'in': {
      const found = find(properties, filter.property);
      return join(
        filter.values.map((value) => equal(found, 'in', value)),
        sql` or `,
      );
    }
    case 'startswith': {
      const found = find(properties, filter.property);
      requireOperator(found, 'startswith');
      // Unlike LIKE nothing needs escaping, and PostgreSQL 15 finds the range in an index on lower(…).
      return sql<SqlBool>`starts_with(lower(${found.property.sql}), lower(${filter.value.value}::text))`;
    }
    case 'any':
    case 'count':
      return translateCollection(filter, properties);
  }
}

function translateCollection(filter: Extract<Filter, { kind: 'any' | 'count' }>, properties: Properties): Condition {
  const { name, property, position } = find(properties, filter.property);
  if (!property.collection) throw filterError(`${name} is not a collection that can be filtered`, position);
  const { exists, elements } = property.collection;
  if (filter.kind === 'any')
    return exists(filter.condition ? translate(filter.condition, elements) : sql<SqlBool>`true`);
  const { operator, value } = filter;
  if (value.type === 'number' && value.value === 0) {
    if (operator === 'eq' || operator === 'le') return contrary(exists(sql<SqlBool>`true`));
    if (operator === 'ne' || operator === 'gt') return exists(sql<SqlBool>`true`);
  }
  throw filterError(`${name}/$count can be compared with eq 0 and ne 0 only`, position);
}

interface Found extends PropertyName {
  readonly property: Property;
}

function find(properties: Properties, { name, position }: PropertyName): Found {
  const found = findProperty(properties, name);
  if (!found)
    throw filterError(
      name === '' ? 'the element itself can not be compared here' : `unknown property ${name}`,
      position,
    );
  return { ...found, position };
}

function requireOperator({ name, property, position }: Found, operator: string): void {
  const allowed = typeof property.filter === 'function' ? BY_FUNCTION : property.filter ? OPERATORS[property.type] : [];
  if (allowed.includes(operator)) return;
  if (allowed.length > 0)
    throw filterError(`${operator} is not allowed on ${name}, which knows ${allowed.join(', ')}`, position);
  const how = property.collection ? ': it is a collection, see any() and /$count' : '';
  throw filterError(`${name} can not be filtered by${how}`, position);
}

function compare(found: Found, operator: Comparison, value: Literal): Condition {
  if (operator === 'eq') return equal(found, operator, value);
  if (operator === 'ne') return contrary(equal(found, operator, value));
  requireOperator(found, operator);
  if (value.type === 'null') throw filterError(`${operator} can not compare with null`, value.position);
  const bound = bindLiteral(found.name, found.property.type, value);
  return sql<SqlBool>`${comparable(found.property)} ${SIGNS[operator]} ${bound}`;
}

function equal(found: Found, operator: 'eq' | 'ne' | 'in', value: Literal): Condition {
  requireOperator(found, operator);
  const { property, name } = found;
  if (typeof property.filter === 'function') {
    if (value.type !== 'null') bindLiteral(name, property.type, value); // refuses a value of another type
    return sql<SqlBool>`(${property.filter(value.value)})`;
  }
  if (value.type === 'null') return sql<SqlBool>`${property.sql} is null`;
  return sql<SqlBool>`${comparable(property)} = ${bindLiteral(name, property.type, value)}`;
}

/** What is compared and sorted: strings without regard to case. */
export function comparable({ type, sql: value }: Property): Expression<unknown> {
  return type === 'string' ? sql`lower(${value})` : value;
}

/** True where a condition is false or unknown. */
function contrary(condition: Condition): Condition {
  return sql<SqlBool>`(${condition}) is not true`;
}

function join(conditions: readonly Condition[], word: ReturnType<typeof sql>): Condition {
  return sql<SqlBool>`(${sql.join(conditions, word)})`;
}
