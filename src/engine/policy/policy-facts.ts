import type { TenantTransaction } from '../tenant/tenancy.ts';
import type { PolicyDraft, PolicyFacts } from './policy.ts';

/**
 * Reads what a draft is judged by; undefined where the app isn't there.
 * @param goneGroups groups that may be named although they are deleted: they match nobody
 */
export async function readPolicyFacts(
  tx: TenantTransaction,
  appId: string,
  draft: PolicyDraft,
  goneGroups: readonly string[] = [],
): Promise<PolicyFacts | undefined> {
  const app = await tx.query
    .selectFrom('apps')
    .select('required_service_plan_ids')
    .where('tenant_id', '=', tx.tenantId)
    .where('app_id', '=', appId)
    // No key of this row may change until the policy stands (an app with policies can't be deleted).
    .forKeyShare()
    .executeTakeFirst();
  if (!app) return undefined;
  const { rows: products } = await tx.client.query<{ sku_id: string; plans: string[] }>(
    `select t.sku_id, array(select l.service_plan_id from product_plans l
                             where l.tenant_id = $1 and l.sku_id = t.sku_id)::text[] as plans
       from products t
      where t.tenant_id = $1 and t.sku_id = any($2::uuid[]) and t.applies_to = 'User'`,
    [tx.tenantId, draft.products.map((product) => product.skuId)],
  );
  const { rows: groups } = await tx.client.query<{ group_id: string }>(
    'select group_id from groups where tenant_id = $1 and group_id = any($2::uuid[])',
    [tx.tenantId, [...draft.includeGroups, ...draft.excludeGroups]],
  );
  return {
    requiredPlans: app.required_service_plan_ids,
    plansOfProduct: new Map(products.map((product) => [product.sku_id, product.plans])),
    groups: new Set([...groups.map((group) => group.group_id), ...goneGroups]),
  };
}
