import { sql, type Expression, type SqlBool } from 'kysely';
import type { Database } from '../../db/open.ts';
import { claimRows } from './claim-rows.ts';
import type { Period } from './period.ts';

/** Claims of a period by day (UTC) and product, refusals by reason, and the sums. */
export interface Summary {
  readonly claims: readonly {
    date: string;
    skuId: string;
    skuPartNumber: string;
    productDisplayName: string;
    count: number;
  }[];
  readonly refusals: readonly { reason: string; count: number }[];
  readonly totalClaims: number;
  readonly totalRefusals: number;
}

/**
 * Counts what the report lists; claims agree with its rows to the one.
 * @param conditions over claims as `c` (claimRows) and refusals as `s` (sign_ins)
 */
export async function readSummary(
  db: Database,
  tenantId: string,
  { from, to }: Period,
  conditions: { readonly claims: readonly Expression<SqlBool>[]; readonly refusals: readonly Expression<SqlBool>[] },
): Promise<Summary> {
  const until = to ?? 'infinity';
  // One statement, so one snapshot: the sums are those of the parts.
  const { rows } = await sql<Pick<Summary, 'claims' | 'refusals'>>`
    select (select coalesce(json_agg(d order by d.date, d."skuPartNumber", d."skuId"), '[]')
              from (select to_char(c.claimed_at at time zone 'UTC', 'YYYY-MM-DD') as date, c.sku_id as "skuId",
                           max(c.sku_part_number) as "skuPartNumber", max(c.product_display_name) as "productDisplayName",
                           count(*) as count
                      from ${claimRows(tenantId)}
                     where c.claimed_at >= ${from} and c.claimed_at < ${until} and ${all(conditions.claims)}
                     group by 1, 2) as d) as claims,
           (select coalesce(json_agg(r order by r.count desc, r.reason), '[]')
              from (select s.reason, count(*) as count from sign_ins s
                     where s.tenant_id = ${tenantId} and s.outcome = 'refused'
                       and s.decided_at >= ${from} and s.decided_at < ${until} and ${all(conditions.refusals)}
                     group by 1) as r) as refusals`.execute(db.query);
  const { claims, refusals } = rows[0]!;
  return { claims, refusals, totalClaims: sum(claims), totalRefusals: sum(refusals) };
}

function all(conditions: readonly Expression<SqlBool>[]) {
  return conditions.length === 0 ? sql<SqlBool>`true` : sql<SqlBool>`${sql.join(conditions, sql` and `)}`;
}

function sum(parts: readonly { readonly count: number }[]): number {
  return parts.reduce((total, part) => total + part.count, 0);
}
