// Where each table is once the database is distributed. A new table must be put into one of the
// two lists: test/distribution/schema.test.ts fails until it is.

/**
 * The tables of the tenants: each row on the shard of its tenant_id, all of a tenant's rows on one
 * node. Parents come before those whose foreign keys lead to them, since a key from a distributed
 * table can't lead to one that isn't.
 */
export const DISTRIBUTED_TABLES = [
  'tenants',
  'users',
  'groups',
  'group_users',
  'group_groups',
  'products',
  'product_plans',
  'subscriptions',
  'pools',
  'pool_use',
  'apps',
  'app_secrets',
  'app_certificates',
  'policies',
  'licenses',
  'assignment_paths',
  'group_licenses',
  'group_licensing_queue',
  'group_license_errors',
  'claims',
  'counted_claims',
  'claim_counting',
  'sign_ins',
  'sign_in_deliveries',
  'idempotent_requests',
  'audit_entries',
  'directory_changes',
  'directory_versions',
  'signing_keys',
  'openid_artifacts',
  'directory_role_members',
  'set_up_links',
  'sign_in_attempts',
  'user_creation',
  'sign_in_hooks',
  'sign_in_hook_use',
  'identity_providers',
  'external_identities',
  'forward_auth',
  'provisioning_clients',
  'provisioned_users',
  'provisioned_groups',
] as const;

/**
 * What must be unique over all tenants, and what is about the schema itself: a few narrow tables
 * that stay where the servers connect, on the coordinator. No statement reads them together with
 * a tenant's tables.
 */
export const COORDINATOR_TABLES = [
  'verified_domains',
  'client_ids',
  'sign_in_hook_names',
  'forward_auth_names',
  'provisioning_tokens',
  'schema_migrations',
] as const;
