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
