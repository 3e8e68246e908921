import { sql, type Expression, type SqlBool } from 'kysely';
import type { Property } from '../odata/resource.ts';

const OF_GROUP = 'l.tenant_id = groups.tenant_id and l.group_id = groups.group_id';
const IN_ERROR =
  'exists (select from group_license_errors e where e.tenant_id = groups.tenant_id and e.group_id = groups.group_id)';

const assignedLicenses = `(
  select coalesce(json_agg(json_build_object('disabledPlans', to_json(l.disabled_plans), 'skuId', l.sku_id) order by l.sku_id), '[]')
    from group_licenses l where ${OF_GROUP})`;

/** Whether someone is queued who is in the group, also through others, or still has a license by it. */
const isInProgress = `(
  exists (select from group_licensing_queue q where q.tenant_id = groups.tenant_id)
  and (exists (select from group_licenses l where ${OF_GROUP})
       and exists (with recursive nested (group_id) as (
                     select groups.group_id
                     union
                     select g.member_group_id from nested join group_groups g on g.tenant_id = groups.tenant_id and g.group_id = nested.group_id
                   )
                   select from nested
                     join group_users m on m.tenant_id = groups.tenant_id and m.group_id = nested.group_id
                     join group_licensing_queue q on q.tenant_id = groups.tenant_id and q.user_id = m.user_id)
       or exists (select from assignment_paths p
                    join group_licensing_queue q on q.tenant_id = groups.tenant_id and q.user_id = p.user_id
                   where p.tenant_id = groups.tenant_id and p.kind = 'group' and p.source_id = groups.group_id)))`;

/** What a group resource says of the licenses that the group gives; all only where $select names it, as at Graph. */
export const GROUP_LICENSE_PROPERTIES: Readonly<Record<string, Property>> = {
  assignedLicenses: {
    type: 'json',
    sql: sql.raw(assignedLicenses),
    onlySelected: true,
    collection: {
      elements: { skuId: { type: 'guid', sql: sql.ref('l.sku_id'), filter: true } },
      exists: (condition: Expression<SqlBool>) =>
        sql<SqlBool>`exists (select from group_licenses l where ${sql.raw(OF_GROUP)} and ${condition})`,
    },
  },
  hasMembersWithLicenseErrors: { type: 'boolean', sql: sql.raw(IN_ERROR), filter: true, onlySelected: true },
  licenseProcessingState: {
    type: 'json',
    sql: sql.raw(
      `json_build_object('state', case when ${isInProgress} then 'ProcessingInProgress' else 'ProcessingComplete' end)`,
    ),
    onlySelected: true,
  },
};
