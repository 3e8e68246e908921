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

/**
 * Under the locks of all the tenant's pools: ends a user's direct and policy paths. What groups give
 * stays as long as the membership does.
 * @returns the products that the user had by them, and whether a group gives them still
 */
export async function endOwnPathsOfUser(
  tx: TenantTransaction,
  userId: string,
): Promise<{ skuId: string; isHeld: boolean }[]> {
  const { rows } = await tx.client.query<{ sku_id: string }>(
    "select distinct sku_id from assignment_paths where tenant_id = $1 and user_id = $2 and kind <> 'group' order by sku_id",
    [tx.tenantId, userId],
  );
  const ended = await endPaths(
    tx,
    rows.map(({ sku_id: skuId }) => ({ userId, skuId, kinds: ['direct', 'policy'] as const })),
  );
  return rows.map(({ sku_id: skuId }) => ({ skuId, isHeld: !ended.some((one) => one.skuId === skuId) }));
}
