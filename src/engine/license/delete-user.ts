import { changesBetween, recordAudit } from '../audit/audit.ts';
import { guardAdministrators, type Administrator } from '../directory/guard-administrators.ts';
import { noteLeaving } from '../directory/members.ts';
import { endSessions } from '../directory/sessions.ts';
import { userValues } from '../directory/user.ts';
import { notFound } from '../refused.ts';
import { lockAllPools } from '../subscription/pools.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import { endLicensesOfUser } from './end-user.ts';

/**
 * Deletes a user: every license ends and its seat is free, memberships go, claims and sign-ins
 * stay in the reports. With all pools locked no claim for the user is under way.
 * @param by whoever deletes; undefined: Autoclaim itself
 * @throws Refused
 */
export function deleteUser(tenancy: Tenancy, userId: string, by?: Administrator): Promise<void> {
  return inTenant(tenancy, async (tx) => {
    await lockAllPools(tx);
    await guardAdministrators(tx, by, [userId], () => deleteRow(tx, userId));
  });
}

async function deleteRow(tx: TenantTransaction, userId: string): Promise<void> {
    const row = await tx.query
      .selectFrom('users')
      .selectAll()
      .where('tenant_id', '=', tx.tenantId)
      .where('user_id', '=', userId)
      .forUpdate()
      .executeTakeFirst();
    if (!row) throw notFound(userId);
    const licenses = await endLicensesOfUser(tx, userId);
    await endSessions(tx, [userId]);
    await noteLeaving(tx, { id: userId, kind: 'user' });
    await tx.query.deleteFrom('users').where('tenant_id', '=', tx.tenantId).where('user_id', '=', userId).execute();
    await recordAudit(tx, [
      {
        category: 'UserManagement',
        activity: 'Delete user',
        operation: 'Delete',
        target: { type: 'User', id: userId, name: row.user_principal_name },
        changes: changesBetween({ ...userValues(row), ...(licenses.length > 0 && { licenses }) }, null),
      },
    ]);
}
