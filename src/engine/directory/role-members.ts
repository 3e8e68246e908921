import { recordAudit } from '../audit/audit.ts';
import { notFound, Refused } from '../refused.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import { guardAdministrators } from './guard-administrators.ts';
import { findRole, type DirectoryRole } from './roles.ts';
import { endSessions } from './sessions.ts';

/**
 * Gives a user a directory role.
 * @throws Refused: there is no such role or user, or they hold it
 */
export function addRoleMember(tenancy: Tenancy, roleId: string, userId: string): Promise<void> {
  const role = requireRole(roleId);
  return inTenant(tenancy, async (tx) => {
    // Kept apart from whoever blocks or deletes the user at the same time.
    const name = await lockUser(tx, userId);
    if (!(await insertRoleMember(tx, role, userId, name))) {
      throw new Refused(
        'invalid',
        "One or more added object references already exist for the following modified properties: 'members'.",
      );
    }
  });
}

/**
 * Takes a directory role from a user, and ends their sessions.
 * @throws Refused: they don't hold it, or are the last Global Administrator
 */
export function removeRoleMember(tenancy: Tenancy, roleId: string, userId: string): Promise<void> {
  const role = requireRole(roleId);
  return inTenant(tenancy, (tx) =>
    guardAdministrators(tx, undefined, [userId], async () => {
      const name = await lockUser(tx, userId);
      const gone = await tx.query
        .deleteFrom('directory_role_members')
        .where('tenant_id', '=', tx.tenantId)
        .where('role_id', '=', role.id)
        .where('user_id', '=', userId)
        .executeTakeFirstOrThrow();
      if (gone.numDeletedRows === 0n) throw notFound(userId);
      await endSessions(tx, [userId]);
      await recordRole(tx, 'Remove member from role', 'Unassign', role, userId, name);
    }),
  );
}

/** Gives a user a role inside a transaction; false where they hold it. */
export async function insertRoleMember(
  tx: TenantTransaction,
  role: DirectoryRole,
  userId: string,
  name: string,
): Promise<boolean> {
  const added = await tx.query
    .insertInto('directory_role_members')
    .values({ tenant_id: tx.tenantId, role_id: role.id, user_id: userId, added_at: tx.now })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'role_id', 'user_id']).doNothing())
    .returning('user_id')
    .executeTakeFirst();
  if (added) await recordRole(tx, 'Add member to role', 'Assign', role, userId, name);
  return added !== undefined;
}

function requireRole(roleId: string): DirectoryRole {
  const role = findRole(roleId);
  if (!role) throw notFound(roleId);
  return role;
}

async function lockUser(tx: TenantTransaction, userId: string): Promise<string> {
  const user = await tx.query
    .selectFrom('users')
    .select('user_principal_name')
    .where('tenant_id', '=', tx.tenantId)
    .where('user_id', '=', userId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!user) throw notFound(userId);
  return user.user_principal_name;
}

function recordRole(
  tx: TenantTransaction,
  activity: string,
  operation: 'Assign' | 'Unassign',
  role: DirectoryRole,
  userId: string,
  name: string,
): Promise<void> {
  const [before, after] = operation === 'Assign' ? [null, role.displayName] : [role.displayName, null];
  return recordAudit(tx, [
    {
      category: 'RoleManagement',
      activity,
      operation,
      target: { type: 'User', id: userId, name },
      changes: [{ name: 'Role.DisplayName', before, after }],
      details: { roleTemplateId: role.id },
    },
  ]);
}
