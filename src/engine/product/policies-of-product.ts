import type { PolicyProductJson } from '../../db/schema.ts';
import { invalid } from '../refused.ts';
import type { TenantTransaction } from '../tenant/tenancy.ts';
import { licensesApp } from './product.ts';

// What a product's change means for the auto-claim policies over it. Policies are a noun below
// this one, so their rows are read here and their code is not.

/** As many policies as an error names before it only counts them. */
const POLICIES_NAMED_MAX = 10;

/**
 * Takes every pool's lock of the tenant, in the order of all who do (src/engine/subscription/pools.ts,
 * which stands below this noun): no claim is in flight until the transaction ends. Then the tenant's
 * row, which keeps apart from the writers of policies where there is no pool yet.
 */
export async function lockClaims(tx: TenantTransaction): Promise<void> {
  await tx.client.query('select from pools where tenant_id = $1 order by sku_id for no key update', [tx.tenantId]);
  await tx.client.query('select from tenants where tenant_id = $1 for no key update', [tx.tenantId]);
}

/**
 * Under the locks of lockClaims: refuses to let a product have these plans alone, where a policy
 * that names the product couldn't stand with them.
 * @throws Refused naming the policies, each with what it would lack
 */
export async function refuseBrokenPolicies(
  tx: TenantTransaction,
  skuId: string,
  planIds: readonly string[],
): Promise<void> {
  const { rows } = await tx.client.query<{ display_name: string; products: PolicyProductJson[]; required: string[] }>(
    `select policies.display_name, policies.products, apps.required_service_plan_ids as required
       from policies
       join apps on apps.tenant_id = policies.tenant_id and apps.app_id = policies.app_id
      where policies.tenant_id = $1 and policies.products @> jsonb_build_array(jsonb_build_object('skuId', $2::text))
      order by lower(policies.display_name)`,
    [tx.tenantId, skuId],
  );
  const broken = rows.flatMap((policy) => {
    const disabled = policy.products.find((product) => product.skuId === skuId)?.disabledPlans ?? [];
    const gone = disabled.filter((id) => !planIds.includes(id));
    if (gone.length > 0) return [`"${policy.display_name}" turns off ${gone.join(', ')}`];
    if (!licensesApp(planIds, disabled, policy.required))
      return [`"${policy.display_name}" would give no plan that its app requires`];
    return [];
  });
  if (broken.length === 0) return;
  const more = broken.length - POLICIES_NAMED_MAX;
  throw invalid(
    'servicePlans',
    `auto-claim policies need plans that would be gone: ${broken.slice(0, POLICIES_NAMED_MAX).join('; ')}` +
      `${more > 0 ? `; and ${more} more` : ''}. Change the policies first.`,
  );
}
