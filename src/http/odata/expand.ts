import { sql, type Expression } from 'kysely';
import { badRequest } from '../errors.ts';
import type { Entity } from './page.ts';
import { parseSelect } from './query.ts';
import { findProperty, type Property, type Resource } from './resource.ts';

/** Graph answers no more of what is expanded; all of it is at an address of its own. */
export const EXPANDED_MAX = 20;

/** What $expand answers beside a thing's own properties. */
export interface Expansion {
  /** What one of it is, over the tables of `from`. */
  readonly resource: Resource;
  /** The rows that belong to a row of the outer statement, EXPANDED_MAX at most: what stands behind FROM. */
  readonly from: Expression<unknown>;
  /** Takes away what doesn't belong to its type. */
  readonly own?: (entity: Entity, select: readonly string[] | undefined) => Entity;
}

/** Something expanded, as a page selects and shows it. */
export interface Expanded {
  readonly name: string;
  readonly property: Property;
}

/**
 * Reads $expand: members, or members($select=id,displayName).
 * @throws ApiError 400 that says what can't be expanded, or isn't understood
 */
export function parseExpand(text: string | undefined, resource: Resource): readonly Expanded[] {
  if (text === undefined) return [];
  const { expand = {} } = resource;
  const expanded = text.split(/,(?![^(]*\))/).map((part) => {
    const form = /^\s*([\w.]+)\s*(?:\((.*)\))?\s*$/.exec(part);
    const found = form && findProperty(expand, form[1]!);
    if (!found)
      throw badRequest(
        `$expand: ${part.trim() || 'nothing'} can not be expanded; only ${Object.keys(expand).join(', ')}.`,
      );
    const select = form[2] === undefined ? undefined : selectWithin(form[2], found.name, found.property.resource);
    return { name: found.name, property: propertyOf(found.property, select) };
  });
  const names = expanded.map(({ name }) => name);
  if (new Set(names).size < names.length) throw badRequest('$expand names a property twice.');
  return expanded;
}

function selectWithin(text: string, name: string, resource: Resource): readonly string[] {
  const select = /^\s*\$select\s*=([^;]*)$/i.exec(text);
  if (!select) throw badRequest(`$expand: of ${name} only $select is understood: ${name}($select=id).`);
  return parseSelect(select[1], resource)!;
}

function propertyOf({ resource, from, own }: Expansion, select: readonly string[] | undefined): Property {
  const shown = Object.entries(resource.properties).filter(
    ([name, { always, onlySelected }]) => always || (select ? select.includes(name) : !onlySelected),
  );
  const columns = shown.map(([name, property]) => sql`${property.sql} as ${sql.id(name)}`);
  const key = resource.properties[resource.key]!.sql;
  return {
    type: 'json',
    sql: sql`(select coalesce(json_agg(one), '[]') from (select ${sql.join(columns)} from ${from} order by ${key}) as one)`,
    present: (value) =>
      (value as Entity[]).map((row) => {
        const entity = Object.fromEntries(shown.map(([name, property]) => [name, presented(property, row[name])]));
        return own ? own(entity, select) : entity;
      }),
  };
}

/** From PostgreSQL's JSON, where a time isn't yet a date. */
function presented({ type, present }: Property, value: unknown): unknown {
  const read = type === 'dateTime' && value !== null ? new Date(value as string) : value;
  return present ? present(read) : read;
}
