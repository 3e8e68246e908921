import type pg from 'pg';
import type { TenantTransaction } from '../tenant/tenancy.ts';
import type { Product, ServicePlan } from './product.ts';

/**
 * SQL for a product's plans, `p` being the products table. json, not jsonb, which would put the
 * properties into an order of its own.
 */
export const SERVICE_PLANS_JSON = `
  (select coalesce(json_agg(json_build_object(
            'servicePlanId', x.service_plan_id, 'servicePlanName', x.service_plan_name,
            'friendlyName', x.friendly_name, 'dependsOn', x.depends_on, 'conflictsWith', x.conflicts_with)
          order by x.position, x.service_plan_id), '[]')
     from product_plans x
    where x.tenant_id = p.tenant_id and x.sku_id = p.sku_id)`;

/** Products by their ids, in any order; ids that aren't in the catalogue are left out. */
export async function readStoredProducts(
  from: { readonly tenantId: string; readonly client: Pick<pg.ClientBase, 'query'> },
  skuIds: readonly string[],
): Promise<Product[]> {
  const { rows } = await from.client.query<Product>(
    `select p.sku_id as "skuId", p.sku_part_number as "skuPartNumber", p.display_name as "displayName",
            p.applies_to as "appliesTo", p.prohibited_usage_locations as "prohibitedUsageLocations",
            ${SERVICE_PLANS_JSON} as "servicePlans"
       from products p
      where p.tenant_id = $1 and p.sku_id = any($2::uuid[])`,
    [from.tenantId, skuIds],
  );
  return rows;
}

/**
 * Locks products against other writers of them, in the order of their ids. What is read of them
 * must be read after this, in a new statement.
 */
export async function lockProducts(tx: TenantTransaction, skuIds: readonly string[]): Promise<void> {
  await tx.client.query(
    `select from products where tenant_id = $1 and sku_id = any($2::uuid[]) order by sku_id for no key update`,
    [tx.tenantId, skuIds],
  );
}

/**
 * Adds products without their plans, in the order of their ids, so that two imports can't wait for
 * each other. @returns the ids that weren't there before
 */
export async function insertProducts(tx: TenantTransaction, products: readonly Product[]): Promise<Set<string>> {
  const { rows } = await tx.client.query<{ sku_id: string }>(
    `insert into products (tenant_id, sku_id, sku_part_number, display_name, applies_to, prohibited_usage_locations, created_at)
     select $1, "skuId", "skuPartNumber", "displayName", "appliesTo", "prohibitedUsageLocations", $3
       from json_to_recordset($2::json)
         as x("skuId" uuid, "skuPartNumber" text, "displayName" text, "appliesTo" text, "prohibitedUsageLocations" text[])
      order by "skuId"
     on conflict do nothing
     returning sku_id`,
    [tx.tenantId, JSON.stringify(products.map(withoutPlans)), tx.now],
  );
  return new Set(rows.map((row) => row.sku_id));
}

/** Writes what a locked product says of itself; its plans are written apart. */
export async function updateProducts(tx: TenantTransaction, products: readonly Product[]): Promise<void> {
  if (products.length === 0) return;
  await tx.client.query(
    `update products p
        set sku_part_number = x."skuPartNumber", display_name = x."displayName",
            prohibited_usage_locations = x."prohibitedUsageLocations"
       from json_to_recordset($2::json)
         as x("skuId" uuid, "skuPartNumber" text, "displayName" text, "prohibitedUsageLocations" text[])
      where p.tenant_id = $1 and p.sku_id = x."skuId"`,
    [tx.tenantId, JSON.stringify(products.map(withoutPlans))],
  );
}

/** One plan of one product, at its place in the product's list. */
export interface PlacedPlan extends ServicePlan {
  readonly skuId: string;
  readonly position: number;
}

/** Adds plans to locked products, or writes them anew where they are there. */
export async function writePlans(tx: TenantTransaction, plans: readonly PlacedPlan[]): Promise<void> {
  if (plans.length === 0) return;
  await tx.client.query(
    `insert into product_plans
       (tenant_id, sku_id, service_plan_id, service_plan_name, friendly_name, depends_on, conflicts_with, position)
     select $1, "skuId", "servicePlanId", "servicePlanName", "friendlyName", "dependsOn", "conflictsWith", position
       from json_to_recordset($2::json)
         as x("skuId" uuid, "servicePlanId" uuid, "servicePlanName" text, "friendlyName" text,
              "dependsOn" uuid[], "conflictsWith" uuid[], position integer)
     on conflict (tenant_id, sku_id, service_plan_id) do update
        set service_plan_name = excluded.service_plan_name, friendly_name = excluded.friendly_name,
            depends_on = excluded.depends_on, conflicts_with = excluded.conflicts_with, position = excluded.position`,
    [tx.tenantId, JSON.stringify(plans)],
  );
}

/** Takes all plans from a locked product that aren't among these. */
export async function deleteOtherPlans(tx: TenantTransaction, skuId: string, kept: readonly string[]): Promise<void> {
  await tx.client.query(
    'delete from product_plans where tenant_id = $1 and sku_id = $2 and service_plan_id <> all($3::uuid[])',
    [tx.tenantId, skuId, kept],
  );
}

function withoutPlans(product: Product): Omit<Product, 'servicePlans'> & { servicePlans: undefined } {
  return { ...product, servicePlans: undefined };
}
