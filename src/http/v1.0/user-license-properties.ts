import { sql, type Expression, type SqlBool } from 'kysely';
import { isUsableSql } from '../../engine/subscription/subscription-rows.ts';
import type { Property } from '../odata/resource.ts';

// What users hold, read from licenses and their paths beside the users table. Plans count as off
// where every path to the product leaves them out (FACTS.md, "Group-based licensing").

const OF_USER = 'l.tenant_id = users.tenant_id and l.user_id = users.user_id';
const PATHS = 'assignment_paths p where p.tenant_id = l.tenant_id and p.user_id = l.user_id and p.sku_id = l.sku_id';
/** The plans of license l that no path turns on. */
const OFF = `select plan from (select distinct p.source_id, p.kind, unnest(p.disabled_plans) as plan from ${PATHS}) as off
  group by plan having count(*) = (select count(*) from ${PATHS})`;
const UTC = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const assignedLicenses = `(
  select coalesce(json_agg(json_build_object('disabledPlans', (select coalesce(json_agg(plan order by plan), '[]') from (${OFF}) as o),
                                             'skuId', l.sku_id) order by l.sku_id), '[]')
    from licenses l where ${OF_USER})`;

const licenseAssignmentStates = `(
  select coalesce(json_agg(json_build_object('skuId', l.sku_id, 'disabledPlans', to_json(l.disabled_plans),
           'assignedByGroup', case when l.kind = 'group' then l.source_id end, 'state', 'Active', 'error', 'None',
           'lastUpdatedDateTime', ${UTC('l.modified_at')}) order by l.sku_id, l.kind, l.source_id), '[]')
    from assignment_paths l where ${OF_USER})`;

/** Only what is on: a plan that is left out isn't assigned. */
const assignedPlans = `(
  select coalesce(json_agg(json_build_object('assignedDateTime', ${UTC('l.created_at')},
           'capabilityStatus', case when ${isUsableSql('l')} then 'Enabled' else 'Suspended' end,
           'service', t.service_plan_name, 'servicePlanId', t.service_plan_id) order by l.sku_id, t.position), '[]')
    from licenses l join product_plans t on t.tenant_id = l.tenant_id and t.sku_id = l.sku_id
   where ${OF_USER} and t.service_plan_id not in (${OFF}))`;

/** What a user resource says of licenses; all only where $select names it. Reads from a row of users. */
export const USER_LICENSE_PROPERTIES: Readonly<Record<string, Property>> = {
  assignedLicenses: {
    type: 'json',
    sql: sql.raw(assignedLicenses),
    onlySelected: true,
    collection: {
      elements: { skuId: { type: 'guid', sql: sql.ref('l.sku_id'), filter: true } },
      exists: (condition: Expression<SqlBool>) =>
        sql<SqlBool>`exists (select from licenses l where ${sql.raw(OF_USER)} and ${condition})`,
    },
  },
  assignedPlans: { type: 'json', sql: sql.raw(assignedPlans), onlySelected: true },
  licenseAssignmentStates: { type: 'json', sql: sql.raw(licenseAssignmentStates), onlySelected: true },
};
