import { sql } from 'kysely';

/**
 * What the report reads from, as a table `c`: every claim of a tenant, with the names of today, or
 * those of the day of the claim where the thing is gone. Index: claims_newest_first.
 */
export function claimRows(tenantId: string) {
  return sql<{ claimed_at: Date }>`(
    select c.claim_id, c.claimed_at, c.user_id, c.policy_id, c.app_id, c.sku_id, c.is_backup,
           coalesce(u.user_principal_name, c.user_principal_name) as user_principal_name,
           coalesce(u.display_name, c.user_display_name) as user_display_name,
           coalesce(p.display_name, c.policy_display_name) as policy_display_name,
           coalesce(a.display_name, c.app_display_name) as app_display_name,
           coalesce(t.sku_part_number, c.sku_part_number) as sku_part_number,
           coalesce(t.display_name, c.product_display_name) as product_display_name
      from claims c
      left join users u on u.tenant_id = c.tenant_id and u.user_id = c.user_id
      left join policies p on p.tenant_id = c.tenant_id and p.policy_id = c.policy_id
      left join apps a on a.tenant_id = c.tenant_id and a.app_id = c.app_id
      left join products t on t.tenant_id = c.tenant_id and t.sku_id = c.sku_id
     where c.tenant_id = ${tenantId})`.as<'c'>('c');
}
