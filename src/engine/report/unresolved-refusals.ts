import { sql } from 'kysely';
import type { Database } from '../../db/open.ts';
import type { Reason } from '../claim/decision.ts';
import { isUsableSql } from '../subscription/subscription-rows.ts';
import type { Period } from './period.ts';

/** People who wait for one and the same: what would resolve it follows from the reason, the app and the product. */
export interface UnresolvedRefusals {
  readonly reason: Reason;
  readonly appId: string;
  /** Of today, or of the last refusal where the app is gone. */
  readonly appDisplayName: string | null;
  /** The primary product of the app's first policy that is on, by which a refusal's reason is told; null where there is none. */
  readonly skuId: string | null;
  readonly productDisplayName: string | null;
  readonly people: number;
  readonly lastDateTime: string;
}

/** More are no list that anybody works off. */
const GROUPS_MAX = 100;

/**
 * Who was refused in a period and still has no license for the app, by what they were refused for
 * the last time. Each person counts once an app, however often they came; who isn't known, by the
 * name that was told. People who are gone or blocked wait for nothing, but those whom that was told.
 * Indexes: refusals_by_time; the primary keys of users, apps, assignment_paths and policies' by app.
 */
export async function readUnresolvedRefusals(
  db: Database,
  tenantId: string,
  { from, to }: Period,
): Promise<readonly UnresolvedRefusals[]> {
  const { rows } = await sql<UnresolvedRefusals>`
    with refused as materialized (
      select distinct on (s.app_id, s.user_id, person) s.app_id, s.app_display_name, s.user_id, s.reason, s.decided_at,
             case when s.user_id is null then lower(s.user_principal_name) end as person
        from sign_ins s
       where s.tenant_id = ${tenantId} and s.outcome = 'refused'
         and s.decided_at >= ${from} and s.decided_at < ${to ?? 'infinity'}
       order by s.app_id, s.user_id, person, s.decided_at desc
    ), licensing as materialized (
      select a.app_id, l.sku_id, l.service_plan_id
        from apps a join product_plans l
          on l.tenant_id = ${tenantId} and l.service_plan_id = any(a.required_service_plan_ids)
       where a.tenant_id = ${tenantId} and ${sql.raw(isUsableSql('l'))}
    ), waiting as (
      select r.*
        from refused r left join users u on u.tenant_id = ${tenantId} and u.user_id = r.user_id
       where (r.user_id is null or (u.user_id is not null and (u.is_account_enabled or r.reason = 'userBlocked')))
         and not (r.reason = 'userBlocked' and coalesce(u.is_account_enabled, false))
         and not (r.reason = 'unknownUser' and exists (
               select from users known where known.tenant_id = ${tenantId} and lower(known.user_principal_name) = r.person))
         and not exists (
               select from assignment_paths p join licensing on licensing.sku_id = p.sku_id
                where p.tenant_id = ${tenantId} and p.user_id = r.user_id and licensing.app_id = r.app_id
                  and licensing.service_plan_id <> all (p.disabled_plans))
    ), grouped as (
      select w.reason, w.app_id, max(w.app_display_name) as app_display_name, count(*)::int as people, max(w.decided_at) as last
        from waiting w group by 1, 2 order by people desc, 1, 2 limit ${GROUPS_MAX}
    ), primaries as (
      select distinct on (p.app_id) p.app_id, (p.products -> 0 ->> 'skuId')::uuid as sku_id
        from policies p
       where p.tenant_id = ${tenantId} and p.is_enabled and p.app_id in (select app_id from grouped)
       order by p.app_id, p.position
    )
    select g.reason, g.app_id as "appId", coalesce(a.display_name, g.app_display_name) as "appDisplayName",
           t.sku_id as "skuId", t.display_name as "productDisplayName", g.people, to_json(g.last) #>> '{}' as "lastDateTime"
      from grouped g
      left join apps a on a.tenant_id = ${tenantId} and a.app_id = g.app_id
      left join primaries on primaries.app_id = g.app_id
      left join products t on t.tenant_id = ${tenantId} and t.sku_id = primaries.sku_id
     order by g.people desc, g.reason, g.app_id`.execute(db.query);
  return rows.map((row) => ({ ...row, lastDateTime: new Date(row.lastDateTime).toISOString() }));
}
