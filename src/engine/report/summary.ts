import { sql, type Expression, type SqlBool } from 'kysely';
import type { Database } from '../../db/open.ts';
import { claimCounts } from './claim-counts.ts';
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

/** What narrows a summary. */
export interface SummaryConditions {
  /** Over claims as `c` (claimRows). */
  readonly claims: readonly Expression<SqlBool>[];
  /** Those name policy_id, app_id, sku_id and is_backup alone: what counts of claims tell (claimCounts). */
  readonly areOfCounts: boolean;
  /** Over refusals as `s` (sign_ins). */
  readonly refusals: readonly Expression<SqlBool>[];
}

/** Counts what the report lists; claims agree with its rows to the one. */
export async function readSummary(
  db: Database,
  tenantId: string,
  period: Period,
  conditions: SummaryConditions,
): Promise<Summary> {
  const { from, to } = period;
  const until = to ?? 'infinity';
  const counts = conditions.areOfCounts
    ? sql`(select c.*, c.claims as count from ${await claimCounts(db, tenantId, period)}) as c where true`
    : sql`(select c.*, 1 as count from ${claimRows(tenantId)}) as c where c.claimed_at >= ${from} and c.claimed_at < ${until}`;
  // One statement, so one snapshot: the sums are those of the parts.
  const { rows } = await sql<Pick<Summary, 'claims' | 'refusals'>>`
    select (select coalesce(json_agg(json_build_object(
                     'date', d.date, 'skuId', d.sku_id, 'skuPartNumber', coalesce(t.sku_part_number, d.sku_part_number),
                     'productDisplayName', coalesce(t.display_name, d.product_display_name), 'count', d.count)
                     order by d.date, coalesce(t.sku_part_number, d.sku_part_number), d.sku_id), '[]')
              from (select to_char(c.claimed_at at time zone 'UTC', 'YYYY-MM-DD') as date, c.sku_id,
                           max(c.sku_part_number) as sku_part_number, max(c.product_display_name) as product_display_name,
                           sum(c.count) as count
                      from ${counts} and ${all(conditions.claims)}
                     group by 1, 2) as d
              left join products t on t.tenant_id = ${tenantId} and t.sku_id = d.sku_id) as claims,
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
