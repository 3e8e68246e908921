import { sql, type Kysely } from 'kysely';
import type { Tables } from '../../db/schema.ts';
import { isUsableSql } from '../../engine/subscription/subscription-rows.ts';
import type { Resource } from '../odata/resource.ts';

/** The licenses of a user, beside their products. */
export function licensesOfUser(query: Kysely<Tables>, tenantId: string, userId: string) {
  return query
    .selectFrom('licenses as l')
    .innerJoin('products as t', (on) => on.onRef('t.tenant_id', '=', 'l.tenant_id').onRef('t.sku_id', '=', 'l.sku_id'))
    .where('l.tenant_id', '=', tenantId)
    .where('l.user_id', '=', userId);
}

/** Whether a path turns the plan `s` of the license `l` on, and the subscription can be used. */
const PROVISIONING = `
  case when not ${isUsableSql('l')} then 'Disabled'
       when exists (select from assignment_paths a
                     where a.tenant_id = l.tenant_id and a.user_id = l.user_id and a.sku_id = l.sku_id
                       and s.service_plan_id <> all (a.disabled_plans)) then 'Success' else 'Disabled' end`;

/** What a user holds as Graph's licenseDetails, direct and inherited together; `l` is the licenses table, `t` products. */
export const LICENSE_DETAILS_RESOURCE: Resource = {
  name: 'users/licenseDetails',
  key: 'skuId',
  defaultOrder: 'skuPartNumber',
  properties: {
    id: { type: 'string', sql: sql`l.user_id || '_' || l.sku_id` },
    skuId: { type: 'guid', sql: sql.ref('l.sku_id'), filter: true, sort: true },
    skuPartNumber: { type: 'string', sql: sql.ref('t.sku_part_number'), filter: true, sort: true },
    servicePlans: {
      type: 'json',
      sql: sql.raw(`(
        select coalesce(json_agg(json_build_object('servicePlanId', s.service_plan_id, 'servicePlanName', s.service_plan_name,
                                                   'provisioningStatus', ${PROVISIONING}, 'appliesTo', 'User')
                                 order by s.position), '[]')
          from product_plans s where s.tenant_id = l.tenant_id and s.sku_id = l.sku_id)`),
    },
  },
};
