import { currentTime } from '../../db/transaction.ts';
import type { TenantClient } from '../tenant/tenancy.ts';
import { nextLifecycleChangeSql, statusSql } from './lifecycle.ts';

/** All seats of one product that a tenant has, by the state of the subscriptions they come from. */
export interface Pool {
  readonly skuId: string;
  /** A subscription of it is Enabled or Warning. */
  readonly isUsable: boolean;
  readonly enabled: number;
  readonly warning: number;
  readonly suspended: number;
  readonly consumed: number;
  /** When units move to another state next; null where they never do. */
  readonly validUntil: Date | null;
}

interface PoolRow {
  sku_id: string;
  is_usable: boolean;
  enabled: number;
  warning: number;
  suspended: number;
  consumed: number;
  valid_until: Date | null;
}

const COLUMNS = 'sku_id, is_usable, enabled, warning, suspended, consumed, valid_until';

/**
 * Locks pools, in the one order that everyone keeps (by sku_id, in one statement, before any
 * other row), so that no two transactions wait for each other. Units that are due to another
 * state are moved. What a decision reads must be read after this, in a new statement: a statement
 * that waited for a lock still sees other tables as they were before it waited.
 */
export function lockPools(tx: TenantClient, skuIds: readonly string[]): Promise<Pool[]> {
  return lock(tx, 'lock-pools', 'and sku_id = any($2::uuid[])', [skuIds]);
}

/**
 * Locks every pool of the tenant. Whoever changes what claims decide by (the switch, a policy, a
 * user's existence) does this first: then no claim is in flight, and any that follows sees the change.
 * The tenant's row after them keeps such writers apart also where there is no pool yet.
 */
export async function lockAllPools(tx: TenantClient): Promise<Pool[]> {
  const pools = await lock(tx, 'lock-all-pools', '', []);
  await tx.client.query('select from tenants where tenant_id = $1 for no key update', [tx.tenantId]);
  return pools;
}

/**
 * The lock of lockPools alone: for who reads the units after it, in a new statement, and moves those
 * that are due (moveDueUnits) before deciding by them.
 */
export async function holdPools(tx: TenantClient, skuIds: readonly string[]): Promise<void> {
  await lockRows(tx, 'lock-pools', 'and sku_id = any($2::uuid[])', [skuIds]);
}

async function lock(tx: TenantClient, name: string, condition: string, values: readonly unknown[]): Promise<Pool[]> {
  const pools = await lockRows(tx, name, condition, values);
  if (!pools.some((pool) => pool.validUntil !== null)) return pools;
  const moved = await moveDueUnits(
    tx,
    pools.map((pool) => pool.skuId),
  );
  return moved.length === 0 ? pools : pools.map((pool) => moved.find((one) => one.skuId === pool.skuId) ?? pool);
}

async function lockRows(
  tx: TenantClient,
  name: string,
  condition: string,
  values: readonly unknown[],
): Promise<Pool[]> {
  const { rows } = await tx.client.query<PoolRow>({
    name,
    // no key update: it conflicts with itself, and not with the key checks of foreign keys.
    text: `select ${COLUMNS} from pools where tenant_id = $1 ${condition} order by sku_id for no key update`,
    values: [tx.tenantId, ...values],
  });
  return rows.map(poolOf);
}

/**
 * Under the pools' locks: moves the units of subscriptions that have passed a lifecycle date, for
 * pools that are past theirs. Units of a Deleted subscription stay counted as suspended until its
 * seats are released (engine/license), so that consumed is never above the sum.
 * @returns the pools that were due
 */
export async function moveDueUnits(tx: TenantClient, skuIds: readonly string[]): Promise<Pool[]> {
  const { rows } = await tx.client.query<{ sku_id: string }>(
    `select sku_id from pools where tenant_id = $1 and sku_id = any($2::uuid[]) and valid_until <= clock_timestamp()`,
    [tx.tenantId, skuIds],
  );
  return rows.length === 0
    ? []
    : recountUnits(
        tx,
        rows.map((row) => row.sku_id),
      );
}

/** Under the pools' locks: counts their units anew from the subscriptions. */
export async function recountUnits(tx: TenantClient, skuIds: readonly string[]): Promise<Pool[]> {
  const { rows } = await tx.client.query<PoolRow>(
    `with states as materialized (
       select s.sku_id, s.total_licenses, ${statusSql('s.ends_at', '$3::timestamptz')} as status,
              ${nextLifecycleChangeSql('s.ends_at', '$3::timestamptz')} as next_change
         from subscriptions s
        where s.tenant_id = $1 and s.sku_id = any($2::uuid[]) and not s.is_removed),
     units as (
       select p.sku_id,
              coalesce(sum(total_licenses) filter (where status = 'Enabled'), 0) as enabled,
              coalesce(sum(total_licenses) filter (where status = 'Warning'), 0) as warning,
              coalesce(sum(total_licenses) filter (where status in ('Suspended', 'Deleted')), 0) as suspended,
              coalesce(bool_or(status in ('Enabled', 'Warning')), false) as is_usable,
              min(next_change) as valid_until
         from pools p left join states on states.sku_id = p.sku_id
        where p.tenant_id = $1 and p.sku_id = any($2::uuid[])
        group by p.sku_id)
     update pools
        set is_usable = units.is_usable, enabled = units.enabled, warning = units.warning,
            suspended = units.suspended, valid_until = units.valid_until
       from units
      where pools.tenant_id = $1 and pools.sku_id = units.sku_id
     returning ${COLUMNS.replaceAll(/\w+/g, 'pools.$&')}`,
    // A distributed database takes no volatile function into a statement that writes.
    [tx.tenantId, skuIds, await currentTime(tx.client)],
  );
  return rows.map(poolOf);
}

function poolOf(row: PoolRow): Pool {
  return {
    skuId: row.sku_id,
    isUsable: row.is_usable,
    enabled: row.enabled,
    warning: row.warning,
    suspended: row.suspended,
    consumed: row.consumed,
    validUntil: row.valid_until,
  };
}
