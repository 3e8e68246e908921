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

/** Paths, those in error among them (what the group gives more is missing), and what groups give without there being a path. */
const STATES = `
  select l.sku_id, l.kind, l.source_id, l.disabled_plans, greatest(l.modified_at, e.noted_at) as changed_at,
         case when e.error is null then 'Active' else 'ActiveWithError' end as state, coalesce(e.error, 'None') as error
    from assignment_paths l
    left join group_license_errors e on l.kind = 'group' and e.tenant_id = l.tenant_id and e.user_id = l.user_id
                                    and e.group_id = l.source_id and e.sku_id = l.sku_id
   where ${OF_USER}
  union all
  select l.sku_id, 'group', l.group_id, coalesce(g.disabled_plans, '{}'), l.noted_at, 'Error', l.error
    from group_license_errors l
    left join group_licenses g on g.tenant_id = l.tenant_id and g.group_id = l.group_id and g.sku_id = l.sku_id
   where ${OF_USER}
     and not exists (select from assignment_paths p
                      where p.tenant_id = l.tenant_id and p.user_id = l.user_id and p.sku_id = l.sku_id
                        and p.kind = 'group' and p.source_id = l.group_id)`;

const licenseAssignmentStates = `(
  select coalesce(json_agg(json_build_object('skuId', s.sku_id, 'disabledPlans', to_json(s.disabled_plans),
           'assignedByGroup', case when s.kind = 'group' then s.source_id end, 'state', s.state, 'error', s.error,
           'lastUpdatedDateTime', ${UTC('s.changed_at')}) order by s.sku_id, s.kind, s.source_id), '[]')
    from (${STATES}) as s)`;

/** Only what is on: a plan that is left out isn't assigned. */
const PLANS = `licenses l join product_plans t on t.tenant_id = l.tenant_id and t.sku_id = l.sku_id
   where ${OF_USER} and t.service_plan_id not in (${OFF})`;
const CAPABILITY = `case when ${isUsableSql('l')} then 'Enabled' else 'Suspended' end`;

const assignedPlans = `(
  select coalesce(json_agg(json_build_object('assignedDateTime', ${UTC('l.created_at')},
           'capabilityStatus', ${CAPABILITY},
           'service', t.service_plan_name, 'servicePlanId', t.service_plan_id) order by l.sku_id, t.position), '[]')
    from ${PLANS})`;

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
  assignedPlans: {
    type: 'json',
    sql: sql.raw(assignedPlans),
    onlySelected: true,
    collection: {
      elements: {
        servicePlanId: { type: 'guid', sql: sql.ref('t.service_plan_id'), filter: true },
        service: { type: 'string', sql: sql.ref('t.service_plan_name'), filter: true },
        capabilityStatus: { type: 'string', sql: sql.raw(CAPABILITY), filter: true },
      },
      exists: (condition: Expression<SqlBool>) => sql<SqlBool>`exists (select from ${sql.raw(PLANS)} and ${condition})`,
    },
  },
  licenseAssignmentStates: { type: 'json', sql: sql.raw(licenseAssignmentStates), onlySelected: true },
};
