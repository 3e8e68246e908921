/* eslint-disable @typescript-eslint/no-dynamic-delete -- attributes are taken from copies of plain JSON, by names of the schema */
import { createHash } from 'node:crypto';
import { sql, type Expression } from 'kysely';
import { Value } from 'typebox/value';
import { NewUser as NewUserSchema } from '../../../contract/user.ts';
import type { NewUser, UserValues } from '../../engine/directory/user.ts';
import type { ProvisionedUser, ToldUser } from '../../engine/provisioning/users.ts';
import { SCIM_PATH } from './address.ts';
import type { Filterables } from './filter-sql.ts';
import { isObject } from './patch.ts';
import { AUTOCLAIM, CORE_USER, coerceUser, ENTERPRISE } from './schemas.ts';
import { invalidValue } from './scim-error.ts';

type Values = Record<string, unknown>;
type Entry = { value?: string; type?: string; primary?: boolean };

const textOf = (value: unknown) => (typeof value === 'string' && value.trim() !== '' ? value.trim() : null);
const objectOf = (value: unknown): Values => (isObject(value) ? value : {});
const listOf = (value: unknown) => (Array.isArray(value) ? value.filter(isObject) : []);
const ofType = (list: unknown, type: string) => listOf(list).find((one) => String(one['type']).toLowerCase() === type);
/** The address that counts: of work, else the primary, else the first. */
const mainOf = (list: unknown) =>
  ofType(list, 'work') ?? listOf(list).find((one) => one['primary'] === true) ?? listOf(list)[0];

/** What Autoclaim keeps of a user, as a resource has it; null where it has none. */
function valuesIn(user: Values) {
  const [name, work] = [objectOf(user['name']), objectOf(ofType(user['addresses'], 'work'))];
  const [enterprise, own] = [objectOf(user[ENTERPRISE]), objectOf(user[AUTOCLAIM])];
  const phone = textOf(ofType(user['phoneNumbers'], 'work')?.['value']);
  return {
    givenName: textOf(name['givenName']),
    surname: textOf(name['familyName']),
    mail: textOf(mainOf(user['emails'])?.['value']),
    jobTitle: textOf(user['title']),
    preferredLanguage: textOf(user['preferredLanguage']),
    businessPhones: phone === null ? null : [phone],
    mobilePhone: textOf(ofType(user['phoneNumbers'], 'mobile')?.['value']),
    faxNumber: textOf(ofType(user['phoneNumbers'], 'fax')?.['value']),
    streetAddress: textOf(work['streetAddress']),
    city: textOf(work['locality']),
    state: textOf(work['region']),
    postalCode: textOf(work['postalCode']),
    country: textOf(work['country']),
    employeeId: textOf(enterprise['employeeNumber']),
    department: textOf(enterprise['department']),
    companyName: textOf(enterprise['organization']),
    usageLocation: textOf(own['usageLocation'])?.toUpperCase() ?? null,
  };
}

/**
 * What a resource tells of a user. What it had told before and tells no more is taken away; what it
 * never told stays as others wrote it.
 * @param kept what is kept as told, where the resource has also what others wrote
 * @throws ScimError that names the attribute
 */
export function toldBy(resource: Values, before: Values, kept = resource): ToldUser<NewUser> {
  const user = coerceUser(resource);
  const [now, then] = [valuesIn(user), valuesIn(before)];
  const changed = Object.entries(now).flatMap(([key, value]): [string, unknown][] => {
    if (value !== null) return [[key, value]];
    return then[key as keyof typeof then] === null ? [] : [[key, key === 'businessPhones' ? [] : null]];
  });
  const userName = textOf(user['userName']);
  if (userName === null) throw invalidValue('userName is missing.');
  const names = objectOf(user['name']);
  const whole = [now.givenName, now.surname].filter((one) => one !== null).join(' ');
  const values = {
    userPrincipalName: userName,
    displayName: textOf(user['displayName']) ?? textOf(names['formatted']) ?? (whole || userName),
    ...(typeof user['active'] === 'boolean' && { accountEnabled: user['active'] }),
    ...(/^(guest|member)$/i.test(String(user['userType'])) && {
      userType: /^g/i.test(String(user['userType'])) ? 'Guest' : 'Member',
    }),
    ...Object.fromEntries(changed),
  } as NewUser;
  const [fault] = Value.Errors(NewUserSchema, values);
  if (fault)
    throw invalidValue(
      `${NAMES[fault.instancePath.split('/')[1] ?? ''] ?? fault.instancePath.slice(1)}: ${fault.message}.`,
    );
  const {
    externalId: _externalId,
    id: _id,
    schemas: _schemas,
    meta: _meta,
    groups: _groups,
    ...attributes
  } = kept === resource ? user : coerceUser(kept);
  if (JSON.stringify(attributes).length > KEPT_CHARACTERS_MAX)
    throw invalidValue('The user has more attributes than are kept.');
  return { values, externalId: textOf(user['externalId']), attributes };
}

