import type { Readable } from 'node:stream';
import { principalNameFault, usageLocationFault, type NewUser, type UserProperty } from '../directory/user.ts';
import { readCsvRows } from './csv-rows.ts';
import type { ImportErrors } from './import-errors.ts';
import { parseTime } from './time.ts';

// The admin center's export of users (Users > Active users > Export): 28 columns, a row for each user.

export const PRINCIPAL_NAME = 'User principal name';
const DISPLAY_NAME = 'Display name';
export const OBJECT_ID = 'Object Id';
const CREATED = 'When created';
const DELETED = 'Soft deletion time stamp';
const PROXY_ADDRESSES = 'Proxy addresses';

/** A cell's value for a property, or why it can't be. An empty cell has been dealt with. */
type Reading = (cell: string) => { readonly value: unknown } | { readonly fault: string };

interface Column {
  readonly property: UserProperty;
  /** What an empty cell says. */
  readonly empty: unknown;
  readonly read: Reading;
}

// The greatest lengths are Graph's, as in contract/user.ts.
const COLUMNS = {
  [DISPLAY_NAME]: text('displayName', 256),
  DirSyncEnabled: truth('onPremisesSyncEnabled'),
  [PRINCIPAL_NAME]: checked('userPrincipalName', principalNameFault),
  'First name': text('givenName', 64),
  'Last name': text('surname', 64),
  Title: text('jobTitle', 128),
  Department: text('department', 64),
  'Preferred data location': text('preferredDataLocation', 64),
  City: text('city', 128),
  CountryOrRegion: text('country', 128),
  Office: text('officeLocation', 128),
  StateOrProvince: text('state', 128),
  'Usage location': checked('usageLocation', usageLocationFault),
  'Last dirsync time': time('onPremisesLastSyncDateTime'),
  'Block credential': truth('accountEnabled', (isBlocked) => !isBlocked),
  'Password never expires': truth('isPasswordNeverExpiring'),
  'Last password change time stamp': time('lastPasswordChangeDateTime'),
  'Mobile Phone': text('mobilePhone', 64),
  'Phone number': { ...text('businessPhones', 64, (phone) => [phone]), empty: [] },
  'Postal code': text('postalCode', 40),
  'Preferred language': text('preferredLanguage', 64),
  'Street address': text('streetAddress', 1_024),
  Fax: text('faxNumber', 64),
  [PROXY_ADDRESSES]: { ...text('proxyAddresses', 20_000, splitAddresses), empty: [] },
} as const satisfies Record<string, Column>;

const REQUIRED = [PRINCIPAL_NAME, DISPLAY_NAME] as const;
const OPTIONAL = [
  OBJECT_ID,
  CREATED,
  DELETED,
  ...(Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]).filter(
    (name) => name !== PRINCIPAL_NAME && name !== DISPLAY_NAME,
  ),
] as const;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A row of the table: a user with the values that the file has columns for. */
export interface ListedUser {
  readonly line: number;
  /** In lower case; undefined where the row names none. */
  readonly objectId: string | undefined;
  readonly values: NewUser;
  readonly createdAt: Date | undefined;
}

/**
 * Reads the table row by row; rows of deleted users are passed over. What is wrong is noted in
 * errors, and the row left out.
 * @throws ImportRejected where it can't be read on
 */
export async function* readUserTable(input: Readable, errors: ImportErrors): AsyncGenerator<ListedUser> {
  for await (const { line, cells } of readCsvRows(input, { required: REQUIRED, optional: OPTIONAL }, errors)) {
    if (cells[DELETED]) continue;
    const user = readUser(line, cells, errors);
    if (user) yield user;
    if (errors.isFull) throw errors.rejected();
  }
}

function readUser(
  line: number,
  cells: Readonly<Record<string, string | undefined>>,
  errors: ImportErrors,
): ListedUser | undefined {
  const values: Record<string, unknown> = {};
  const faults: { column: string; message: string }[] = [];
  for (const [name, column] of Object.entries<Column>(COLUMNS)) {
    const cell = cells[name];
    if (cell === undefined) continue;
    if (cell === '') {
      if (name === PRINCIPAL_NAME || name === DISPLAY_NAME)
        faults.push({ column: name, message: 'The cell is empty.' });
      values[column.property] = column.empty;
      continue;
    }
    const read = column.read(cell);
    if ('fault' in read) faults.push({ column: name, message: read.fault });
    else values[column.property] = read.value;
  }
  const primary = primaryAddress(values['proxyAddresses'] as string[] | undefined);
  if (primary) values['mail'] = primary;
  const objectId = cells[OBJECT_ID] || undefined;
  if (objectId && !GUID.test(objectId)) faults.push({ column: OBJECT_ID, message: 'This is not a GUID.' });
  const createdAt = cells[CREATED] ? parseTime(cells[CREATED]) : undefined;
  if (cells[CREATED] && !createdAt) faults.push({ column: CREATED, message: NOT_A_TIME });
  for (const { column, message } of faults) errors.add(line, column, message);
  return faults.length > 0
    ? undefined
    : { line, objectId: objectId?.toLowerCase(), values: values as unknown as NewUser, createdAt };
}

function text(property: UserProperty, lengthMax: number, convert: (text: string) => unknown = (same) => same): Column {
  return {
    property,
    empty: null,
    read: (cell) =>
      cell.length > lengthMax && Array.from(cell).length > lengthMax
        ? { fault: `The text is longer than ${lengthMax} characters.` }
        : { value: convert(cell.replaceAll('\u00a0', ' ')) },
  };
}

function checked(property: UserProperty, faultOf: (text: string) => string | undefined): Column {
  return {
    property,
    empty: null,
    read: (cell) => {
      const fault = faultOf(cell);
      return fault === undefined ? { value: cell } : { fault: `The value ${fault}` };
    },
  };
}

function truth(property: UserProperty, convert: (value: boolean) => boolean = (same) => same): Column {
  return {
    property,
    empty: convert(false),
    read: (cell) => {
      const word = cell.toLowerCase();
      return word === 'true' || word === 'false'
        ? { value: convert(word === 'true') }
        : { fault: 'This is neither True nor False.' };
    },
  };
}

const NOT_A_TIME = 'This is not a date and time such as 2026-12-31 23:59:59Z.';

function time(property: UserProperty): Column {
  return {
    property,
    empty: null,
    read: (cell) => {
      const value = parseTime(cell);
      return value ? { value } : { fault: NOT_A_TIME };
    },
  };
}

/** SMTP:ann@contoso.com+smtp:a@contoso.com: joined by plus signs, which may stand in an address too. */
function splitAddresses(cell: string): string[] {
  return cell.split(/[+;,]\s*(?=\w+:)/).map((address) => address.trim());
}

/** Capital letters mark the address that mail comes from. */
function primaryAddress(addresses: readonly string[] | undefined): string | undefined {
  return addresses?.find((address) => address.startsWith('SMTP:'))?.slice('SMTP:'.length) || undefined;
}
