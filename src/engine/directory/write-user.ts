import { v7 as newId } from 'uuid';
import { isUniqueViolation } from '../../db/failures.ts';
import { changesBetween, recordAudit, type Change } from '../audit/audit.ts';
import { duplicate, notFound } from '../refused.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import { guardAdministrators, type Administrator } from './guard-administrators.ts';
import { queueUsersInError } from './licensing-queue.ts';
import { keepPassword, type KeptPassword, type PasswordProfile } from './password.ts';
import { endSessions } from './sessions.ts';
import { endSetUpLink } from './set-up-link.ts';
import { checkUserValues, userColumns, userValues, withDefaults, type NewUser, type UserValues } from './user.ts';

/**
 * Adds a user.
 * @returns the new user's id
 * @throws Refused
 */
export async function createUser(tenancy: Tenancy, user: NewUser, password?: PasswordProfile): Promise<string> {
  checkUserValues(user);
  const kept = await keepPassword(password);
  return uniquely(() => inTenant(tenancy, (tx) => insertUser(tx, user, kept)));
}

/** Adds a user whose values have been checked. The user principal name may turn out to be taken: SQLSTATE 23505. */
export async function insertUser(tx: TenantTransaction, user: NewUser, password: KeptPassword = {}): Promise<string> {
  const id = newId();
  const whole = withDefaults(user);
  await tx.query
    .insertInto('users')
    .values({
      ...userColumns(whole),
      tenant_id: tx.tenantId,
      user_id: id,
      user_principal_name: whole.userPrincipalName,
      display_name: whole.displayName,
      created_at: tx.now,
      ...password,
      ...(password.password_hash && { last_password_change_at: tx.now }),
    })
    .execute();
  await recordAudit(tx, [
    {
      category: 'UserManagement',
      activity: 'Add user',
      operation: 'Add',
      target: { type: 'User', id, name: whole.userPrincipalName },
      changes: changesBetween({}, whole),
    },
  ]);
  return id;
}

/**
 * Changes some of a user's values. Sessions end where the account is blocked or the password set.
 * @param by whoever changes them; undefined: Autoclaim itself
 * @throws Refused
 */
export async function updateUser(
  tenancy: Tenancy,
  id: string,
  values: Partial<UserValues>,
  password?: PasswordProfile,
  by?: Administrator,
): Promise<void> {
  checkUserValues(values);
  const kept = await keepPassword(password);
  await uniquely(() =>
    inTenant(tenancy, (tx) => guardAdministrators(tx, by, [id], () => changeUser(tx, id, values, kept))),
  );
}

/** The same in a transaction that is under way, of values that have been checked. The name may turn out to be taken: SQLSTATE 23505. */
export async function changeUser(
  tx: TenantTransaction,
  id: string,
  values: Partial<UserValues>,
  password: KeptPassword = {},
): Promise<void> {
  const row = await tx.query
    .selectFrom('users')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('user_id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!row) throw notFound(id);
  const changes: Change[] = changesBetween(userValues(row), values);
  const columns = {
    ...userColumns(values),
    ...password,
    ...(password.password_hash && { last_password_change_at: tx.now }),
  };
  if (changes.length === 0 && Object.keys(password).length === 0) return;
  await tx.query
    .updateTable('users')
    .set(columns)
    .where('tenant_id', '=', tx.tenantId)
    .where('user_id', '=', id)
    .execute();
  if (changes.some(({ name }) => name === 'usageLocation')) await queueUsersInError(tx, [id]);
  if (values.accountEnabled === false || password.password_hash) await endSessions(tx, [id]);
  if (password.password_hash) await endSetUpLink(tx, id);
  await recordAudit(tx, [
    {
      category: 'UserManagement',
      activity: password.password_hash ? 'Reset user password' : 'Update user',
      operation: 'Update',
      target: { type: 'User', id, name: values.userPrincipalName ?? row.user_principal_name },
      changes,
    },
  ]);
}

/** A user's only unique value is the principal name (Citus tells no constraint's name). */
async function uniquely<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isUniqueViolation(error) ? duplicate('userPrincipalName') : error;
  }
}
