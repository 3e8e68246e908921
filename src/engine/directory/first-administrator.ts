import type { Database } from '../../db/open.ts';
import { inTenant, type TenantTransaction } from '../tenant/tenancy.ts';
import { SYSTEM } from '../tenant/tenant.ts';
import { keepPassword, type KeptPassword } from './password.ts';
import { insertRoleMember } from './role-members.ts';
import { findRole, GLOBAL_ADMINISTRATOR } from './roles.ts';
import { endSessions } from './sessions.ts';
import { endSetUpLink, insertSetUpLink, writePassword, type SetUpLink } from './set-up-link.ts';
import { insertUser } from './write-user.ts';

/** The first Global Administrator, and how they come by their password. */
export interface FirstAdministrator {
  readonly userPrincipalName: string;
  /** undefined where the password was given. */
  readonly link: SetUpLink | undefined;
}

/**
 * Sees that somebody can begin: where no Global Administrator of the tenant has a password yet,
 * admin@<default domain> becomes one (and is added, where nobody is called so), with the given
 * password, or with a new set-up link. On every start: so a lost link is no dead end. Not while passwords are off:
 * then one of them can sign in by a provider (identity-provider/ways-in.ts).
 * @returns undefined where a Global Administrator has a password, or all sign in by a provider
 */
export async function ensureFirstAdministrator(
  db: Database,
  tenantId: string,
  password: string | undefined,
): Promise<FirstAdministrator | undefined> {
  const kept = password === undefined ? {} : await keepPassword({ password, forceChangePasswordNextSignIn: false });
  return inTenant({ db, tenantId, actor: SYSTEM, correlationId: null }, async (tx) => {
    // Of servers that start at once, one after the other.
    await tx.client.query('select from tenants where tenant_id = $1 for no key update', [tenantId]);
    return (await canAnybodyBegin(tx)) ? undefined : makeAdministrator(tx, kept);
  });
}

/** The same for a tenant that is being made, inside its transaction: with a set-up link. */
export async function addFirstAdministrator(tx: TenantTransaction): Promise<FirstAdministrator & { link: SetUpLink }> {
  const { userPrincipalName, link } = await makeAdministrator(tx, {});
  return { userPrincipalName, link: link! };
}

async function canAnybodyBegin(tx: TenantTransaction): Promise<boolean> {
  const { rowCount } = await tx.client.query(
    `select from directory_role_members m
       join users u on u.tenant_id = m.tenant_id and u.user_id = m.user_id
      where m.tenant_id = $1 and m.role_id = $2 and u.is_account_enabled
        and (u.password_hash is not null
          or exists (select from tenants t where t.tenant_id = $1 and not t.is_password_sign_in_on)) limit 1`,
    [tx.tenantId, GLOBAL_ADMINISTRATOR],
  );
  return rowCount === 1;
}

async function makeAdministrator(tx: TenantTransaction, kept: KeptPassword): Promise<FirstAdministrator> {
  const { rows } = await tx.client.query<{ name: string; user_id: string | null; user_principal_name: string | null }>(
    `select 'admin@' || t.default_domain as name, u.user_id, u.user_principal_name
       from tenants t left join users u on u.tenant_id = t.tenant_id
            and lower(u.user_principal_name) = lower('admin@' || t.default_domain)
      where t.tenant_id = $1`,
    [tx.tenantId],
  );
  const found = rows[0]!;
  const userPrincipalName = found.user_principal_name ?? found.name;
  const userId = found.user_id ?? (await insertUser(tx, { userPrincipalName, displayName: 'Administrator' }));
  await insertRoleMember(tx, findRole(GLOBAL_ADMINISTRATOR)!, userId, userPrincipalName);
  // Whoever had a password before they were an administrator proves by link or setting that they are meant.
  await writePassword(tx, userId, { password_hash: null, must_change_password: false, ...kept });
  await tx.query
    .updateTable('users')
    .set({ is_account_enabled: true })
    .where('tenant_id', '=', tx.tenantId)
    .where('user_id', '=', userId)
    .execute();
  await endSessions(tx, [userId]);
  await endSetUpLink(tx, userId);
  return { userPrincipalName, link: kept.password_hash ? undefined : await insertSetUpLink(tx, userId) };
}
