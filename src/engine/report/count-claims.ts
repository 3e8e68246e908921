import type { Database } from '../../db/open.ts';
import { lockAllPools } from '../subscription/pools.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import { SYSTEM } from '../tenant/tenant.ts';

/**
 * How long an hour must be over before it is counted. A clock of the database that is set back by
 * less than this adds no claim to an hour that was counted.
 */
const SETTLED_AFTER = '2 hours';
/** What is counted in one transaction. */
const PART_HOURS = 6;

interface Part {
  readonly from: Date;
  readonly until: Date;
}

/** Counts the claims of all tenants, of hours that are over; the job that runs on a schedule. */
export async function countClaimsOfAll(db: Database): Promise<void> {
  const { rows } = await db.pool.query<{ tenant_id: string }>('select tenant_id from tenants');
  for (const { tenant_id: tenantId } of rows) {
    await countClaims({ db, tenantId, actor: SYSTEM, correlationId: null });
  }
}

/** Counts a tenant's claims by the hour, from where it was left to what is settled by now. */
export async function countClaims(tenancy: Tenancy): Promise<void> {
  const { pool } = tenancy.db;
  const first = await nextPart(pool, tenancy.tenantId);
  if (!first) return;
  // A claim takes its time under a pool's lock: once all locks were free, all that was claimed
  // before this moment is committed. Held for no longer, since the counting may take a while.
  await inTenant(tenancy, lockAllPools);
  for (let part: Part | undefined = first; part; part = await nextPart(pool, tenancy.tenantId)) {
    const { from, until } = part;
    await inTenant(tenancy, (tx) => countPart(tx, from, until));
  }
}

/** The next hours that have claims and are settled; undefined where there are none. Index: claims_newest_first. */
async function nextPart(pool: Database['pool'], tenantId: string): Promise<Part | undefined> {
  const { rows } = await pool.query<Part>(
    `with next as (
       select date_trunc('hour', min(claimed_at), 'UTC') as from,
              date_trunc('hour', clock_timestamp() - $2::interval, 'UTC') as settled
         from claims
        where tenant_id = $1
          and claimed_at >= coalesce((select counted_until from claim_counting where tenant_id = $1), '-infinity')
     )
     select next.from, least(next.from + make_interval(hours => $3), settled) as until
       from next where next.from < settled`,
    [tenantId, SETTLED_AFTER, PART_HOURS],
  );
  return rows[0];
}

async function countPart({ client, tenantId }: TenantTransaction, from: Date, until: Date): Promise<void> {
  // Waits for whoever counts the same, and then finds it counted.
  const { rowCount } = await client.query(
    `insert into claim_counting as counting (tenant_id, counted_until) values ($1, $3)
     on conflict (tenant_id) do update set counted_until = excluded.counted_until
      where counting.counted_until <= $2`,
    [tenantId, from, until],
  );
  if (rowCount === 0) return;
  await client.query(
    `insert into counted_claims (tenant_id, hour, policy_id, app_id, sku_id, is_backup, claims, sku_part_number, product_display_name)
     select tenant_id, date_trunc('hour', claimed_at, 'UTC') as hour, policy_id, app_id, sku_id, is_backup, count(*),
            max(sku_part_number), max(product_display_name)
       from claims where tenant_id = $1 and claimed_at >= $2 and claimed_at < $3
      group by tenant_id, hour, policy_id, app_id, sku_id, is_backup`,
    [tenantId, from, until],
  );
}

/** Until when a tenant's claims are counted; undefined where none are yet. */
export async function readCountedUntil(db: Database, tenantId: string): Promise<Date | undefined> {
  const { rows } = await db.pool.query<{ counted_until: Date }>(
    'select counted_until from claim_counting where tenant_id = $1',
    [tenantId],
  );
  return rows[0]?.counted_until;
}
