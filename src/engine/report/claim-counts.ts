import { sql, type Expression, type SqlBool } from 'kysely';
import type { Database } from '../../db/open.ts';
import { readCountedUntil } from './count-claims.ts';
import type { Period } from './period.ts';

const HOUR_MS = 3_600_000;

/**
 * The claims of a period as counts, a table `c`: by the hour where they are counted already, one by
 * one at the period's ends. Its sum is the number of the rows of claimRows to the one. Columns:
 * claimed_at (the hour's beginning where it is of many), policy_id, app_id, sku_id, is_backup,
 * claims, and the product's names of the day. Indexes: claims_newest_first; counted_claims' primary key.
 */
export async function claimCounts(db: Database, tenantId: string, { from, to }: Period) {
  // What is counted stays: a later statement may go by this.
  const countedUntil = await readCountedUntil(db, tenantId);
  const counted = countedUntil && wholeHours(from, to && to < countedUntil ? to : countedUntil);
  const ranges = counted
    ? [one(tenantId, from, counted.from), many(tenantId, counted), one(tenantId, counted.until, to)]
    : [one(tenantId, from, to)];
  return sql<{ claims: number }>`(${sql.join(ranges, sql` union all `)})`.as<'c'>('c');
}

/** The whole hours between two moments; undefined where there is none. */
function wholeHours(from: Date, to: Date): { from: Date; until: Date } | undefined {
  const first = Math.ceil(from.getTime() / HOUR_MS) * HOUR_MS;
  const last = Math.floor(to.getTime() / HOUR_MS) * HOUR_MS;
  return first < last ? { from: new Date(first), until: new Date(last) } : undefined;
}

function one(tenantId: string, from: Date, to: Date | null) {
  return sql`select claimed_at, policy_id, app_id, sku_id, is_backup, 1::bigint as claims, sku_part_number, product_display_name
    from claims where tenant_id = ${tenantId} and claimed_at >= ${from} and claimed_at < ${to ?? 'infinity'}`;
}

function many(tenantId: string, { from, until }: { from: Date; until: Date }) {
  return sql`select hour as claimed_at, policy_id, app_id, sku_id, is_backup, claims, sku_part_number, product_display_name
    from counted_claims where tenant_id = ${tenantId} and hour >= ${from} and hour < ${until}`;
}

/**
 * How many claims a period has.
 * @param conditions over `c`'s policy_id, app_id, sku_id and is_backup alone
 */
export async function countClaimsIn(
  db: Database,
  tenantId: string,
  period: Period,
  conditions: readonly Expression<SqlBool>[],
): Promise<number> {
  const from = db.query.selectFrom(await claimCounts(db, tenantId, period));
  const { count } = await conditions
    .reduce((query, condition) => query.where(condition), from)
    .select(sql<number>`coalesce(sum(c.claims), 0)::bigint`.as('count'))
    .executeTakeFirstOrThrow();
  return count;
}
