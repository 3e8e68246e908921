import type { TenantTransaction } from '../tenant/tenancy.ts';
import { endPaths } from './seats.ts';

/**
 * Under the locks of all the tenant's pools (lockAllPools): ends every license of a user, whatever
 * its paths. With the locks held no claim for the user can be under way.
 */
export async function endLicensesOfUser(tx: TenantTransaction, userId: string): Promise<void> {
  const licenses = await tx.query
    .selectFrom('licenses')
    .select('sku_id')
    .where('tenant_id', '=', tx.tenantId)
    .where('user_id', '=', userId)
    .execute();
  await endPaths(
    tx,
    licenses.map((license) => ({ userId, skuId: license.sku_id })),
  );
}
