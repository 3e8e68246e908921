import type { Tenancy } from '../tenant/tenancy.ts';
import { isUsableSql } from '../subscription/subscription-rows.ts';
import type { PolicyDraft } from './policy.ts';

/** What a policy would come to today. */
export interface PolicyEffect {
  /** Users in its audience who may sign in. */
  readonly audienceCount: number;
  /** Of these: who has none of the service plans that the app requires. */
  readonly unlicensedCount: number;
  /** Free seats of its products, together. */
  readonly availableLicenses: number;
}

export type PreviewedPolicy = Pick<PolicyDraft, 'products' | 'includeGroups' | 'excludeGroups' | 'includeGuests'>;

/**
 * Counts whom a policy would be for. By the same rules as a decision's audience and notLicensed
 * checks (engine/claim), over all users at once. Indexes: the primary keys of group_groups,
 * group_users and assignment_paths; at 100,000 users all of them are read once.
 */
export async function previewPolicy(tenancy: Tenancy, appId: string, policy: PreviewedPolicy): Promise<PolicyEffect> {
  const { rows } = await tenancy.db.pool.query<PolicyEffect>(
    `with recursive nested (root, group_id) as (
       select g, g from unnest($2::uuid[] || $3::uuid[]) g
       union
       select nested.root, m.member_group_id
         from nested join group_groups m on m.tenant_id = $1 and m.group_id = nested.group_id
     ), included as (
       select distinct m.user_id from group_users m join nested on nested.group_id = m.group_id
        where m.tenant_id = $1 and nested.root = any($2::uuid[])
     ), excluded as (
       select distinct m.user_id from group_users m join nested on nested.group_id = m.group_id
        where m.tenant_id = $1 and nested.root = any($3::uuid[])
     ), audience as materialized (
       select u.user_id from users u
        where u.tenant_id = $1 and u.is_account_enabled
          and ($4 or u.user_type = 'Member')
          and (cardinality($2::uuid[]) = 0 or u.user_id in (select user_id from included))
          and u.user_id not in (select user_id from excluded)
     ), licensing as materialized (
       select l.sku_id, l.service_plan_id
         from apps a join product_plans l on l.tenant_id = $1 and l.service_plan_id = any(a.required_service_plan_ids)
        where a.tenant_id = $1 and a.app_id = $5 and ${isUsableSql('l')}
     ), licensed as (
       select distinct p.user_id
         from licensing join assignment_paths p on p.tenant_id = $1 and p.sku_id = licensing.sku_id
        where licensing.service_plan_id <> all (p.disabled_plans)
     )
     select (select count(*) from audience) as "audienceCount",
            (select count(*) from audience where user_id not in (select user_id from licensed)) as "unlicensedCount",
            (select coalesce(sum(greatest(enabled + warning - consumed, 0)), 0) from pools
              where tenant_id = $1 and sku_id = any($6::uuid[]))::bigint as "availableLicenses"`,
    [
      tenancy.tenantId,
      policy.includeGroups,
      policy.excludeGroups,
      policy.includeGuests,
      appId,
      policy.products.map(({ skuId }) => skuId),
    ],
  );
  return rows[0]!;
}
