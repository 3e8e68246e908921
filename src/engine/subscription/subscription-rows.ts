import { sql } from 'kysely';
import { nextLifecycleChangeSql, statusSql } from './lifecycle.ts';

/** What lists of subscriptions read from, as a table `s`: with status and next change as of now. */
export function subscriptionRows(tenantId: string) {
  return sql<{ subscription_id: string }>`(
    select s.*, t.sku_part_number,
           case when s.is_removed then 'Deleted' else ${sql.raw(statusSql('s.ends_at', 'clock_timestamp()'))} end as status,
           ${sql.raw(nextLifecycleChangeSql('s.ends_at', 'clock_timestamp()'))} as next_change
      from subscriptions s join products t on t.tenant_id = s.tenant_id and t.sku_id = s.sku_id
     where s.tenant_id = ${tenantId})`.as<'s'>('s');
}

/** Whether a subscription of the product of a row (of an alias with tenant_id and sku_id) is Enabled or Warning at this moment. */
export function isUsableSql(row: string): string {
  return `exists (select from subscriptions u
    where u.tenant_id = ${row}.tenant_id and u.sku_id = ${row}.sku_id and not u.is_removed
      and ${statusSql('u.ends_at', 'clock_timestamp()')} in ('Enabled', 'Warning'))`;
}

/**
 * What lists of pools read from, as a table `o`: with the units by state as they are at this
 * moment, whether or not they have been moved in the pool's row yet.
 */
export function poolRows(tenantId: string) {
  return sql<{ sku_id: string }>`(
    select o.tenant_id, o.sku_id, o.consumed, t.sku_part_number, t.display_name as product_name, t.applies_to, e.display_name as tenant_name, s.*
      from pools o
      join products t on t.tenant_id = o.tenant_id and t.sku_id = o.sku_id
      join tenants e on e.tenant_id = o.tenant_id,
      lateral (
        select coalesce(sum(total_licenses) filter (where status = 'Enabled'), 0) as enabled,
               coalesce(sum(total_licenses) filter (where status = 'Warning'), 0) as warning,
               coalesce(sum(total_licenses) filter (where status = 'Suspended'), 0) as suspended,
               case when bool_or(status = 'Enabled') then 'Enabled' when bool_or(status = 'Warning') then 'Warning'
                    when bool_or(status = 'Suspended') then 'Suspended' else 'Deleted' end as status,
               coalesce(array_agg(subscription_id order by created_at, subscription_id), '{}') as subscription_ids
          from (select subscription_id, total_licenses, created_at,
                       ${sql.raw(statusSql('ends_at', 'clock_timestamp()'))} as status
                  from subscriptions
                 where tenant_id = o.tenant_id and sku_id = o.sku_id and not is_removed) as one
      ) as s
     where o.tenant_id = ${tenantId})`.as<'o'>('o');
}
