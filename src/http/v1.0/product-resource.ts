import { sql, type Expression, type SqlBool } from 'kysely';
import { SERVICE_PLANS_JSON } from '../../engine/product/stored-products.ts';
import type { Property, Resource } from '../odata/resource.ts';

const PLAN_PROPERTIES: Readonly<Record<string, Property>> = {
  servicePlanId: { type: 'guid', sql: sql.ref('x.service_plan_id'), filter: true },
  servicePlanName: { type: 'string', sql: sql.ref('x.service_plan_name'), filter: true },
  friendlyName: { type: 'string', sql: sql.ref('x.friendly_name'), filter: true },
};

/** Wherever the text stands: a catalogue has hundreds of products, not millions. */
function contains(column: string): (text: string) => Expression<SqlBool> {
  return (text) => sql<SqlBool>`strpos(lower(${sql.ref(column)}), lower(${text}::text)) > 0`;
}

/** Products as their lists can be asked for; `p` is the products table. */
export const PRODUCT_RESOURCE: Resource = {
  name: 'admin/products',
  key: 'skuId',
  defaultOrder: 'displayName',
  properties: {
    skuId: { type: 'guid', sql: sql.ref('p.sku_id'), filter: true, sort: true },
    skuPartNumber: { type: 'string', sql: sql.ref('p.sku_part_number'), filter: true, sort: true },
    displayName: { type: 'string', sql: sql.ref('p.display_name'), filter: true, sort: true },
    appliesTo: { type: 'string', sql: sql.ref('p.applies_to'), filter: true },
    prohibitedUsageLocations: { type: 'json', sql: sql.ref('p.prohibited_usage_locations') },
    servicePlans: {
      type: 'json',
      sql: sql.raw(SERVICE_PLANS_JSON),
      collection: {
        elements: PLAN_PROPERTIES,
        exists: (condition) =>
          sql<SqlBool>`exists (select from product_plans x where x.tenant_id = p.tenant_id and x.sku_id = p.sku_id and ${condition})`,
      },
    },
  },
  search: {
    '': (text) => sql<SqlBool>`${contains('p.display_name')(text)} or ${contains('p.sku_part_number')(text)}`,
    displayName: contains('p.display_name'),
    skuPartNumber: contains('p.sku_part_number'),
  },
};
