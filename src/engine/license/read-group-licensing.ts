import type pg from 'pg';
import type { GroupLicense, GroupLicenseError, GroupLicensingFacts, Member } from './group-license.ts';
import { licensesOf, PATH_JSON, PRODUCT_JSON, type LicensedProduct, type PathJson } from './held.ts';

// One statement, so one snapshot. Users are probed one by one, as a claim's are (engine/claim/moment.ts).
// Indexes: users' primary key, group_users_by_user, the primary keys of group_groups, group_licenses,
// assignment_paths, group_license_errors, products, product_plans and pools.
const STATEMENT = `
with recursive licensed as materialized (
  select group_id, sku_id, disabled_plans from group_licenses where tenant_id = $1
), nested (root, group_id) as (
  select distinct group_id, group_id from licensed
  union
  select nested.root, g.member_group_id
    from nested join group_groups g on g.tenant_id = $1 and g.group_id = nested.group_id
), people as materialized (
  select u.user_id, u.user_principal_name, u.usage_location,
         (select coalesce(array_agg(distinct nested.root), '{}')
            from group_users m join nested on nested.group_id = m.group_id
           where m.tenant_id = $1 and m.user_id = u.user_id) as group_ids,
         held.sku_ids, coalesce(held.paths, '[]') as paths,
         (select coalesce(json_agg(json_build_object('groupId', e.group_id, 'skuId', e.sku_id, 'error', e.error, 'detail', e.detail)), '[]')
            from group_license_errors e where e.tenant_id = $1 and e.user_id = u.user_id) as errors
    from users u,
         lateral (select array_agg(p.sku_id) as sku_ids, json_agg(${PATH_JSON}) as paths
                    from assignment_paths p where p.tenant_id = $1 and p.user_id = u.user_id) as held
   where u.tenant_id = $1 and u.user_id = any($2::uuid[])
), concerned as materialized (
  select unnest(sku_ids) as sku_id from people
  union
  select sku_id from licensed where group_id in (select unnest(group_ids) from people)
)
select (select default_usage_location from tenants where tenant_id = $1) as "defaultUsageLocation",
       (select coalesce(json_agg(json_build_object('groupId', group_id, 'skuId', sku_id, 'disabledPlans', to_json(disabled_plans))
                                 order by group_id, sku_id), '[]') from licensed) as licenses,
       (select coalesce(json_agg(${PRODUCT_JSON}), '[]')
          from products t left join pools o on o.tenant_id = $1 and o.sku_id = t.sku_id
         where t.tenant_id = $1 and t.sku_id = any(array(select sku_id from concerned))) as products,
       array(select sku_id::text from pools
              where tenant_id = $1 and sku_id = any(array(select sku_id from concerned)) and valid_until <= clock_timestamp()) as "duePools",
       (select coalesce(json_agg(json_build_object('userId', user_id, 'userPrincipalName', user_principal_name,
                 'usageLocation', usage_location, 'groupIds', to_json(group_ids), 'paths', paths, 'errors', errors)
               order by user_id), '[]') from people) as members`;

interface FactsRow {
  defaultUsageLocation: string | null;
  licenses: GroupLicense[];
  products: LicensedProduct[];
  duePools: string[];
  members: (Omit<Member, 'licenses'> & { groupIds: string[]; paths: PathJson[]; errors: GroupLicenseError[] })[];
}

/** Reads what groups give to some users and what these have; who is gone is not among the members. */
export async function readGroupLicensing(
  client: Pick<pg.ClientBase, 'query'>,
  tenantId: string,
  userIds: readonly string[],
): Promise<GroupLicensingFacts> {
  const { rows } = await client.query<FactsRow>({
    name: 'read-group-licensing',
    text: STATEMENT,
    values: [tenantId, userIds],
  });
  const { defaultUsageLocation, duePools, licenses, products, members } = rows[0]!;
  return {
    defaultUsageLocation,
    duePools,
    licenses: Map.groupBy(licenses, (license) => license.groupId),
    products: new Map(products.map((product) => [product.skuId, product])),
    members: members.map(({ paths, groupIds, ...member }) => ({
      ...member,
      groupIds: groupIds.toSorted(),
      licenses: licensesOf(paths),
    })),
  };
}
