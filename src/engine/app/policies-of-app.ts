import { invalid, type Refused } from '../refused.ts';
import type { TenantTransaction } from '../tenant/tenancy.ts';

// Policies are a noun below this one, so their rows are read here and their code is not.

/** As many policies as an error names before it only counts them. */
const POLICIES_NAMED_MAX = 10;

/**
 * Refuses to delete an app that has policies. Under all the pools' locks.
 * @throws Refused naming them
 */
export async function refuseWithPolicies(tx: TenantTransaction, appId: string): Promise<void> {
  const { rows } = await tx.client.query<{ display_name: string }>(
    'select display_name from policies where tenant_id = $1 and app_id = $2 order by position',
    [tx.tenantId, appId],
  );
  if (rows.length > 0) throw naming('id', 'the app has auto-claim policies', rows, 'Delete them first.');
}

/**
 * Refuses new required plans with which a policy of the app couldn't stand: each of its products,
 * less the plans that the policy turns off, must have one of them. Under all the pools' locks.
 * @throws Refused naming them
 */
export async function refuseInvalidPolicies(
  tx: TenantTransaction,
  appId: string,
  requiredPlanIds: readonly string[],
): Promise<void> {
  const { rows } = await tx.client.query<{ display_name: string }>(
    `select policies.display_name
       from policies
      where policies.tenant_id = $1 and policies.app_id = $2
        and exists (
          select from jsonb_array_elements(policies.products) as item
           where not exists (
             select from product_plans
              where product_plans.tenant_id = $1 and product_plans.sku_id = (item ->> 'skuId')::uuid
                and product_plans.service_plan_id = any($3::uuid[])
                and not (item -> 'disabledPlans') ? product_plans.service_plan_id::text))
      order by policies.position`,
    [tx.tenantId, appId, requiredPlanIds],
  );
  if (rows.length > 0)
    throw naming(
      'requiredServicePlanIds',
      'a product would have no plan that the app requires, in the auto-claim policies',
      rows,
      'Change them first.',
    );
}

function naming(target: string, why: string, policies: readonly { display_name: string }[], advice: string): Refused {
  const names = policies.slice(0, POLICIES_NAMED_MAX).map((policy) => `"${policy.display_name}"`);
  const more = policies.length - names.length;
  return invalid(target, `${why} ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}. ${advice}`);
}
