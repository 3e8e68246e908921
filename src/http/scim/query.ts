import type { Expression, SqlBool } from 'kysely';
import { conditionOfRoot, type Filterables } from './filter-sql.ts';
import { parseFilter } from './filter-parser.ts';

/** Pages have so many at most, and unless it is said otherwise. */
export const COUNT_MAX = 500;
const COUNT_DEFAULT = 100;

/** What a list is asked for. Options that SCIM doesn't know (Entra ID's flags) are passed over. */
export interface ScimQuery {
  readonly condition: Expression<SqlBool> | undefined;
  readonly startIndex: number;
  readonly count: number;
  readonly show: Shown;
}

/** Which attributes are answered. */
export interface Shown {
  readonly attributes: readonly string[] | undefined;
  readonly excluded: readonly string[];
}

type Options = Readonly<Record<string, unknown>>;

/** @throws ScimError invalidFilter */
export function readQuery(options: Options, filterables: Filterables): ScimQuery {
  const filter = textOf(options['filter']);
  return {
    condition: filter === undefined ? undefined : conditionOfRoot(parseFilter(filter), filterables),
    startIndex: Math.max(1, numberOf(options['startIndex']) ?? 1),
    count: Math.min(COUNT_MAX, Math.max(0, numberOf(options['count']) ?? COUNT_DEFAULT)),
    show: readShown(options),
  };
}

export function readShown(options: Options): Shown {
  const names = (value: unknown) =>
    textOf(value)
      ?.split(',')
      .map((one) =>
        one
          .trim()
          .toLowerCase()
          .replace(/^urn:ietf:params:scim:schemas:core:2\.0:(user|group):/, ''),
      )
      .filter((one) => one !== '');
  return { attributes: names(options['attributes']), excluded: names(options['excludedAttributes']) ?? [] };
}

/** Whether an attribute, or a part of it, is answered. */
export function isShown({ attributes, excluded }: Shown, name: string): boolean {
  const lower = name.toLowerCase();
  if (attributes)
    return attributes.some((one) => one === lower || (/^[.:]/.test(one.slice(lower.length)) && one.startsWith(lower)));
  return !excluded.includes(lower);
}

/** A resource with what was asked for; id, schemas and meta.resourceType are always answered. */
export function project(resource: Readonly<Record<string, unknown>>, show: Shown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(resource).flatMap(([name, value]) => {
      if (name === 'id' || name === 'schemas') return [[name, value]];
      if (!isShown(show, name)) return [];
      return [[name, projectParts(name.toLowerCase(), value, show)]];
    }),
  );
}

function projectParts(name: string, value: unknown, { attributes, excluded }: Shown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => projectParts(name, one, { attributes, excluded }));
  const parts = (list: readonly string[]) =>
    list
      .filter((one) => one.startsWith(`${name}.`) || one.startsWith(`${name}:`))
      .map((one) => one.slice(name.length + 1));
  const wanted = attributes && !attributes.includes(name) ? parts(attributes) : undefined;
  const unwanted = parts(excluded);
  return Object.fromEntries(
    Object.entries(value).filter(([key]) => {
      const lower = key.toLowerCase();
      return wanted ? wanted.includes(lower) : !unwanted.includes(lower);
    }),
  );
}

const textOf = (value: unknown) => (typeof value === 'string' && value.trim() !== '' ? value : undefined);

function numberOf(value: unknown): number | undefined {
  const text = textOf(value)?.trim();
  return text !== undefined && /^-?\d{1,9}$/.test(text) ? Number(text) : undefined;
}
