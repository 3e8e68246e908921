import { recordAudit } from '../audit/audit.ts';
import { invalid, notFound, Refused } from '../refused.ts';
import { inTenant, type Tenancy } from '../tenant/tenancy.ts';
import { checkPassword } from './check-password.ts';
import { refuseOverAdministrator, type Administrator } from './guard-administrators.ts';
import { keepPassword } from './password.ts';
import { endSessions } from './sessions.ts';
import { endSetUpLink, insertSetUpLink, writePassword, type SetUpLink } from './set-up-link.ts';
import type { Attempt } from './sign-in-attempts.ts';

/** What came of a change of password; the new one counts where it is 'changed'. */
export type PasswordChange =
  | { readonly outcome: 'changed'; readonly userId: string }
  | { readonly outcome: 'wrong' | 'blocked' }
  | { readonly outcome: 'wait'; readonly seconds: number };

/**
 * Changes a person's own password, who proves to be that person by the one that they have. Every session of theirs
 * ends but the one in which they do it; so does a set-up link.
 * @param session the uid of that session
 * @throws Refused where the new password can't be
 */
export async function changePassword(
  tenancy: Tenancy,
  attempt: Attempt,
  passwords: { readonly current: string; readonly new: string },
  session?: string,
): Promise<PasswordChange> {
  const check = await checkPassword(tenancy.db, tenancy.tenantId, attempt, passwords.current);
  if (check.outcome !== 'right') return check;
  if (passwords.new === passwords.current) throw invalid('newPassword', 'must be another than the current one.');
  const kept = await keepPassword({ password: passwords.new, forceChangePasswordNextSignIn: false });
  const { userId, userPrincipalName, displayName } = check;
  const actor = { kind: 'user' as const, userId, userPrincipalName, displayName };
  await inTenant({ ...tenancy, actor }, async (tx) => {
    await writePassword(tx, userId, kept);
    await endSetUpLink(tx, userId);
    await endSessions(tx, [userId], session);
    await recordAudit(tx, [
      {
        category: 'UserManagement',
        activity: 'Change user password',
        operation: 'Update',
        target: { type: 'User', id: userId, name: userPrincipalName },
      },
    ]);
  });
  return { outcome: 'changed', userId };
}

/**
 * Takes a user's password away and ends their sessions: they set a new one by the link.
 * @param self who asks, where they are a person
 * @throws Refused
 */
export function resetPassword(
  tenancy: Tenancy,
  userId: string,
  by: Administrator,
  self: string | undefined,
): Promise<SetUpLink> {
  if (userId === self) {
    throw new Refused('invalid', 'Your own password is changed at /me/changePassword, with the current one.');
  }
  return inTenant(tenancy, async (tx) => {
    const user = await tx.query
      .selectFrom('users')
      .select('user_principal_name')
      .where('tenant_id', '=', tx.tenantId)
      .where('user_id', '=', userId)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (!user) throw notFound(userId);
    await refuseOverAdministrator(tx, by, userId);
    await writePassword(tx, userId, { password_hash: null, must_change_password: false });
    const link = await insertSetUpLink(tx, userId);
    await endSessions(tx, [userId]);
    await recordAudit(tx, [
      {
        category: 'UserManagement',
        activity: 'Reset user password',
        operation: 'Update',
        target: { type: 'User', id: userId, name: user.user_principal_name },
      },
    ]);
    return link;
  });
}
