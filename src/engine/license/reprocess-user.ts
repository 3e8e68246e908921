import { recordAudit } from '../audit/audit.ts';
import { queueUsers } from '../directory/licensing-queue.ts';
import { notFound } from '../refused.ts';
import { inTenant, type Tenancy } from '../tenant/tenancy.ts';
import { licenseQueued } from './work-off-queue.ts';

/**
 * Looks again at what a user's groups give him: mends the errors whose causes are gone.
 * @throws Refused notFound
 */
export async function reprocessUser(tenancy: Tenancy, userId: string): Promise<void> {
  const queued = await inTenant(tenancy, async (tx) => {
    const { rows } = await tx.client.query<{ user_principal_name: string }>(
      'select user_principal_name from users where tenant_id = $1 and user_id = $2 for key share',
      [tx.tenantId, userId],
    );
    if (!rows[0]) throw notFound(userId);
    await recordAudit(tx, [
      {
        category: 'UserManagement',
        activity: 'Reprocess license assignment',
        operation: 'Update',
        target: { type: 'User', id: userId, name: rows[0].user_principal_name },
      },
    ]);
    return queueUsers(tx, [userId]);
  });
  await licenseQueued(tenancy, queued);
}
