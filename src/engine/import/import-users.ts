import { USER_IMPORT_LOCKS } from '../../db/advisory-locks.ts';
import { isUniqueViolation } from '../../db/failures.ts';
import { changesBetween, recordAudit, type AuditEntry, type Change } from '../audit/audit.ts';
import { guardAdministrators, type Administrator } from '../directory/guard-administrators.ts';
import { queueUsersInError } from '../directory/licensing-queue.ts';
import { endSessionsOfBlocked } from '../directory/sessions.ts';
import { insertUserRecords, updateUserRecords, type UserRecord } from '../directory/user-records.ts';
import { UNKNOWN_VALUES, withDefaults } from '../directory/user.ts';
import { duplicate } from '../refused.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import type { CsvSource } from './csv-rows.ts';
import { ImportErrors } from './import-errors.ts';
import type { ImportCounts } from './import-products.ts';
import { checkStaged, freeNames, readStaged, stageUsers, type StagedUser } from './staged-users.ts';

/** Fewer users than this don't change how PostgreSQL should go about reading them. */
const ANALYZE_FROM = 1_000;

/**
 * Imports the admin center's export of users, all of it or nothing. A row means the user with its
 * Object Id, or without one the user with its user principal name; who isn't there is added. For
 * the columns that the file has, the file is the truth. Nobody is deleted, no license changes.
 *
 * Rows go through a temporary table, so that memory is bounded, and duplicates are found by the
 * database's own idea of equal names. Claims go on meanwhile: they see the users of before until
 * the commit.
 * @throws ImportRejected naming the lines that can't be
 */
export async function importUsers(tenancy: Tenancy, source: CsvSource, by?: Administrator): Promise<ImportCounts> {
  try {
    return await inTenant(tenancy, async (tx) => {
      await tx.client.query('select pg_advisory_xact_lock($1, hashtext($2))', [USER_IMPORT_LOCKS, tx.tenantId]);
      const errors = new ImportErrors();
      await stageUsers(tx, source(), errors);
      await checkStaged(tx, errors);
      errors.rejectIfAny();
      return guardAdministrators(tx, by, undefined, async () => {
        await freeNames(tx);
        const counts = await writeStaged(tx);
        await endSessionsOfBlocked(tx);
        return counts;
      });
    });
  } catch (error) {
    // Somebody took one of the names since they were checked.
    throw isUniqueViolation(error) ? duplicate('userPrincipalName') : error;
  }
}

async function writeStaged(tx: TenantTransaction): Promise<ImportCounts> {
  const counts = { added: 0, changed: 0, unchanged: 0 };
  for await (const users of readStaged(tx)) {
    const added = users.filter((user) => user.before === undefined);
    const changed = users.flatMap((user) => changeOf(user) ?? []);
    await insertUserRecords(
      tx,
      added.map((user) => newRecord(tx, user)),
    );
    await updateUserRecords(
      tx,
      changed.map(({ record }) => record),
    );
    await queueUsersInError(
      tx,
      changed.filter(({ changes }) => changes.some(({ name }) => name === 'usageLocation')).map(({ user }) => user.id),
    );
    await recordAudit(tx, [
      ...added.map((user) => entry('Add', user, changesBetween({}, user.listed))),
      ...changed.map(({ user, changes }) => entry('Update', user, changes)),
    ]);
    counts.added += added.length;
    counts.changed += changed.length;
    counts.unchanged += users.length - added.length - changed.length;
  }
  // So that lists are fast at once, and not only when PostgreSQL's own rounds have come by.
  if (counts.added + counts.changed >= ANALYZE_FROM) await tx.client.query('analyze users');
  return counts;
}

function newRecord(tx: TenantTransaction, { id, listed, createdAt }: StagedUser): UserRecord {
  return { id, values: { ...UNKNOWN_VALUES, ...withDefaults(listed) }, createdAt: createdAt ?? tx.now };
}

/** What the file changes of a user; undefined where nothing. */
function changeOf(user: StagedUser): { user: StagedUser; record: UserRecord; changes: Change[] } | undefined {
  const { id, listed, before } = user;
  if (!before) return undefined;
  const createdAt = user.createdAt ?? before.createdAt;
  const changes = changesBetween(
    { ...before.values, createdDateTime: before.createdAt },
    { ...listed, createdDateTime: createdAt },
  );
  return changes.length === 0
    ? undefined
    : { user, record: { id, values: { ...before.values, ...listed }, createdAt }, changes };
}

function entry(operation: 'Add' | 'Update', { id, listed }: StagedUser, changes: Change[]): AuditEntry {
  return {
    category: 'UserManagement',
    activity: operation === 'Add' ? 'Add user' : 'Update user',
    operation,
    target: { type: 'User', id, name: listed.userPrincipalName },
    changes,
    details: { Source: 'Import' },
  };
}
