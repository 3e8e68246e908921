import type { Database } from '../../db/open.ts';
import { recordAudit } from '../audit/audit.ts';
import { queueUsers } from '../directory/licensing-queue.ts';
import { SUSPENDED_MS, WARNING_MS } from '../subscription/lifecycle.ts';
import { lockPools, recountUnits } from '../subscription/pools.ts';
import { SYSTEM } from '../tenant/tenant.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import { endPaths } from './seats.ts';

/** From its end to when a subscription is Deleted. */
const LIFE_AFTER_END = `${WARNING_MS + SUSPENDED_MS} milliseconds`;

interface EndedSubscription {
  readonly subscription_id: string;
  readonly sku_id: string;
  readonly sku_part_number: string;
  readonly total_licenses: number;
}

interface Released {
  readonly userId: string;
  readonly skuId: string;
  readonly userPrincipalName: string | null;
}

interface ReleasedRow {
  user_id: string;
  sku_id: string;
  user_principal_name: string | null;
  by_group: boolean;
}

/** Ends the subscriptions of all tenants that are Deleted by now; the job that runs on a schedule. */
export async function endDeletedSubscriptionsOfAll(db: Database): Promise<void> {
  const { rows } = await db.pool.query<{ tenant_id: string }>(
    `select distinct tenant_id from subscriptions
      where ends_at is not null and not is_removed and ends_at <= clock_timestamp() - $1::interval`,
    [LIFE_AFTER_END],
  );
  for (const { tenant_id: tenantId } of rows) {
    await endDeletedSubscriptions({ db, tenantId, actor: SYSTEM, correlationId: null });
  }
}

/**
 * Ends a tenant's subscriptions that are Deleted by now: seats above what is left end, the newest
 * license first (PRODUCT.md, "Releasing"), and then their units go. Reads of pools and licenses
 * call it first, so that what they show doesn't depend on when the job ran.
 */
export async function endDeletedSubscriptions(tenancy: Tenancy): Promise<void> {
  const due = await tenancy.db.pool.query(
    `select from subscriptions
      where tenant_id = $1 and ends_at is not null and not is_removed and ends_at <= clock_timestamp() - $2::interval limit 1`,
    [tenancy.tenantId, LIFE_AFTER_END],
  );
  if (due.rowCount === 0) return;
  await inTenant({ ...tenancy, actor: SYSTEM, alongside: undefined }, async (tx) => {
    const skuIds = [...new Set((await readEnded(tx)).map((row) => row.sku_id))];
    await lockPools(tx, skuIds);
    // Again under the locks: another server may have ended them, or somebody renewed one.
    const ended = (await readEnded(tx)).filter((row) => skuIds.includes(row.sku_id));
    await tx.client.query(
      'update subscriptions set is_removed = true where tenant_id = $1 and subscription_id = any($2::uuid[])',
      [tx.tenantId, ended.map((row) => row.subscription_id)],
    );
    const released = await releaseAboveUnits(tx, skuIds);
    await recountUnits(tx, skuIds);
    await audit(tx, ended, released);
  });
}

async function readEnded(tx: TenantTransaction): Promise<EndedSubscription[]> {
  const { rows } = await tx.client.query<EndedSubscription>(
    `select s.subscription_id, s.sku_id, t.sku_part_number, s.total_licenses
       from subscriptions s join products t on t.tenant_id = s.tenant_id and t.sku_id = s.sku_id
      where s.tenant_id = $1 and s.ends_at is not null and not s.is_removed and s.ends_at <= clock_timestamp() - $2::interval
      order by s.sku_id, s.subscription_id`,
    [tx.tenantId, LIFE_AFTER_END],
  );
  return rows;
}

async function releaseAboveUnits(tx: TenantTransaction, skuIds: readonly string[]): Promise<Released[]> {
  const { rows } = await tx.client.query<ReleasedRow>(
    `select l.user_id, l.sku_id, u.user_principal_name,
            exists (select from assignment_paths p
                     where p.tenant_id = $1 and p.user_id = l.user_id and p.sku_id = l.sku_id and p.kind = 'group') as by_group
       from (select o.sku_id,
                    o.consumed - coalesce((select sum(s.total_licenses) from subscriptions s
                                            where s.tenant_id = $1 and s.sku_id = o.sku_id and not s.is_removed), 0) as above
               from pools o where o.tenant_id = $1 and o.sku_id = any($2::uuid[])) as pool
       cross join lateral (select user_id, sku_id from licenses
                            where tenant_id = $1 and sku_id = pool.sku_id
                            order by created_at desc, user_id limit greatest(pool.above, 0)) as l
       left join users u on u.tenant_id = $1 and u.user_id = l.user_id`,
    [tx.tenantId, skuIds],
  );
  const released = rows.map((row) => ({
    userId: row.user_id,
    skuId: row.sku_id,
    userPrincipalName: row.user_principal_name,
  }));
  await endPaths(tx, released);
  // What a group is to give stays, and is an error of these members now.
  const members = rows.filter((row) => row.by_group).map((row) => row.user_id);
  await queueUsers(tx, members);
  return released;
}

async function audit(
  tx: TenantTransaction,
  ended: readonly EndedSubscription[],
  released: readonly Released[],
): Promise<void> {
  await recordAudit(tx, [
    ...ended.map((row) => ({
      category: 'DirectoryManagement' as const,
      activity: 'End subscription',
      operation: 'Delete' as const,
      target: { type: 'Subscription', id: row.subscription_id, name: row.sku_part_number },
      changes: [{ name: 'totalLicenses', before: row.total_licenses, after: null }],
      details: { SkuId: row.sku_id },
    })),
    ...released.map(({ userId, skuId, userPrincipalName }) => ({
      category: 'UserManagement' as const,
      activity: 'Release license',
      operation: 'Unassign' as const,
      target: { type: 'User', id: userId, name: userPrincipalName },
      changes: [{ name: 'license', before: { skuId }, after: null }],
      details: { SkuId: skuId, Reason: 'The subscription is deleted' },
    })),
  ]);
}
