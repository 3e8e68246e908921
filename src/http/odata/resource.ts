import type { Expression, SqlBool } from 'kysely';
import type { Expansion } from './expand.ts';

/** How a property's values are compared and sorted. json is only shown. */
export type PropertyType = 'guid' | 'string' | 'boolean' | 'dateTime' | 'integer' | 'json';

/** One property of a resource, under its name on the wire. */
export interface Property {
  readonly type: PropertyType;
  /** The SQL that gives its value, over the tables that the route's statement reads from. */
  readonly sql: Expression<unknown>;
  /**
   * true: $filter knows it, with the operators of its type (resource-filter.ts). Strings are
   * compared as lower(sql), so that an index on lower(…) serves.
   * A function: it is compared so and no other way (eq, ne and in; ne is the function's contrary).
   */
  readonly filter?: true | ((value: string | number | boolean | null) => Expression<SqlBool>);
  /** What any() and /$count (compared with 0) ask of a collection. */
  readonly collection?: CollectionProperty;
  /** $orderby knows it; strings in the order of lower(sql). */
  readonly sort?: true;
  /** It may be null: a sorted page then puts null first, as OData has it. */
  readonly nullable?: true;
  /** Shown only where $select names it. */
  readonly onlySelected?: true;
  /** Shown whatever $select names: @odata.type, @odata.etag. */
  readonly always?: true;
  /** From what the driver gives to what is answered; dates and jsonb need none. */
  readonly present?: (value: unknown) => unknown;
}

/** How a collection is looked into, without reading it. */
export interface CollectionProperty {
  /** What any(x: …) may name of an element: x/skuId is 'skuId', x itself is ''. */
  readonly elements: Readonly<Record<string, Property>>;
  /** Whether an element is there for which a condition over the elements' sql holds. */
  readonly exists: (condition: Expression<SqlBool>) => Expression<SqlBool>;
}

/** What the query options of a collection (or of one thing of it) may speak of. */
export interface Resource {
  /** As @odata.context names it: users. */
  readonly name: string;
  readonly properties: Readonly<Record<string, Property>>;
  /** The property that is unique in the collection: it makes every order total. Not null, and not of type json. */
  readonly key: string;
  /** The order where $orderby gives none, in its language: 'displayName' or 'createdDateTime desc'. */
  readonly defaultOrder: string;
  /** $search="x" and $search="displayName:x"; '' is for a text without a property. */
  readonly search?: Readonly<Record<string, (text: string) => Expression<SqlBool>>>;
  /** What $expand may name. */
  readonly expand?: Readonly<Record<string, Expansion>>;
}

/** A property by its name in any case, as Graph's clients write it; the name comes back as it is declared. */
export function findProperty<T>(
  properties: Readonly<Record<string, T>>,
  name: string,
): { name: string; property: T } | undefined {
  if (Object.hasOwn(properties, name)) return { name, property: properties[name]! };
  const wanted = name.toLowerCase();
  const found = Object.entries(properties).find(([candidate]) => candidate.toLowerCase() === wanted);
  return found && { name: found[0], property: found[1] };
}
