import type { Permission } from '../../../contract/permission.ts';
import { Refused } from '../refused.ts';
import type { TenantTransaction } from '../tenant/tenancy.ts';
import { GLOBAL_ADMINISTRATOR } from './roles.ts';

/** Whoever changes users, and what they may do themselves; undefined: Autoclaim itself. */
export interface Administrator {
  readonly permissions: ReadonlySet<string>;
}

/** Who may make administrators may also do to them what takes their place: block, delete, rename, reset. */
const OVER_ADMINISTRATORS: Permission = 'RoleManagement.ReadWrite.Directory';

const NOT_OVER =
  'Insufficient privileges to complete the operation. Only a Global Administrator may block, delete or rename a user who holds a directory role, or change their password.';

interface Holder {
  readonly user_id: string;
  readonly is_global: boolean;
  /** Not blocked, and with a way in. */
  readonly is_enabled: boolean;
  /** What must not change by who isn't over administrators. */
  readonly guarded: string;
}

/**
 * Does work that may block, delete or rename users, or take roles away, and refuses it afterwards
 * where no Global Administrator would be left who can sign in, or where someone who isn't over
 * administrators has blocked, deleted or renamed one, or changed their password: whoever could,
 * could become them. Of two who take away each other's role, the second is refused.
 * @param userIds whom the work is about; undefined: anybody
 * @throws Refused, so that the transaction ends undone
 */
export async function guardAdministrators<T>(
  tx: TenantTransaction,
  by: Administrator | undefined,
  userIds: readonly string[] | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const concerned = (holder: Holder) => userIds === undefined || userIds.includes(holder.user_id);
  // Without the lock first: most users hold no role, and theirs must not wait for each other.
  if (!(await readHolders(tx)).some(concerned)) return work();
  await tx.client.query(
    'select from directory_role_members where tenant_id = $1 order by role_id, user_id for update',
    [tx.tenantId],
  );
  const before = await readHolders(tx);
  const result = await work();
  const after = new Map((await readHolders(tx)).map((holder) => [holder.user_id, holder]));
  const isUntouched = (holder: Holder) => after.get(holder.user_id)?.guarded === holder.guarded;
  if (by && !by.permissions.has(OVER_ADMINISTRATORS) && !before.filter(concerned).every(isUntouched)) {
    throw new Refused('forbidden', NOT_OVER);
  }
  const canAct = (holder: Holder) => holder.is_global && holder.is_enabled;
  if (before.some(canAct) && ![...after.values()].some(canAct)) {
    throw new Refused(
      'invalid',
      'This is the last Global Administrator who can sign in. Make someone else a Global Administrator first.',
    );
  }
  return result;
}

/**
 * For what gives a way to become a user: only who is over administrators may do it to one.
 * @throws Refused forbidden
 */
export async function refuseOverAdministrator(tx: TenantTransaction, by: Administrator, userId: string): Promise<void> {
  if (by.permissions.has(OVER_ADMINISTRATORS)) return;
  if ((await readHolders(tx)).some((holder) => holder.user_id === userId)) throw new Refused('forbidden', NOT_OVER);
}

async function readHolders(tx: TenantTransaction): Promise<Holder[]> {
  const { rows } = await tx.client.query<Holder>(
    `select u.user_id, bool_or(m.role_id = $2) as is_global,
            u.is_account_enabled and (
              exists (select from tenants t where t.tenant_id = $1 and t.is_password_sign_in_on)
              or exists (select from external_identities e
                           join identity_providers p on p.tenant_id = e.tenant_id and p.provider_id = e.provider_id
                          where e.tenant_id = $1 and e.user_id = u.user_id and p.is_enabled)) as is_enabled,
            json_build_array(u.is_account_enabled, lower(u.user_principal_name), u.password_hash, u.must_change_password)::text as guarded
       from directory_role_members m
       join users u on u.tenant_id = m.tenant_id and u.user_id = m.user_id
      where m.tenant_id = $1
      group by u.tenant_id, u.user_id`,
    [tx.tenantId, GLOBAL_ADMINISTRATOR],
  );
  return rows;
}
