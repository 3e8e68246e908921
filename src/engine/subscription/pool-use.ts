import type { Database } from '../../db/open.ts';
import { currentTime } from '../../db/transaction.ts';
import { statusSql } from './lifecycle.ts';

/** How long a day is kept: a year, and the month before it to compare with. */
const KEPT_DAYS = 400;

/**
 * Notes how full every pool is now, of all tenants: of each day (UTC) the moment at which most seats
 * were in use remains, the last of these where there are several. The job that runs on a schedule:
 * what comes and goes between two runs isn't seen, and no claim has a part in it.
 */
export async function notePoolUse(db: Database): Promise<void> {
  await db.pool.query(
    `insert into pool_use as kept (tenant_id, sku_id, day, consumed, units)
     select o.tenant_id, o.sku_id, ($1::timestamptz at time zone 'UTC')::date, o.consumed,
            coalesce(s.units, 0)
       from pools o
       left join (select tenant_id, sku_id, sum(total_licenses) as units from subscriptions
                   where not is_removed and ${statusSql('ends_at', '$1::timestamptz')} in ('Enabled', 'Warning')
                   group by tenant_id, sku_id) as s on s.tenant_id = o.tenant_id and s.sku_id = o.sku_id
     on conflict (tenant_id, sku_id, day) do update set consumed = excluded.consumed, units = excluded.units
      where excluded.consumed > kept.consumed
         or (excluded.consumed = kept.consumed and excluded.units <> kept.units)`,
    [await currentTime(db.pool)],
  );
}

/** Forgets the days that have been kept long enough, of all tenants. */
export async function purgePoolUse(db: Database): Promise<void> {
  await db.pool.query("delete from pool_use where day < ($1::timestamptz at time zone 'UTC')::date - $2::int", [
    await currentTime(db.pool),
    KEPT_DAYS,
  ]);
}
