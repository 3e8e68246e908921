import { sql, type SqlBool } from 'kysely';
import type { Resource } from '../odata/resource.ts';

/** Service plans as Graph's servicePlanInfo, of the product whose ids these SQL expressions give. */
export function servicePlanInfoSql(tenantId: string, skuId: string, provisioningStatus: string) {
  return sql.raw(`(
    select coalesce(json_agg(json_build_object('servicePlanId', l.service_plan_id, 'servicePlanName', l.service_plan_name,
                                               'provisioningStatus', ${provisioningStatus}, 'appliesTo', 'User')
                             order by l.position), '[]')
      from product_plans l where l.tenant_id = ${tenantId} and l.sku_id = ${skuId})`);
}

const PROVISIONING = `case when o.status in ('Enabled', 'Warning') then 'Success' else 'Disabled' end`;

/** Pools as Graph's subscribedSkus; `o` is poolRows of the subscription noun. */
export const SUBSCRIBED_SKU_RESOURCE: Resource = {
  name: 'subscribedSkus',
  key: 'skuId',
  defaultOrder: 'skuPartNumber',
  properties: {
    accountName: { type: 'string', sql: sql.ref('o.tenant_name') },
    accountId: { type: 'guid', sql: sql.ref('o.tenant_id') },
    appliesTo: { type: 'string', sql: sql.ref('o.applies_to'), filter: true },
    capabilityStatus: { type: 'string', sql: sql.ref('o.status'), filter: true },
    consumedUnits: { type: 'integer', sql: sql.ref('o.consumed'), filter: true, sort: true },
    id: { type: 'string', sql: sql`o.tenant_id || '_' || o.sku_id` },
    prepaidUnits: {
      type: 'json',
      sql: sql`json_build_object('enabled', o.enabled, 'lockedOut', 0, 'suspended', o.suspended, 'warning', o.warning)`,
    },
    servicePlans: { type: 'json', sql: servicePlanInfoSql('o.tenant_id', 'o.sku_id', PROVISIONING) },
    skuId: { type: 'guid', sql: sql.ref('o.sku_id'), filter: true, sort: true },
    skuPartNumber: { type: 'string', sql: sql.ref('o.sku_part_number'), filter: true, sort: true },
    subscriptionIds: { type: 'json', sql: sql`to_json(o.subscription_ids)` },
    // Ours, for lists that people look at; Graph's clients don't see them unless they ask.
    displayName: { type: 'string', sql: sql.ref('o.product_name'), filter: true, sort: true, onlySelected: true },
    availableUnits: {
      type: 'integer',
      sql: sql`greatest(o.enabled + o.warning - o.consumed, 0)`,
      filter: true,
      sort: true,
      onlySelected: true,
    },
  },
  search: {
    '': (text) => sql<SqlBool>`${contains('o.product_name')(text)} or ${contains('o.sku_part_number')(text)}`,
    displayName: contains('o.product_name'),
    skuPartNumber: contains('o.sku_part_number'),
  },
};

/** Wherever the text stands, as for the catalogue's products. */
function contains(name: string) {
  return (text: string) => sql<SqlBool>`strpos(lower(${sql.ref(name)}), lower(${text}::text)) > 0`;
}

/** Purchases as Graph's companySubscription; `s` is subscriptionRows of the subscription noun. */
export const SUBSCRIPTION_RESOURCE: Resource = {
  name: 'directory/subscriptions',
  key: 'id',
  defaultOrder: 'createdDateTime',
  properties: {
    id: { type: 'guid', sql: sql.ref('s.subscription_id'), filter: true, sort: true },
    commerceSubscriptionId: { type: 'json', sql: sql`null` },
    createdDateTime: { type: 'dateTime', sql: sql.ref('s.created_at'), filter: true, sort: true },
    isTrial: { type: 'boolean', sql: sql.ref('s.is_trial'), filter: true },
    nextLifecycleDateTime: {
      type: 'dateTime',
      sql: sql.ref('s.next_change'),
      filter: true,
      sort: true,
      nullable: true,
    },
    ownerId: { type: 'json', sql: sql`null` },
    ownerTenantId: { type: 'json', sql: sql`null` },
    ownerType: { type: 'json', sql: sql`null` },
    serviceStatus: {
      type: 'json',
      sql: servicePlanInfoSql(
        's.tenant_id',
        's.sku_id',
        `case when s.status in ('Enabled', 'Warning') then 'Success' else 'Disabled' end`,
      ),
    },
    skuId: { type: 'guid', sql: sql.ref('s.sku_id'), filter: true },
    skuPartNumber: { type: 'string', sql: sql.ref('s.sku_part_number'), filter: true, sort: true },
    status: { type: 'string', sql: sql.ref('s.status'), filter: true },
    totalLicenses: { type: 'integer', sql: sql.ref('s.total_licenses'), filter: true, sort: true },
  },
};
