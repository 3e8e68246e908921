import { sql } from 'kysely';
import { invalid } from '../refused.ts';
import { isUsableSql, poolRows } from '../subscription/subscription-rows.ts';
import { inTenant, type Tenancy } from '../tenant/tenancy.ts';
import { readPolicyFacts } from './policy-facts.ts';
import { checkPolicy, type PolicyDraft } from './policy.ts';

/** What a policy would come to today. */
export interface PolicyEffect {
  /** Users in its audience who may sign in. */
  readonly audienceCount: number;
  /** Of these: who has none of the service plans that the app requires. */
  readonly unlicensedCount: number;
  /** Free seats of its products, together. */
  readonly availableLicenses: number;
}

export type UnnamedPolicy = Omit<PolicyDraft, 'displayName'>;

/**
 * Counts whom a policy would be for. By the same rules as a decision's audience and notLicensed
 * checks (engine/claim), over all users at once. Indexes: the primary keys of group_groups,
 * group_users and assignment_paths; at 100,000 users all of them are read once.
 * @throws Refused for what would be refused as a policy
 */
export function previewPolicy(tenancy: Tenancy, appId: string, policy: UnnamedPolicy): Promise<PolicyEffect> {
  return inTenant(tenancy, async (tx) => {
    const draft = { ...policy, displayName: 'A policy without a name yet' };
    const facts = await readPolicyFacts(tx, appId, draft);
    if (!facts) throw invalid('appId', `no app has the id ${appId}.`);
    checkPolicy(draft, facts);
    const { tenantId } = tx;
    const included = sql`${policy.includeGroups}::uuid[]`;
    const excluded = sql`${policy.excludeGroups}::uuid[]`;
    const { rows } = await sql<PolicyEffect>`
      with recursive nested (root, group_id) as (
        select g, g from unnest(${included} || ${excluded}) g
        union
        select nested.root, m.member_group_id
          from nested join group_groups m on m.tenant_id = ${tenantId} and m.group_id = nested.group_id
      ), included as (
        select distinct m.user_id from group_users m join nested on nested.group_id = m.group_id
         where m.tenant_id = ${tenantId} and nested.root = any(${included})
      ), excluded as (
        select distinct m.user_id from group_users m join nested on nested.group_id = m.group_id
         where m.tenant_id = ${tenantId} and nested.root = any(${excluded})
      ), audience as materialized (
        select u.user_id from users u
         where u.tenant_id = ${tenantId} and u.is_account_enabled
           and (${policy.includeGuests} or u.user_type = 'Member')
           and (cardinality(${included}) = 0 or u.user_id in (select user_id from included))
           and u.user_id not in (select user_id from excluded)
      ), licensing as materialized (
        select l.sku_id, l.service_plan_id
          from apps a join product_plans l
            on l.tenant_id = ${tenantId} and l.service_plan_id = any(a.required_service_plan_ids)
         where a.tenant_id = ${tenantId} and a.app_id = ${appId} and ${sql.raw(isUsableSql('l'))}
      ), licensed as (
        select distinct p.user_id
          from licensing join assignment_paths p on p.tenant_id = ${tenantId} and p.sku_id = licensing.sku_id
         where licensing.service_plan_id <> all (p.disabled_plans)
      )
      select (select count(*) from audience) as "audienceCount",
             (select count(*) from audience where user_id not in (select user_id from licensed)) as "unlicensedCount",
             (select coalesce(sum(greatest(o.enabled + o.warning - o.consumed, 0)), 0)
                from ${poolRows(tenantId)}
               where o.sku_id = any(${policy.products.map(({ skuId }) => skuId)}::uuid[]))::bigint
               as "availableLicenses"`.execute(tx.query);
    return rows[0]!;
  });
}
