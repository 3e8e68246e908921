import type { Selectable, Updateable } from 'kysely';
import type { UsersTable } from '../../db/schema.ts';
import { invalid } from '../refused.ts';
import { isCountry } from '../tenant/country.ts';

/** What can be written of a user, by the names on the wire. */
export type UserValues = {
  readonly userPrincipalName: string;
  readonly displayName: string;
  readonly accountEnabled: boolean;
  readonly userType: 'Member' | 'Guest';
  /** ISO 3166-1 alpha-2, in upper case. */
  readonly usageLocation: string | null;
  readonly mail: string | null;
  readonly mailNickname: string | null;
  readonly givenName: string | null;
  readonly surname: string | null;
  readonly jobTitle: string | null;
  readonly department: string | null;
  readonly companyName: string | null;
  readonly employeeId: string | null;
  readonly officeLocation: string | null;
  readonly streetAddress: string | null;
  readonly city: string | null;
  readonly state: string | null;
  readonly postalCode: string | null;
  readonly country: string | null;
  readonly preferredLanguage: string | null;
  readonly preferredDataLocation: string | null;
  readonly mobilePhone: string | null;
  readonly businessPhones: readonly string[];
  readonly faxNumber: string | null;
  readonly otherMails: readonly string[];
  readonly proxyAddresses: readonly string[];
  readonly onPremisesSyncEnabled: boolean;
  readonly onPremisesLastSyncDateTime: Date | null;
  readonly isPasswordNeverExpiring: boolean;
  readonly lastPasswordChangeDateTime: Date | null;
};

/** A user to add: the two that every user has, and whatever else is known. */
export type NewUser = Pick<UserValues, 'userPrincipalName' | 'displayName'> & Partial<UserValues>;

/** The column that keeps each of them. */
export const USER_COLUMNS = {
  userPrincipalName: 'user_principal_name',
  displayName: 'display_name',
  accountEnabled: 'is_account_enabled',
  userType: 'user_type',
  usageLocation: 'usage_location',
  mail: 'mail',
  mailNickname: 'mail_nickname',
  givenName: 'given_name',
  surname: 'surname',
  jobTitle: 'job_title',
  department: 'department',
  companyName: 'company_name',
  employeeId: 'employee_id',
  officeLocation: 'office_location',
  streetAddress: 'street_address',
  city: 'city',
  state: 'state',
  postalCode: 'postal_code',
  country: 'country',
  preferredLanguage: 'preferred_language',
  preferredDataLocation: 'preferred_data_location',
  mobilePhone: 'mobile_phone',
  businessPhones: 'business_phones',
  faxNumber: 'fax_number',
  otherMails: 'other_mails',
  proxyAddresses: 'proxy_addresses',
  onPremisesSyncEnabled: 'is_directory_synced',
  onPremisesLastSyncDateTime: 'last_directory_sync_at',
  isPasswordNeverExpiring: 'is_password_never_expiring',
  lastPasswordChangeDateTime: 'last_password_change_at',
} as const satisfies Record<keyof UserValues, keyof UsersTable>;

export type UserProperty = keyof UserValues;
export const USER_PROPERTIES = Object.keys(USER_COLUMNS) as UserProperty[];

/** What a user is of whom only the names are known. */
export const UNKNOWN_VALUES: Omit<UserValues, 'userPrincipalName' | 'displayName' | 'mailNickname' | 'userType'> = {
  accountEnabled: true,
  usageLocation: null,
  mail: null,
  givenName: null,
  surname: null,
  jobTitle: null,
  department: null,
  companyName: null,
  employeeId: null,
  officeLocation: null,
  streetAddress: null,
  city: null,
  state: null,
  postalCode: null,
  country: null,
  preferredLanguage: null,
  preferredDataLocation: null,
  mobilePhone: null,
  businessPhones: [],
  faxNumber: null,
  otherMails: [],
  proxyAddresses: [],
  onPremisesSyncEnabled: false,
  onPremisesLastSyncDateTime: null,
  isPasswordNeverExpiring: false,
  lastPasswordChangeDateTime: null,
};

const PRINCIPAL_NAME_LENGTH_MAX = 256;
// eslint-disable-next-line no-control-regex -- they are what is refused
const PRINCIPAL_NAME = /^[^\s@\u0000-\u001f\u007f]+@[^\s@\u0000-\u001f\u007f]+$/u;

/** Why a text can't be a user principal name; undefined where it can. */
export function principalNameFault(text: string): string | undefined {
  if (Array.from(text).length > PRINCIPAL_NAME_LENGTH_MAX)
    return `has more than ${PRINCIPAL_NAME_LENGTH_MAX} characters.`;
  if (!PRINCIPAL_NAME.test(text)) return 'must be of the form name@domain, with one @ and no white space.';
  return undefined;
}

/** Why a text can't be a usage location; undefined where it can. */
export function usageLocationFault(text: string): string | undefined {
  return isCountry(text) ? undefined : `"${text}" is not a country code of ISO 3166-1, such as US.`;
}

/**
 * What no schema can say of values.
 * @throws Refused that names the property
 */
export function checkUserValues({ userPrincipalName, usageLocation }: Partial<UserValues>): void {
  const nameFault = userPrincipalName === undefined ? undefined : principalNameFault(userPrincipalName);
  if (nameFault) throw invalid('userPrincipalName', nameFault);
  const locationFault = usageLocation ? usageLocationFault(usageLocation) : undefined;
  if (locationFault) throw invalid('usageLocation', locationFault);
}

/** What follows from a user's name where nobody said it: the nickname, and that who has been invited is a guest. */
export function withDefaults<T extends NewUser>(user: T) {
  return {
    mailNickname: user.userPrincipalName.split('@', 1)[0]!.slice(0, 64),
    userType: user.userPrincipalName.toUpperCase().includes('#EXT#') ? ('Guest' as const) : ('Member' as const),
    ...user,
  };
}

/** A user's values as columns; those that aren't given are left out. */
export function userColumns(values: Partial<UserValues>): Updateable<UsersTable> {
  const given = USER_PROPERTIES.filter((name) => values[name] !== undefined);
  return Object.fromEntries(given.map((name) => [USER_COLUMNS[name], values[name]]));
}

/** The values of a row, as the audit compares them. */
export function userValues(row: Selectable<UsersTable>): UserValues {
  return Object.fromEntries(USER_PROPERTIES.map((name) => [name, row[USER_COLUMNS[name]]])) as unknown as UserValues;
}
