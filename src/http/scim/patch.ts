/* eslint-disable @typescript-eslint/no-dynamic-delete -- attributes are taken from copies of plain JSON, by names of the schema */
import { isDeepStrictEqual } from 'node:util';
import { invalidPath, invalidValue, ScimError } from './scim-error.ts';
import { CORE_USER, USER_ATTRIBUTES, type AttributeDefinition } from './schemas.ts';

/** One operation, read: op in lower case. */
export interface Operation {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: string | undefined;
  readonly value: unknown;
}
type Values = Record<string, unknown>;

const OPERATIONS_MAX = 500;

/**
 * The operations of a PatchOp; `op` in any case, as Entra ID sends it.
 * @throws ScimError
 */
export function operationsOf(body: unknown): Operation[] {
  const operations = isObject(body)
    ? Object.entries(body).find(([key]) => key.toLowerCase() === 'operations')?.[1]
    : undefined;
  if (!Array.isArray(operations) || operations.length === 0)
    throw new ScimError(400, 'Operations: a list is missing.', 'invalidSyntax');
  if (operations.length > OPERATIONS_MAX)
    throw new ScimError(400, `Operations: more than ${OPERATIONS_MAX}.`, 'tooMany');
  return operations.map((one: unknown, index) => {
    const { op, path, value } = isObject(one) ? one : {};
    const name = typeof op === 'string' ? op.toLowerCase() : '';
    if (name !== 'add' && name !== 'remove' && name !== 'replace')
      throw new ScimError(400, `Operations[${index}].op must be add, remove or replace.`, 'invalidSyntax');
    if (path !== undefined && path !== null && typeof path !== 'string')
      throw invalidPath(`Operations[${index}].path must be a text.`);
    if (!path && name === 'remove') throw new ScimError(400, `Operations[${index}]: remove needs a path.`, 'noTarget');
    if (name !== 'remove' && value === undefined) throw invalidValue(`Operations[${index}].value is missing.`);
    return { op: name, path: path || undefined, value };
  });
}

export const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Target {
  readonly schema: string;
  readonly attribute: AttributeDefinition;
  readonly conditions: Values | undefined;
  readonly sub: AttributeDefinition | undefined;
}

/**
 * A user after some operations, in RFC 7644's sense and in the dialects of Entra ID and Okta: paths
 * in any case, dotted and with schemas' names, as keys of a value without a path too; what a path
 * looks for and doesn't find is added.
 * @throws ScimError
 */
export function patchUser(user: Values, operations: readonly Operation[]): Values {
  const patched = structuredClone(user);
  for (const { op, path, value } of operations) {
    if (path !== undefined) applyTo(patched, op, path, value);
    else if (!isObject(value)) throw invalidValue('value must be an object where there is no path.');
    else for (const [key, one] of Object.entries(value)) applyTo(patched, op, key, one);
  }
  return patched;
}

function applyTo(user: Values, op: Operation['op'], path: string, value: unknown): void {
  const schema = schemaNamed(path);
  if (schema !== undefined) {
    if (op === 'remove') delete user[schema];
    else if (!isObject(value)) throw invalidValue(`${path} must be an object.`);
    else for (const [key, one] of Object.entries(value)) applyTo(user, op, `${schema}:${key}`, one);
    return;
  }
  // What is the server's own is told back by Okta, and isn't looked at.
  if (/^(id|meta|schemas|groups|password)(\.|$)/i.test(path)) return;
  const target = targetOf(path);
  const holder = target.schema === CORE_USER ? user : ((user[target.schema] ??= {}) as Values);
  apply(holder, op, target, value);
}

function apply(holder: Values, op: Operation['op'], { attribute, conditions, sub }: Target, told: unknown): void {
  const { name } = attribute;
  const value = normal(sub ?? attribute, told);
  if (attribute.config.multiValued) {
    const list = Array.isArray(holder[name]) ? (holder[name] as Values[]) : [];
    if (conditions ?? sub) {
      const found = conditions ? list.filter((one) => matches(one, conditions)) : list;
      if (op === 'remove') {
        if (sub) for (const one of found) delete one[sub.name];
        else holder[name] = list.filter((one) => !found.includes(one));
        return;
      }
      const change = sub ? { [sub.name]: value } : isObject(value) ? value : fail(name);
      if (found.length > 0) for (const one of found) Object.assign(one, change);
      else list.push({ ...conditions, ...change });
      holder[name] = list;
      return;
    }
    const values = (value === undefined || value === null ? [] : [value].flat()) as Values[];
    if (op === 'remove')
      holder[name] =
        told === undefined ? [] : list.filter((one) => !values.some((gone) => isDeepStrictEqual(gone, one)));
    else if (op === 'replace') holder[name] = values;
    else {
      if (values.some((one) => isObject(one) && one['primary'] === true)) for (const one of list) delete one['primary'];
      holder[name] = [...list, ...values.filter((one) => !list.some((there) => isDeepStrictEqual(there, one)))];
    }
    return;
  }
  if (conditions) throw invalidPath(`${name} is no list.`);
  if (sub) {
    const complex = isObject(holder[name]) ? holder[name] : {};
    if (op === 'remove') delete complex[sub.name];
    else complex[sub.name] = value;
    holder[name] = complex;
  } else if (op === 'remove') delete holder[name];
  else if (attribute.type === 'complex' && isObject(value)) holder[name] = { ...(holder[name] as Values), ...value };
  else holder[name] = value;
}

