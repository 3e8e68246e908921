import { createHash, randomBytes } from 'node:crypto';
import type { Database } from '../../db/open.ts';
import { currentTime } from '../../db/transaction.ts';
import { recordAudit } from '../audit/audit.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import { keepPassword } from './password.ts';
import { endSessions } from './sessions.ts';

/** How long a set-up link can be used. */
export const SET_UP_LINK_HOURS = 24;
const TOKEN_BYTES = 32;

/** A new link's token, which is kept as a hash alone, and when it ends. */
export interface SetUpLink {
  readonly token: string;
  readonly expiresAt: Date;
}

/** Makes a one-time link by which a user sets their password; the one that they had before ends. */
export async function insertSetUpLink(tx: TenantTransaction, userId: string): Promise<SetUpLink> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const expiresAt = new Date(tx.now.getTime() + SET_UP_LINK_HOURS * 3_600_000);
  const row = { token_hash: hashOf(token), created_at: tx.now, expires_at: expiresAt };
  await tx.query
    .insertInto('set_up_links')
    .values({ tenant_id: tx.tenantId, user_id: userId, ...row })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'user_id']).doUpdateSet(row))
    .execute();
  return { token, expiresAt };
}

/** Whose link a token is: their name; undefined where it is none, was used, or has ended. */
export async function readSetUpLink(db: Database, tenantId: string, token: string): Promise<string | undefined> {
  const { rows } = await db.pool.query<{ user_principal_name: string }>(
    `select u.user_principal_name
       from set_up_links l join users u on u.tenant_id = l.tenant_id and u.user_id = l.user_id
      where l.tenant_id = $1 and l.token_hash = $2 and l.expires_at > clock_timestamp()`,
    [tenantId, hashOf(token)],
  );
  return rows[0]?.user_principal_name;
}

/**
 * Sets the password of the link's user, and ends the link: of two who use it at once, one does.
 * @returns the user's name; undefined where the link can't be used
 * @throws Refused where the password can't be
 */
export async function useSetUpLink(tenancy: Tenancy, token: string, password: string): Promise<string | undefined> {
  const kept = await keepPassword({ password, forceChangePasswordNextSignIn: false });
  return inTenant(tenancy, async (tx) => {
    const { rows } = await tx.client.query<{ user_id: string; user_principal_name: string; display_name: string }>(
      `delete from set_up_links l using users u
        where l.tenant_id = $1 and l.token_hash = $2 and l.expires_at > $3
          and u.tenant_id = $1 and u.user_id = l.user_id
       returning u.user_id, u.user_principal_name, u.display_name`,
      [tx.tenantId, hashOf(token), tx.now],
    );
    const user = rows[0];
    if (!user) return undefined;
    const actor = {
      kind: 'user' as const,
      userId: user.user_id,
      userPrincipalName: user.user_principal_name,
      displayName: user.display_name,
    };
    await writePassword(tx, user.user_id, kept);
    await endSessions(tx, [user.user_id]);
    await recordAudit({ ...tx, actor }, [
      {
        category: 'UserManagement',
        activity: 'Set password by set-up link',
        operation: 'Update',
        target: { type: 'User', id: user.user_id, name: user.user_principal_name },
      },
    ]);
    return user.user_principal_name;
  });
}

/** Ends a user's link, where they have one: after a change of password it would be a way around it. */
export async function endSetUpLink(tx: TenantTransaction, userId: string): Promise<void> {
  await tx.query
    .deleteFrom('set_up_links')
    .where('tenant_id', '=', tx.tenantId)
    .where('user_id', '=', userId)
    .execute();
}

/** Writes what is kept of a password. */
export async function writePassword(
  tx: TenantTransaction,
  userId: string,
  kept: { readonly password_hash?: string | null; readonly must_change_password?: boolean },
): Promise<void> {
  await tx.query
    .updateTable('users')
    .set({ ...kept, ...(kept.password_hash && { last_password_change_at: tx.now }) })
    .where('tenant_id', '=', tx.tenantId)
    .where('user_id', '=', userId)
    .execute();
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** Deletes links that have ended, for the jobs. */
export async function purgeSetUpLinks(db: Database): Promise<void> {
  const now = await currentTime(db.pool);
  await db.pool.query('delete from set_up_links where expires_at < $1', [new Date(now.getTime() - 3_600_000)]);
}
