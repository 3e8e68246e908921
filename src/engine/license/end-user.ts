import type { TenantTransaction } from '../tenant/tenancy.ts';
import { endPaths } from './seats.ts';

/**
 * Under the locks of all the tenant's pools (lockAllPools): ends every license of a user, whatever
 * its paths, and what groups were still to give him. With the locks held no claim for the user can be under way.
 * @returns the products that the user held
 */
export async function endLicensesOfUser(tx: TenantTransaction, userId: string): Promise<string[]> {
  const licenses = await tx.query
    .selectFrom('licenses')
    .select('sku_id')
    .where('tenant_id', '=', tx.tenantId)
    .where('user_id', '=', userId)
    .orderBy('sku_id')
    .execute();
  const skuIds = licenses.map((license) => license.sku_id);
  await endPaths(
    tx,
    skuIds.map((skuId) => ({ userId, skuId })),
  );
  for (const table of ['group_license_errors', 'group_licensing_queue']) {
    await tx.client.query(`delete from ${table} where tenant_id = $1 and user_id = $2`, [tx.tenantId, userId]);
  }
  return skuIds;
}
