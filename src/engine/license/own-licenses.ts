import type { Database } from '../../db/open.ts';
import { isUsableSql } from '../subscription/subscription-rows.ts';
import { readWaysToGroups, type GroupOnTheWay } from './through-groups.ts';

/** A product that a person holds, in their own words: since when, why, and which apps it opens. */
export interface OwnLicense {
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly displayName: string;
  readonly assignedAt: Date;
  readonly isUsable: boolean;
  readonly paths: readonly OwnPath[];
  readonly servicePlans: readonly { servicePlanId: string; servicePlanName: string; friendlyName: string }[];
  readonly apps: readonly { appId: string; displayName: string }[];
}

export interface OwnPath {
  readonly kind: 'direct' | 'group' | 'policy';
  /** ISO 8601 */
  readonly assignedDateTime: string;
  readonly groupId: string | null;
  readonly groupDisplayName: string | null;
  /** By which groups the person is in that group, beginning with their own; none: by themselves. */
  readonly throughGroups: readonly GroupOnTheWay[];
  readonly policyId: string | null;
  /** As on the day of the claim: the policy may be another or gone by now. */
  readonly policyDisplayName: string | null;
  readonly appId: string | null;
  readonly appDisplayName: string | null;
  readonly isBackup: boolean | null;
}

const PATHS = `
  select coalesce(json_agg(json_build_object(
           'kind', p.kind,
           'assignedDateTime', to_char(p.modified_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
           'groupId', case when p.kind = 'group' then p.source_id end, 'groupDisplayName', g.display_name,
           'policyId', p.policy_id, 'policyDisplayName', c.policy_display_name,
           'appId', case when p.kind = 'policy' then p.source_id end, 'appDisplayName', c.app_display_name,
           'isBackup', p.is_backup) order by p.modified_at, p.kind, p.source_id), '[]')
    from assignment_paths p
    left join groups g on g.tenant_id = p.tenant_id and p.kind = 'group' and g.group_id = p.source_id
    left join claims c on c.tenant_id = p.tenant_id and c.claim_id = p.claim_id
   where p.tenant_id = l.tenant_id and p.user_id = l.user_id and p.sku_id = l.sku_id`;

/** The plans of license l that at least one path turns on. */
const PLANS_ON = `product_plans s
   where s.tenant_id = l.tenant_id and s.sku_id = l.sku_id
     and exists (select from assignment_paths a
                  where a.tenant_id = l.tenant_id and a.user_id = l.user_id and a.sku_id = l.sku_id
                    and s.service_plan_id <> all (a.disabled_plans))`;

/** What a person holds, by product name. Someone holds a few dozen at most: no pages. */
export async function readOwnLicenses(db: Database, tenantId: string, userId: string): Promise<OwnLicense[]> {
  const { rows } = await db.pool.query<OwnLicense>(
    `select l.sku_id as "skuId", t.sku_part_number as "skuPartNumber", t.display_name as "displayName",
            l.created_at as "assignedAt", ${isUsableSql('l')} as "isUsable", (${PATHS}) as paths,
            (select coalesce(json_agg(json_build_object('servicePlanId', s.service_plan_id,
                      'servicePlanName', s.service_plan_name, 'friendlyName', s.friendly_name) order by s.position), '[]')
               from ${PLANS_ON}) as "servicePlans",
            (select coalesce(json_agg(json_build_object('appId', a.app_id, 'displayName', a.display_name)
                                      order by lower(a.display_name), a.app_id), '[]')
               from apps a
              where a.tenant_id = l.tenant_id and ${isUsableSql('l')}
                and a.required_service_plan_ids && array(select s.service_plan_id from ${PLANS_ON})) as apps
       from licenses l
       join products t on t.tenant_id = l.tenant_id and t.sku_id = l.sku_id
      where l.tenant_id = $1 and l.user_id = $2
      order by lower(t.display_name), l.sku_id`,
    [tenantId, userId],
  );
  if (!rows.some(({ paths }) => paths.some(({ kind }) => kind === 'group')))
    return rows.map((row) => withWays(row, new Map()));
  const ways = await readWaysToGroups(db, tenantId, userId);
  return rows.map((row) => withWays(row, ways));
}

function withWays(license: OwnLicense, ways: ReadonlyMap<string, readonly GroupOnTheWay[]>): OwnLicense {
  const throughGroups = (path: OwnPath) => (path.groupId === null ? [] : (ways.get(path.groupId) ?? []));
  return { ...license, paths: license.paths.map((path) => ({ ...path, throughGroups: throughGroups(path) })) };
}
