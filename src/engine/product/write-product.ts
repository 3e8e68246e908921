import { changesBetween, recordAudit, type AuditEntry } from '../audit/audit.ts';
import { duplicate, notFound } from '../refused.ts';
import { inTenant, type Tenancy } from '../tenant/tenancy.ts';
import { lockClaims, refuseBrokenPolicies } from './policies-of-product.ts';
import { checkLocations, completePlans, type NewProduct, type Product, type ProductPatch } from './product.ts';
import {
  deleteOtherPlans,
  insertProducts,
  lockProducts,
  readStoredProducts,
  updateProducts,
  writePlans,
} from './stored-products.ts';

/**
 * Adds a product to the catalogue.
 * @throws Refused duplicate, where the catalogue has the skuId; invalid, naming the field
 */
export function createProduct(tenancy: Tenancy, wanted: NewProduct): Promise<Product> {
  const product: Product = {
    skuId: wanted.skuId.toLowerCase(),
    skuPartNumber: wanted.skuPartNumber,
    displayName: wanted.displayName,
    appliesTo: wanted.appliesTo ?? 'User',
    prohibitedUsageLocations: wanted.prohibitedUsageLocations ?? [],
    servicePlans: completePlans(wanted.servicePlans),
  };
  checkLocations(product.prohibitedUsageLocations);
  return inTenant(tenancy, async (tx) => {
    const added = await insertProducts(tx, [product]);
    if (!added.has(product.skuId)) throw duplicate('skuId');
    await writePlans(
      tx,
      product.servicePlans.map((plan, position) => ({ ...plan, skuId: product.skuId, position })),
    );
    await recordAudit(tx, [productAdded(product)]);
    return product;
  });
}

/**
 * Changes a product of the catalogue. What claims decide by (plans, their rules, prohibited
 * locations) changes only while no claim is in flight.
 * @throws Refused notFound; invalid, naming the field, or the policies that couldn't stand afterwards
 */
export function updateProduct(tenancy: Tenancy, id: string, patch: ProductPatch): Promise<Product> {
  const skuId = id.toLowerCase();
  const servicePlans = patch.servicePlans && completePlans(patch.servicePlans);
  if (patch.prohibitedUsageLocations) checkLocations(patch.prohibitedUsageLocations);
  return inTenant(tenancy, async (tx) => {
    if (servicePlans ?? patch.prohibitedUsageLocations) await lockClaims(tx);
    await lockProducts(tx, [skuId]);
    const [before] = await readStoredProducts(tx, [skuId]);
    if (!before) throw notFound(id);
    const after: Product = {
      ...before,
      skuPartNumber: patch.skuPartNumber ?? before.skuPartNumber,
      displayName: patch.displayName ?? before.displayName,
      prohibitedUsageLocations: patch.prohibitedUsageLocations ?? before.prohibitedUsageLocations,
      servicePlans: servicePlans ?? before.servicePlans,
    };
    const entry = productUpdated(before, after);
    if (!entry) return after;
    await updateProducts(tx, [after]);
    if (servicePlans) {
      const planIds = servicePlans.map((plan) => plan.servicePlanId);
      await refuseBrokenPolicies(tx, skuId, planIds);
      await deleteOtherPlans(tx, skuId, planIds);
      await writePlans(
        tx,
        servicePlans.map((plan, position) => ({ ...plan, skuId, position })),
      );
    }
    await recordAudit(tx, [entry]);
    return after;
  });
}

/** How the audit tells of a new product. */
export function productAdded(product: Product): AuditEntry {
  const { skuId, ...state } = product;
  return {
    category: 'DirectoryManagement',
    activity: 'Add product',
    operation: 'Add',
    target: target(product),
    changes: changesBetween({}, state),
  };
}

/** How the audit tells of a changed product; undefined where nothing changed. */
export function productUpdated(before: Product, after: Product): AuditEntry | undefined {
  const changes = changesBetween({ ...before }, { ...after });
  if (changes.length === 0) return undefined;
  return {
    category: 'DirectoryManagement',
    activity: 'Update product',
    operation: 'Update',
    target: target(after),
    changes,
  };
}

function target(product: Product): AuditEntry['target'] {
  return { type: 'Product', id: product.skuId, name: product.displayName };
}
