import { changesBetween, recordAudit } from '../audit/audit.ts';
import { GLOBAL_ADMINISTRATOR } from '../directory/roles.ts';
import { Refused } from '../refused.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';

/** Whether people of the tenant may sign in with a password. */
export async function isPasswordSignInOn({ db, tenantId }: Pick<Tenancy, 'db' | 'tenantId'>): Promise<boolean> {
  const { rows } = await db.pool.query<{ is_password_sign_in_on: boolean }>(
    'select is_password_sign_in_on from tenants where tenant_id = $1',
    [tenantId],
  );
  return rows[0]?.is_password_sign_in_on ?? true;
}

/**
 * Lets people sign in with a password, or no more.
 * @throws Refused invalid, where no Global Administrator has signed in by a provider that is on
 */
export function writePasswordSignIn(tenancy: Tenancy, isOn: boolean): Promise<void> {
  return inTenant(tenancy, async (tx) => {
    await lockWaysIn(tx);
    const { rows } = await tx.client.query<{ is_on: boolean }>(
      'select is_password_sign_in_on as is_on from tenants where tenant_id = $1',
      [tx.tenantId],
    );
    const before = rows[0]!.is_on;
    if (before === isOn) return;
    await tx.query
      .updateTable('tenants')
      .set({ is_password_sign_in_on: isOn })
      .where('tenant_id', '=', tx.tenantId)
      .execute();
    await guardWaysIn(tx);
    const changes = changesBetween({ isPasswordAllowed: before }, { isPasswordAllowed: isOn });
    const target = { type: 'Setting', id: tx.tenantId, name: 'Sign-in with a password' };
    await recordAudit(tx, [
      { category: 'Policy', activity: 'Update sign-in setting', operation: 'Update', target, changes },
    ]);
  });
}

/** Held by whoever may close a way in, so that two of them don't close the last two. Roles after the tenant, always. */
export async function lockWaysIn(tx: TenantTransaction): Promise<void> {
  await tx.client.query('select from tenants where tenant_id = $1 for no key update', [tx.tenantId]);
  await tx.client.query(
    'select from directory_role_members where tenant_id = $1 order by role_id, user_id for update',
    [tx.tenantId],
  );
}

/**
 * After a change: some Global Administrator can still sign in, by a password or by a provider that
 * is on and that they have signed in by before.
 * @throws Refused invalid, so that the transaction ends undone
 */
export async function guardWaysIn(tx: TenantTransaction): Promise<void> {
  const { rowCount } = await tx.client.query(
    `select from tenants t where t.tenant_id = $1 and (t.is_password_sign_in_on or exists (
       select from directory_role_members m
         join users u on u.tenant_id = m.tenant_id and u.user_id = m.user_id
         join external_identities e on e.tenant_id = m.tenant_id and e.user_id = m.user_id
         join identity_providers p on p.tenant_id = e.tenant_id and p.provider_id = e.provider_id
        where m.tenant_id = $1 and m.role_id = $2 and u.is_account_enabled and p.is_enabled))`,
    [tx.tenantId, GLOBAL_ADMINISTRATOR],
  );
  if (rowCount === 0) {
    throw new Refused(
      'invalid',
      'No Global Administrator could sign in any more. One of them has to have signed in by an identity provider that is on, as long as nobody may sign in with a password.',
    );
  }
}
