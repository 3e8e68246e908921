import type { Readable } from 'node:stream';
import { recordAudit } from '../audit/audit.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import type { Product, ServicePlan } from '../product/product.ts';
import { readProductTable, type ListedPlan, type ListedProduct } from './product-table.ts';
import {
  insertProducts,
  lockProducts,
  readStoredProducts,
  updateProducts,
  writePlans,
} from '../product/stored-products.ts';
import { productAdded, productUpdated } from '../product/write-product.ts';

/** How many products of a file were new, said something new, or nothing new. */
export interface ImportCounts {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
}

/**
 * Imports Microsoft's table of products and service plans into the tenant's catalogue, all of it
 * or nothing. It adds products and plans and brings their names up to date. It never takes a plan
 * away: another edition may lack it, and people may be using it. Rules (what a plan depends on or
 * excludes, prohibited locations) aren't in the table and stay as they are.
 *
 * Nothing here can invalidate a policy, and a claim that is decided meanwhile reads the catalogue
 * of before or after; so pools aren't locked, and claims go on.
 * @throws ImportRejected naming the lines that can't be
 */
export async function importProducts(tenancy: Tenancy, csv: Readable): Promise<ImportCounts> {
  // Read first: a slow upload must not hold a transaction open, nor a repeat of it need the file again.
  const listed = await readProductTable(csv);
  return inTenant(tenancy, (tx) => writeListed(tx, listed));
}

async function writeListed(tx: TenantTransaction, listed: readonly ListedProduct[]): Promise<ImportCounts> {
  const wanted = listed.map(newProduct);
  const addedIds = await insertProducts(tx, wanted);
  const [added, known] = [true, false].map((isNew) => wanted.filter(({ skuId }) => addedIds.has(skuId) === isNew));
  const knownIds = known!.map(({ skuId }) => skuId);
  await lockProducts(tx, knownIds);
  const stored = new Map((await readStoredProducts(tx, knownIds)).map((product) => [product.skuId, product]));
  const changes = known!.flatMap((product) => {
    const before = stored.get(product.skuId)!;
    const after = merge(before, product);
    const entry = productUpdated(before, after);
    return entry ? [{ before, after, entry }] : [];
  });
  await updateProducts(
    tx,
    changes.map(({ after }) => after),
  );
  await writePlans(tx, [
    ...added!.flatMap((product) => placed(product)),
    ...changes.flatMap(({ before, after }) => placed(after, before)),
  ]);
  await recordAudit(tx, [...added!.map(productAdded), ...changes.map(({ entry }) => entry)]);
  return { added: added!.length, changed: changes.length, unchanged: known!.length - changes.length };
}

function newProduct({ servicePlans, ...product }: ListedProduct): Product {
  return { ...product, appliesTo: 'User', prohibitedUsageLocations: [], servicePlans: servicePlans.map(newPlan) };
}

function newPlan(plan: ListedPlan): ServicePlan {
  return { ...plan, dependsOn: [], conflictsWith: [] };
}

/** The names of the table, the rules of the catalogue; new plans after those that are there. */
function merge(stored: Product, listed: Product): Product {
  const names = new Map(listed.servicePlans.map((plan) => [plan.servicePlanId, plan]));
  const kept = stored.servicePlans.map((plan) => {
    const named = names.get(plan.servicePlanId);
    names.delete(plan.servicePlanId);
    return named ? { ...plan, servicePlanName: named.servicePlanName, friendlyName: named.friendlyName } : plan;
  });
  const { skuPartNumber, displayName } = listed;
  return { ...stored, skuPartNumber, displayName, servicePlans: [...kept, ...names.values()] };
}

/** The plans to write: those that aren't as they were. */
function placed(product: Product, before?: Product) {
  return product.servicePlans
    .map((plan, position) => ({ ...plan, skuId: product.skuId, position }))
    .filter(({ position }) => {
      const [one, other] = [before?.servicePlans[position], product.servicePlans[position]!];
      return one?.servicePlanName !== other.servicePlanName || one.friendlyName !== other.friendlyName;
    });
}