const KEPT_CHARACTERS_MAX = 32_768;
/** What SCIM calls them, where an error has to say. */
const NAMES: Readonly<Record<string, string>> = {
  userPrincipalName: 'userName',
  surname: 'name.familyName',
  givenName: 'name.givenName',
  mail: 'emails',
  jobTitle: 'title',
  employeeId: `${ENTERPRISE}:employeeNumber`,
  department: `${ENTERPRISE}:department`,
  companyName: `${ENTERPRISE}:organization`,
  mobilePhone: 'phoneNumbers',
  businessPhones: 'phoneNumbers',
  faxNumber: 'phoneNumbers',
  city: 'addresses.locality',
  state: 'addresses.region',
};

/** A user as this client reads them: what it has told, with what Autoclaim keeps as it is now. */
export function userResource(
  { id, values, createdAt, externalId, attributes }: ProvisionedUser,
  baseUrl: string,
): { resource: Values; version: string } {
  const told = structuredClone(attributes) as Values;
  const [enterprise, own] = [objectOf(told[ENTERPRISE]), objectOf(told[AUTOCLAIM])];
  put(enterprise, {
    employeeNumber: values.employeeId,
    department: values.department,
    organization: values.companyName,
  });
  put(own, { usageLocation: values.usageLocation });
  const resource: Values = {
    ...told,
    userName: values.userPrincipalName,
    displayName: values.displayName,
    active: values.accountEnabled,
    name: put(objectOf(told['name']), { givenName: values.givenName, familyName: values.surname }),
    emails: withMain(told['emails'], values.mail),
    phoneNumbers: PHONES.reduce<unknown>(
      (list, [type, of]) => withTyped(list, type, { value: of(values) }),
      told['phoneNumbers'],
    ),
    addresses: withTyped(told['addresses'], 'work', {
      streetAddress: values.streetAddress,
      locality: values.city,
      region: values.state,
      postalCode: values.postalCode,
      country: values.country,
    }),
    [ENTERPRISE]: enterprise,
    [AUTOCLAIM]: own,
  };
  put(resource, { title: values.jobTitle, preferredLanguage: values.preferredLanguage, externalId });
  for (const [key, value] of Object.entries(resource))
    if (value === null || (typeof value === 'object' && Object.keys(value).length === 0)) delete resource[key];
  const schemas = [CORE_USER, ...[ENTERPRISE, AUTOCLAIM].filter((schema) => schema in resource)];
  const version = versionOf(resource);
  const meta = {
    resourceType: 'User',
    created: createdAt.toISOString(),
    location: `${baseUrl}${SCIM_PATH}/Users/${id}`,
    version,
  };
  return { resource: { schemas, id, ...resource, meta }, version };
}

/** A weak ETag of what a resource holds: it is another when the resource is, through whatever door. */
export function versionOf(content: unknown): string {
  return `W/"${createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22)}"`;
}

const PHONES: readonly (readonly [string, (values: UserValues) => string | null])[] = [
  ['work', (values) => values.businessPhones[0] ?? null],
  ['mobile', (values) => values.mobilePhone],
  ['fax', (values) => values.faxNumber],
];

function put(target: Values, values: Readonly<Record<string, unknown>>): Values {
  for (const [key, value] of Object.entries(values)) {
    if (value === null) delete target[key];
    else target[key] = value;
  }
  return target;
}

function withMain(told: unknown, mail: string | null): Entry[] {
  const list = listOf(told) as Entry[];
  const main = mainOf(list) as Entry | undefined;
  if (mail === null) return list.filter((one) => one !== main);
  if (!main) return [{ value: mail, type: 'work', primary: true }];
  main.value = mail;
  return list;
}

function withTyped(told: unknown, type: string, values: Readonly<Record<string, string | null>>): Values[] {
  const list = listOf(told);
  const there = ofType(list, type);
  const entry = put(there ?? { type }, values);
  const isEmpty = Object.keys(entry).every((key) => key === 'type' || key === 'primary');
  if (isEmpty) return list.filter((one) => one !== there);
  return there ? list : [...list, entry];
}

const column = (type: 'text' | 'exact' | 'guid' | 'boolean' | 'time', name: string) => ({
  type,
  sql: sql.ref(name) as Expression<unknown>,
});
const enterprisePath = ENTERPRISE.toLowerCase();

/** What users can be filtered by; `u` is their table, `p` what this client has told. */
export const USER_FILTERABLES: Filterables = {
  id: column('guid', 'u.user_id'),
  externalid: column('exact', 'p.external_id'),
  username: column('text', 'u.user_principal_name'),
  displayname: column('text', 'u.display_name'),
  active: column('boolean', 'u.is_account_enabled'),
  title: column('text', 'u.job_title'),
  'name.givenname': column('text', 'u.given_name'),
  'name.familyname': column('text', 'u.surname'),
  emails: column('text', 'u.mail'),
  'emails.value': column('text', 'u.mail'),
  'emails[work].value': column('text', 'u.mail'),
  'phonenumbers[mobile].value': column('text', 'u.mobile_phone'),
  'meta.created': column('time', 'u.created_at'),
  [`${enterprisePath}:employeenumber`]: column('text', 'u.employee_id'),
  [`${enterprisePath}:department`]: column('text', 'u.department'),
};
