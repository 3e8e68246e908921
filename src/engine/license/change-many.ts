import { notFound, Refused } from '../refused.ts';
import type { Database } from '../../db/open.ts';
import type { Tenancy } from '../tenant/tenancy.ts';
import { assignLicenses } from './assign.ts';
import { refusalOf, type LicenseChange } from './assignment-checks.ts';
import {
  licensesOf,
  PATH_JSON,
  PRODUCT_JSON,
  type HeldLicense,
  type LicensedProduct,
  type PathJson,
  type UserLicenses,
} from './held.ts';
import { effectiveDisabledPlans } from './path.ts';

/** Why somebody's licenses stay as they are. */
export interface NotChanged {
  readonly userId: string;
  /** Graph's words (FACTS.md, "assignLicense"). */
  readonly message: string;
}

/** What a change for many people would come to, as of now. */
export interface ChangePreview {
  /** How many people's licenses would become others. */
  readonly changed: number;
  /** How many have what is wanted already. */
  readonly unchanged: number;
  /** Who can't be changed, for whatever reason but that seats run out. */
  readonly failures: readonly NotChanged[];
  /** Of each product that is assigned or unassigned. */
  readonly pools: readonly PoolPreview[];
}

export interface PoolPreview {
  readonly skuId: string;
  /** For those who are in changed, and don't hold it yet. */
  readonly seatsNeeded: number;
  /** By those who are in changed, and keep no group path. */
  readonly seatsFreed: number;
  readonly available: number;
}

/** Somebody of many, once it was tried. */
export interface ChangeOutcome {
  readonly userId: string;
  /** undefined: done, or there already. */
  readonly refusal: Refused | undefined;
}

interface Holder {
  readonly userId: string;
  readonly usageLocation: string | null;
  readonly licenses: readonly HeldLicense[];
}

/**
 * Changes the licenses of many people by hand: for each person all of it or none, in a transaction of its own, so
 * that a move to another product has no moment without either, and one person's refusal is nobody else's.
 * @throws StoreUnavailable, where those before it are done; to ask again changes nothing for them
 */
export async function* changeLicensesOfMany(
  tenancy: Tenancy,
  userIds: readonly string[],
  { add, remove }: LicenseChange,
): AsyncGenerator<ChangeOutcome> {
  for (const userId of userIds) {
    let refusal: Refused | undefined;
    try {
      await assignLicenses(tenancy, userId, add, remove);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refusal = error;
    }
    yield { userId, refusal };
  }
}

/**
 * What changeLicensesOfMany would come to, by the same checks; it changes nothing.
 * Indexes: the primary keys of users, assignment_paths, products, product_plans and pools.
 */
export async function previewChangeOfMany(
  db: Database,
  tenantId: string,
  userIds: readonly string[],
  change: LicenseChange,
): Promise<ChangePreview> {
  const { holders, products } = await readHolders(db, tenantId, userIds, change);
  // Who of many gets the last seats is decided by who comes first: here each is looked at as if there were enough.
  const enough = new Map([...products].map(([skuId, product]) => [skuId, withSeats(product)]));
  const failures: NotChanged[] = [];
  const changing: Holder[] = [];
  let unchanged = 0;
  for (const userId of userIds) {
    const holder = holders.get(userId);
    const refusal = holder
      ? refusalOf({ licenses: holder.licenses, products: enough }, holder.usageLocation, change)
      : notFound(userId);
    if (refusal) failures.push({ userId, message: refusal.message });
    else if (isThereAlready(holder!, change)) unchanged += 1;
    else changing.push(holder!);
  }
  const pools = [...change.add.map(({ skuId }) => skuId), ...change.remove].map((skuId): PoolPreview => {
    const pool = products.get(skuId)?.pool;
    const isAdded = change.add.some((license) => license.skuId === skuId);
    return {
      skuId,
      seatsNeeded: isAdded ? changing.filter(({ licenses }) => !isHeld(licenses, skuId)).length : 0,
      seatsFreed: isAdded ? 0 : changing.filter(({ licenses }) => !isHeldByGroup(licenses, skuId)).length,
      available: pool?.isUsable ? Math.max(0, pool.seats - pool.consumed) : 0,
    };
  });
  return { changed: changing.length, unchanged, failures, pools };
}

const isHeld = (licenses: readonly HeldLicense[], skuId: string) => licenses.some((license) => license.skuId === skuId);
const isHeldByGroup = (licenses: readonly HeldLicense[], skuId: string) =>
  licenses.some((license) => license.skuId === skuId && license.paths.some(({ kind }) => kind === 'group'));

/** One direct path with these plans, and no policy's, which an assignment by hand would take over. */
function isThereAlready({ licenses }: Holder, { add, remove }: LicenseChange): boolean {
  return (
    remove.length === 0 &&
    add.every(({ skuId, disabledPlans }) => {
      const paths = licenses.find((license) => license.skuId === skuId)?.paths.filter(({ kind }) => kind !== 'group');
      const wanted = effectiveDisabledPlans([{ disabledPlans }]);
      return (
        paths?.length === 1 &&
        paths[0]!.kind === 'direct' &&
        effectiveDisabledPlans(paths).toSorted().join() === wanted.toSorted().join()
      );
    })
  );
}

function withSeats(product: LicensedProduct): LicensedProduct {
  return product.pool ? { ...product, pool: { ...product.pool, seats: Infinity } } : product;
}

async function readHolders(
  db: Database,
  tenantId: string,
  userIds: readonly string[],
  { add, remove }: LicenseChange,
): Promise<{ holders: ReadonlyMap<string, Holder>; products: UserLicenses['products'] }> {
  const { rows: users } = await db.pool.query<{ user_id: string; usage_location: string | null; paths: PathJson[] }>(
    `select u.user_id, u.usage_location,
            (select coalesce(json_agg(${PATH_JSON}), '[]') from assignment_paths p
              where p.tenant_id = $1 and p.user_id = u.user_id) as paths
       from users u where u.tenant_id = $1 and u.user_id = any($2::uuid[])`,
    [tenantId, userIds],
  );
  const holders = users.map(
    ({ user_id: userId, usage_location: usageLocation, paths }): Holder => ({
      userId,
      usageLocation,
      licenses: licensesOf(paths),
    }),
  );
  const held = holders.flatMap(({ licenses }) => licenses.map(({ skuId }) => skuId));
  const wanted = new Set([...held, ...remove, ...add.map(({ skuId }) => skuId)]);
  const { rows } = await db.pool.query<{ product: LicensedProduct }>(
    `select ${PRODUCT_JSON} as product
       from products t left join pools o on o.tenant_id = $1 and o.sku_id = t.sku_id
      where t.tenant_id = $1 and t.sku_id = any($2::uuid[])`,
    [tenantId, [...wanted]],
  );
  return {
    holders: new Map(holders.map((holder) => [holder.userId, holder])),
    products: new Map(rows.map(({ product }) => [product.skuId, product])),
  };
}
