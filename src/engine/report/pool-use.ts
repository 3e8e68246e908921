import { sql } from 'kysely';
import type { Database } from '../../db/open.ts';
import { poolRows } from '../subscription/subscription-rows.ts';
import type { Period } from './period.ts';

/** How full a pool was on a day (UTC) at the moment when most of its seats were in use. */
export interface PoolUse {
  /** 2026-01-31 */
  readonly date: string;
  readonly consumedUnits: number;
  /** Seats that could be used then: enabled and warning. */
  readonly units: number;
  readonly availableUnits: number;
}

/**
 * A pool's use by day, the oldest first: of every day that the period touches and that was seen
 * (src/engine/subscription/pool-use.ts); today as it is at this moment, if it is no fuller already.
 * @returns undefined where the tenant has no such pool
 */
export async function readPoolUse(
  db: Database,
  tenantId: string,
  skuId: string,
  { from, to }: Period,
  now: Date,
): Promise<PoolUse[] | undefined> {
  const dayOf = (moment: Date) => sql`(${moment}::timestamptz at time zone 'UTC')::date`;
  const until = to ?? new Date(now.getTime() + 1);
  const { rows } = await sql<{ days: PoolUse[] }>`
    with pool as materialized (
      select o.consumed, o.enabled + o.warning as units from ${poolRows(tenantId)} where o.sku_id = ${skuId}
    ), seen as (
      select day, consumed, units, false as is_now from pool_use where tenant_id = ${tenantId} and sku_id = ${skuId}
      union all
      select ${dayOf(now)}, consumed, units, true from pool
    ), fullest as (
      select distinct on (day) to_char(day, 'YYYY-MM-DD') as date, consumed as "consumedUnits", units,
             greatest(units - consumed, 0) as "availableUnits"
        from seen
       where ${from}::timestamptz < ${until}::timestamptz
         and day between ${dayOf(from)} and ${dayOf(new Date(until.getTime() - 1))}
       order by day, consumed desc, is_now desc
    )
    select (select coalesce(json_agg(f order by f.date), '[]') from fullest f) as days from pool`.execute(db.query);
  return rows[0]?.days;
}
