import type { TenantClient } from '../tenant/tenancy.ts';
import { effectiveDisabledPlans, type AssignmentPath } from './path.ts';
import type { PlanRules } from './plan-rules.ts';

/** A product that a user holds: one seat, and every path to it. */
export interface HeldLicense {
  readonly skuId: string;
  readonly paths: readonly AssignmentPath[];
}

/** A service plan as the decision needs it. */
export interface ProductPlan extends PlanRules {
  readonly servicePlanName: string;
}

/** A product as the decision needs it: its plans and rules, and its pool where the tenant has one. */
export interface LicensedProduct {
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly displayName: string;
  readonly appliesTo: 'User' | 'Company';
  readonly prohibitedUsageLocations: readonly string[];
  readonly plans: readonly ProductPlan[];
  readonly pool: ProductPool | null;
}

export interface ProductPool {
  readonly isUsable: boolean;
  /** enabled + warning: what may be consumed when a seat is taken. */
  readonly seats: number;
  readonly consumed: number;
}

/** A path as the statements of this noun and of claims hand it over. */
export interface PathJson {
  readonly skuId: string;
  readonly kind: AssignmentPath['kind'];
  readonly sourceId: string;
  readonly policyId: string | null;
  readonly claimId: string | null;
  readonly isBackup: boolean | null;
  readonly disabledPlans: readonly string[];
}

/** SQL for a path as PathJson, of a row named p. */
export const PATH_JSON = `json_build_object('skuId', p.sku_id, 'kind', p.kind, 'sourceId', p.source_id, 'policyId', p.policy_id,
  'claimId', p.claim_id, 'isBackup', p.is_backup, 'disabledPlans', to_json(p.disabled_plans))`;

/** SQL for a product as LicensedProduct, of rows named t (products) and o (its pool, or nulls); $1 is the tenant. */
export const PRODUCT_JSON = `json_build_object('skuId', t.sku_id, 'skuPartNumber', t.sku_part_number, 'displayName', t.display_name,
  'appliesTo', t.applies_to, 'prohibitedUsageLocations', to_json(t.prohibited_usage_locations),
  'plans', (select coalesce(json_agg(json_build_object('servicePlanId', l.service_plan_id, 'servicePlanName', l.service_plan_name,
              'dependsOn', to_json(l.depends_on), 'conflictsWith', to_json(l.conflicts_with)) order by l.position), '[]')
              from product_plans l where l.tenant_id = $1 and l.sku_id = t.sku_id),
  'pool', case when o.sku_id is null then null
               else json_build_object('isUsable', o.is_usable, 'seats', o.enabled + o.warning, 'consumed', o.consumed) end)`;

/** Paths gathered into licenses, one for each product. */
export function licensesOf(paths: readonly PathJson[]): HeldLicense[] {
  const byProduct = Map.groupBy(paths, (path) => path.skuId);
  return [...byProduct].map(([skuId, found]) => ({ skuId, paths: found.map(pathOf) }));
}

function pathOf(json: PathJson): AssignmentPath {
  const { kind, sourceId, disabledPlans } = json;
  switch (kind) {
    case 'direct':
      return { kind, disabledPlans };
    case 'group':
      return { kind, groupId: sourceId, disabledPlans };
    case 'policy':
      return { kind, appId: sourceId, policyId: json.policyId!, claimId: json.claimId!, isBackup: json.isBackup!, disabledPlans };
  }
}

/** The plans of a product that a set of paths turns on: each that at least one path doesn't leave out. */
export function plansTurnedOn(product: LicensedProduct, paths: readonly { readonly disabledPlans: readonly string[] }[]): ProductPlan[] {
  if (paths.length === 0) return [];
  const off = new Set(effectiveDisabledPlans(paths));
  return off.size === 0 ? [...product.plans] : product.plans.filter((plan) => !off.has(plan.servicePlanId));
}

/** All plans that licenses give their user: of products whose subscription can be used. */
export function plansHeld(licenses: readonly HeldLicense[], products: ReadonlyMap<string, LicensedProduct>): ProductPlan[] {
  return licenses.flatMap((license) => {
    const product = products.get(license.skuId);
    return product?.pool?.isUsable ? plansTurnedOn(product, license.paths) : [];
  });
}

/** What one user holds, and the products that are asked for or held, in one snapshot. */
export interface UserLicenses {
  readonly licenses: readonly HeldLicense[];
  readonly products: ReadonlyMap<string, LicensedProduct>;
}

/**
 * Reads a user's licenses, and the products of these and of skuIds.
 * Indexes: the primary keys of assignment_paths, products, product_plans and pools.
 */
export async function readUserLicenses(
  tx: TenantClient,
  userId: string,
  skuIds: readonly string[] = [],
): Promise<UserLicenses> {
  const { rows } = await tx.client.query<{ paths: PathJson[]; products: LicensedProduct[] }>(
    `with held as materialized (
       select ${PATH_JSON} as path, p.sku_id, p.kind from assignment_paths p where p.tenant_id = $1 and p.user_id = $2
     )
     select (select coalesce(json_agg(path order by sku_id, kind), '[]') from held) as paths,
            (select coalesce(json_agg(${PRODUCT_JSON}), '[]')
               from products t left join pools o on o.tenant_id = $1 and o.sku_id = t.sku_id
              where t.tenant_id = $1 and t.sku_id = any(array(select sku_id from held) || $3::uuid[])) as products`,
    [tx.tenantId, userId, skuIds],
  );
  const { paths, products } = rows[0]!;
  return { licenses: licensesOf(paths), products: new Map(products.map((product) => [product.skuId, product])) };
}
