import type { TenantClient } from '../tenant/tenancy.ts';

/**
 * Locks users whose licenses are about to change, after the pools and in the order of their ids.
 * Pools alone don't keep two changes of one user apart where they are of different products: each
 * would look at what the user holds without seeing the other's, and together they could give plans
 * that exclude each other, or a second product where the first had been enough.
 */
export async function lockUsers(tx: TenantClient, userIds: readonly string[]): Promise<void> {
  await tx.client.query({
    name: 'lock-users',
    text: 'select from users where tenant_id = $1 and user_id = any($2::uuid[]) order by user_id for no key update',
    values: [tx.tenantId, userIds],
  });
}

/**
 * The same for whoever sign-ins name, by id or principal name, before anything about them was read.
 * Index: users' primary key, users_by_principal_name.
 * @returns those that are locked: who isn't there, or has taken another name meanwhile, is not among them
 */
export async function lockNamedUsers(
  tx: TenantClient,
  named: readonly { readonly userId: string | null; readonly userPrincipalName: string | null }[],
): Promise<Set<string>> {
  const { rows } = await tx.client.query<{ user_id: string }>({
    name: 'lock-named-users',
    text: `select user_id from users
            where tenant_id = $1
              and user_id = any(array(
                    select coalesce(a.user_id, (select u.user_id from users u
                                                 where u.tenant_id = $1 and lower(u.user_principal_name) = lower(a.name)))
                      from json_to_recordset($2::json) as a(user_id uuid, name text)))
            order by user_id for no key update`,
    values: [
      tx.tenantId,
      JSON.stringify(named.map(({ userId, userPrincipalName: name }) => ({ user_id: userId, name }))),
    ],
  });
  return new Set(rows.map((row) => row.user_id));
}
