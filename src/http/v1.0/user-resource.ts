import { sql, type Expression, type SqlBool } from 'kysely';
import type { Property, Resource } from '../odata/resource.ts';
import { USER_LICENSE_PROPERTIES } from './user-license-properties.ts';

const column = (name: string) => sql.ref(`users.${name}`);

/** A text that may be null, which can be filtered and sorted by. */
function text(name: string, more: Partial<Property> = { onlySelected: true }): Property {
  return { type: 'string', sql: column(name), filter: true, sort: true, nullable: true, ...more };
}

/** A list of texts. */
function texts(name: string, more: Partial<Property> = { onlySelected: true }): Property {
  return {
    type: 'json',
    sql: column(name),
    collection: {
      elements: { '': { type: 'string', sql: sql.ref('one'), filter: true } },
      exists: (condition) => sql<SqlBool>`exists (select from unnest(${column(name)}) as one where ${condition})`,
    },
    ...more,
  };
}

// The words of names and addresses, as the index users_by_word has them.
const WORDS = sql`to_tsvector('simple', regexp_replace(users.display_name || ' ' || users.user_principal_name || ' ' || coalesce(users.mail, ''), '[^[:alnum:]]+', ' ', 'g'))`;

/** Every word of the text begins a word of the user's names and addresses. */
function hasWords(searched: string): Expression<SqlBool> {
  const words = sql`nullif(trim(regexp_replace(${searched}::text, '[^[:alnum:]]+', ' ', 'g')), '')`;
  return sql<SqlBool>`${WORDS} @@ to_tsquery('simple', replace(${words}, ' ', ':* & ') || ':*')`;
}

/** The words find candidates by index; then the property itself must begin with the text, or one of its words must. */
function begins(name: string): (searched: string) => Expression<SqlBool> {
  return (searched) => {
    const value = sql`lower(${column(name)})`;
    const wanted = sql`lower(${searched}::text)`;
    return sql<SqlBool>`${hasWords(searched)} and (starts_with(${value}, ${wanted}) or strpos(${value}, ' ' || ${wanted}) > 0)`;
  };
}

const byDefault: Partial<Property> = {};

/** Users as their lists can be asked for; the tables' name is users. Shown without $select: what Graph shows. */
export const USER_RESOURCE: Resource = {
  name: 'users',
  key: 'id',
  defaultOrder: 'displayName',
  properties: {
    businessPhones: texts('business_phones', byDefault),
    displayName: { type: 'string', sql: column('display_name'), filter: true, sort: true },
    givenName: text('given_name', byDefault),
    jobTitle: text('job_title', byDefault),
    mail: text('mail', byDefault),
    mobilePhone: text('mobile_phone', byDefault),
    officeLocation: text('office_location', byDefault),
    preferredLanguage: text('preferred_language', byDefault),
    surname: text('surname', byDefault),
    userPrincipalName: { type: 'string', sql: column('user_principal_name'), filter: true, sort: true },
    id: { type: 'guid', sql: column('user_id'), filter: true, sort: true },
    accountEnabled: {
      type: 'boolean',
      sql: column('is_account_enabled'),
      filter: true,
      sort: true,
      onlySelected: true,
    },
    ...USER_LICENSE_PROPERTIES,
    city: text('city'),
    companyName: text('company_name'),
    country: text('country'),
    createdDateTime: { type: 'dateTime', sql: column('created_at'), filter: true, sort: true, onlySelected: true },
    department: text('department'),
    employeeId: text('employee_id'),
    faxNumber: text('fax_number'),
    lastPasswordChangeDateTime: {
      type: 'dateTime',
      sql: column('last_password_change_at'),
      filter: true,
      sort: true,
      nullable: true,
      onlySelected: true,
    },
    mailNickname: text('mail_nickname'),
    onPremisesLastSyncDateTime: {
      type: 'dateTime',
      sql: column('last_directory_sync_at'),
      filter: true,
      sort: true,
      nullable: true,
      onlySelected: true,
    },
    // As Graph: true, or null where the directory is no one else's.
    onPremisesSyncEnabled: {
      type: 'boolean',
      sql: sql`nullif(users.is_directory_synced, false)`,
      filter: true,
      onlySelected: true,
    },
    otherMails: texts('other_mails'),
    passwordPolicies: {
      type: 'string',
      sql: sql`case when users.is_password_never_expiring then 'DisablePasswordExpiration' end`,
      filter: true,
      onlySelected: true,
    },
    postalCode: text('postal_code'),
    preferredDataLocation: text('preferred_data_location'),
    proxyAddresses: texts('proxy_addresses'),
    state: text('state'),
    streetAddress: text('street_address'),
    usageLocation: text('usage_location'),
    userType: { type: 'string', sql: column('user_type'), filter: true, sort: true, onlySelected: true },
  },
  search: {
    '': hasWords,
    displayName: begins('display_name'),
    mail: begins('mail'),
    userPrincipalName: begins('user_principal_name'),
  },
};