function fail(name: string): never {
  throw invalidValue(`${name} must be an object.`);
}

const matches = (one: Values, conditions: Values) =>
  Object.entries(conditions).every(([key, value]) =>
    typeof value === 'string' ? String(one[key]).toLowerCase() === value.toLowerCase() : one[key] === value,
  );

/** Entra ID sends booleans as texts, and a manager as an id. */
function normal(attribute: AttributeDefinition, value: unknown): unknown {
  if (attribute.type === 'boolean' && typeof value === 'string' && /^(true|false)$/i.test(value))
    return value.toLowerCase() === 'true';
  if (attribute.name === 'manager' && typeof value === 'string') return value === '' ? undefined : { value };
  if (attribute.type !== 'complex') return value;
  if (Array.isArray(value)) return value.map((one) => normal(attribute, one));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      const sub = named(attribute.subAttributes, key);
      return sub ? [sub.name, normal(sub, one)] : [key, one];
    }),
  );
}

/** The same for a whole user: what Entra ID and Okta mean where they say it otherwise. */
export function normalUser(body: Values): Values {
  const user: Values = {};
  for (const [key, value] of Object.entries(body)) {
    const schema = schemaNamed(key);
    if (schema !== undefined && isObject(value)) {
      user[schema] = Object.fromEntries(
        Object.entries(value).map(([name, one]) => {
          const attribute = named(USER_ATTRIBUTES[schema], name);
          return attribute ? [attribute.name, normal(attribute, one)] : [name, one];
        }),
      );
      continue;
    }
    const attribute = named(USER_ATTRIBUTES[CORE_USER], key);
    if (attribute && value !== null) user[attribute.name] = normal(attribute, value);
  }
  return user;
}

const named = (attributes: readonly AttributeDefinition[] | undefined, name: string) =>
  attributes?.find((one) => one.name.toLowerCase() === name.toLowerCase());

const schemaNamed = (path: string) =>
  Object.keys(USER_ATTRIBUTES).find((schema) => schema.toLowerCase() === path.toLowerCase() && schema !== CORE_USER);

const PATH = /^([A-Za-z$][\w$-]*)(?:\[([^\]]{1,500})\])?(?:\.([A-Za-z$][\w$-]*))?$/;

function targetOf(path: string): Target {
  const schema =
    Object.keys(USER_ATTRIBUTES).find((one) => path.toLowerCase().startsWith(`${one.toLowerCase()}:`)) ?? CORE_USER;
  const rest = path.toLowerCase().startsWith(`${schema.toLowerCase()}:`) ? path.slice(schema.length + 1) : path;
  const [, name = '', filter, subName] = PATH.exec(rest) ?? [];
  const attribute = named(USER_ATTRIBUTES[schema], name);
  const sub = subName === undefined ? undefined : named(attribute?.subAttributes, subName);
  if (!attribute || (subName !== undefined && !sub)) throw invalidPath(`path: there is no ${path.slice(0, 100)}.`);
  return { schema, attribute, sub, conditions: filter === undefined ? undefined : conditionsOf(attribute, filter) };
}

/** What is looked for in brackets: equalities, with `and` between. */
function conditionsOf(attribute: AttributeDefinition, filter: string): Values {
  return Object.fromEntries(
    filter.split(/\s+and\s+/i).map((part) => {
      const [, name = '', text, word = ''] = /^\s*(\w+)\s+eq\s+(?:"([^"\\]*)"|(true|false))\s*$/i.exec(part) ?? [];
      const sub = named(attribute.subAttributes, name);
      if (!sub) throw invalidPath(`path: [${filter.slice(0, 100)}] must be of the form type eq "work".`);
      return [sub.name, normal(sub, text ?? word.toLowerCase())];
    }),
  );
}
