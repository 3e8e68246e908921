import type { Static } from 'typebox';
import type { Policy } from '../../../contract/auto-claim.ts';
import type { Api } from '../remote/api.ts';

/** A pool as it is read here. */
export interface Pool {
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly displayName: string;
  readonly capabilityStatus: string;
  readonly consumedUnits: number;
  readonly availableUnits: number;
}

/** Pools, by their product. */
export async function readPools(api: Api): Promise<Map<string, Pool>> {
  const $select = 'skuId,skuPartNumber,displayName,capabilityStatus,consumedUnits,availableUnits';
  const pools = await api.all<Pool>('/subscribedSkus', { $select });
  return new Map(pools.map((pool) => [pool.skuId, pool]));
}

/** Free seats of all of a policy's products. */
export function availableTo(policy: Static<typeof Policy>, pools: ReadonlyMap<string, Pool>): number {
  return policy.products.reduce((sum, { skuId }) => sum + (pools.get(skuId)?.availableUnits ?? 0), 0);
}

/**
 * As the admin center has it: On, Off, or Out of licenses.
 * @param available undefined where it isn't known
 */
export function statusOf(policy: Static<typeof Policy>, available: number | undefined): string {
  if (!policy.isEnabled) return 'Off';
  return available === 0 ? 'Out of licenses' : 'On';
}
