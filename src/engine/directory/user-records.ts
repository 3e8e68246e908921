import type { TenantTransaction } from '../tenant/tenancy.ts';
import { USER_COLUMNS, USER_PROPERTIES, userColumns, type UserProperty, type UserValues } from './user.ts';

/** A user with all values, to be written with many others. */
export interface UserRecord {
  readonly id: string;
  readonly values: UserValues;
  readonly createdAt: Date;
}

// What isn't text, for PostgreSQL to read from JSON.
const TYPES: Partial<Record<UserProperty, string>> = {
  accountEnabled: 'boolean',
  businessPhones: 'text[]',
  otherMails: 'text[]',
  proxyAddresses: 'text[]',
  onPremisesSyncEnabled: 'boolean',
  onPremisesLastSyncDateTime: 'timestamptz',
  isPasswordNeverExpiring: 'boolean',
  lastPasswordChangeDateTime: 'timestamptz',
};
export const USER_COLUMN_NAMES = USER_PROPERTIES.map((name) => USER_COLUMNS[name]);
const SET = USER_PROPERTIES.map((name) => `${USER_COLUMNS[name]} = r.${USER_COLUMNS[name]}`).join(', ');
const RECORDS = `jsonb_to_recordset($2::jsonb) as r(user_id uuid, created_at timestamptz, ${USER_PROPERTIES.map(
  (name) => `${USER_COLUMNS[name]} ${TYPES[name] ?? 'text'}`,
).join(', ')})`;

/** Adds users, in one statement. A taken user principal name fails it: SQLSTATE 23505. */
export async function insertUserRecords(tx: TenantTransaction, records: readonly UserRecord[]): Promise<void> {
  if (records.length === 0) return;
  const columns = USER_COLUMN_NAMES.join(', ');
  await tx.client.query(
    `insert into users (tenant_id, user_id, created_at, ${columns})
     select $1, r.user_id, r.created_at, ${USER_COLUMN_NAMES.map((column) => `r.${column}`).join(', ')} from ${RECORDS}`,
    [tx.tenantId, toJson(records)],
  );
}

/** Writes all values of users that are there, in one statement. */
export async function updateUserRecords(tx: TenantTransaction, records: readonly UserRecord[]): Promise<void> {
  if (records.length === 0) return;
  await tx.client.query(
    `update users set created_at = r.created_at, ${SET}
       from ${RECORDS} where users.tenant_id = $1 and users.user_id = r.user_id`,
    [tx.tenantId, toJson(records)],
  );
}

function toJson(records: readonly UserRecord[]): string {
  return JSON.stringify(
    records.map(({ id, values, createdAt }) => ({ user_id: id, created_at: createdAt, ...userColumns(values) })),
  );
}
