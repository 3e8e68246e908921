// A claim as one would write it first: a transaction for each, a statement for each step. Both
// naive peers run just these statements, so that they differ in who drives them alone. They do
// less than a claim of ours: no look at switch, policy and user, no entry in the sign-in log.

/** The steps between begin and commit. What stands in them as :name is a parameter. */
export const NAIVE_STEPS = {
  lock: `select enabled + warning - consumed as free from pools
          where tenant_id = :tenant and sku_id = :sku for update`,
  check: 'select count(*) as held from licenses where tenant_id = :tenant and user_id = :person and sku_id = :sku',
  license: `insert into licenses (tenant_id, user_id, sku_id, created_at)
            values (:tenant, :person, :sku, clock_timestamp())`,
  path: `insert into assignment_paths (tenant_id, user_id, sku_id, kind, source_id, policy_id, claim_id, is_backup, modified_at)
         values (:tenant, :person, :sku, 'policy', :app, :policy, :claim, false, clock_timestamp())`,
  claim: `insert into claims (tenant_id, claim_id, claimed_at, user_id, user_principal_name, user_display_name, policy_id,
                              policy_display_name, app_id, app_display_name, sku_id, sku_part_number, product_display_name, is_backup)
          values (:tenant, :claim, clock_timestamp(), :person, :name, :name, :policy, 'Roomy for everyone', :app, 'Roomy',
                  :sku, 'ROOMY_SUITE', 'Roomy suite', false)`,
  audit: `insert into audit_entries (tenant_id, audit_id, happened_at, category, activity, operation, actor,
                                     target_type, target_id, target_name, details)
          values (:tenant, gen_random_uuid(), clock_timestamp(), 'UserManagement', 'Claim license', 'Assign',
                  '{"kind": "application"}', 'User', :person, :name, '[{"key": "Product", "value": "ROOMY_SUITE"}]')`,
  count: 'update pools set consumed = consumed + 1 where tenant_id = :tenant and sku_id = :sku',
} as const;

/** A step's statement for node-postgres, its parameters in the order of their first use. */
export function numbered(sql: string): { text: string; names: string[] } {
  const names: string[] = [];
  const text = sql.replaceAll(/:([a-z]+)/g, (_, name: string) => {
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  return { text, names };
}
