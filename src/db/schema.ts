import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type {
  ExternalIdentitiesTable,
  ForwardAuthTable,
  IdentityProvidersTable,
  SignInHooksTable,
  SignInHookUseTable,
} from './doors-schema.ts';
import type {
  GroupLicenseErrorsTable,
  GroupLicensesTable,
  GroupLicensingQueueTable,
  GroupsTable,
} from './group-tables.ts';
import type { ProvisionedUsersTable, ProvisioningClientsTable } from './provisioning-tables.ts';

/** The tables as migrations/ makes them, for typed statements. Ids are GUIDs in lower case. */
export interface Tables {
  tenants: TenantsTable;
  verified_domains: { domain: string; tenant_id: string };
  client_ids: { client_id: string; tenant_id: string };
  users: UsersTable;
  groups: GroupsTable;
  group_users: { tenant_id: string; group_id: string; user_id: string; added_at: Date };
  group_groups: { tenant_id: string; group_id: string; member_group_id: string; added_at: Date };
  products: ProductsTable;
  product_plans: ProductPlansTable;
  subscriptions: SubscriptionsTable;
  pools: PoolsTable;
  pool_use: { tenant_id: string; sku_id: string; day: Date; consumed: number; units: number };
  apps: AppsTable;
  app_secrets: AppSecretsTable;
  app_certificates: AppCertificatesTable;
  policies: PoliciesTable;
  licenses: { tenant_id: string; user_id: string; sku_id: string; created_at: Date };
  assignment_paths: AssignmentPathsTable;
  group_licenses: GroupLicensesTable;
  group_licensing_queue: GroupLicensingQueueTable;
  group_license_errors: GroupLicenseErrorsTable;
  claims: ClaimsTable;
  counted_claims: CountedClaimsTable;
  claim_counting: { tenant_id: string; counted_until: Date };
  sign_ins: SignInsTable;
  sign_in_deliveries: SignInDeliveriesTable;
  idempotent_requests: IdempotentRequestsTable;
  audit_entries: AuditEntriesTable;
  directory_changes: DirectoryChangesTable;
  directory_versions: { tenant_id: string; version: number; claims_until: Date | null };
  signing_keys: SigningKeysTable;
  openid_artifacts: OpenidArtifactsTable;
  directory_role_members: { tenant_id: string; role_id: string; user_id: string; added_at: Date };
  set_up_links: SetUpLinksTable;
  sign_in_attempts: SignInAttemptsTable;
  sign_in_hooks: SignInHooksTable;
  sign_in_hook_use: SignInHookUseTable;
  sign_in_hook_names: { name: string; hook_id: string; tenant_id: string };
  identity_providers: IdentityProvidersTable;
  forward_auth: ForwardAuthTable;
  forward_auth_names: { app_id: string; tenant_id: string };
  external_identities: ExternalIdentitiesTable;
  provisioning_clients: ProvisioningClientsTable;
  provisioning_tokens: { token_hash: string; client_id: string; tenant_id: string };
  provisioned_users: ProvisionedUsersTable;
  provisioned_groups: { tenant_id: string; client_id: string; group_id: string; external_id: string | null };
  user_creation: { tenant_id: string; spent_until: Date; refused_at: Date | null };
}

export interface DirectoryChangesTable {
  tenant_id: string;
  change_id: string;
  is_user: boolean;
  object_id: string;
  member_id: string | null;
  is_member_user: boolean | null;
  version: number | null;
  recorded_at: Date;
}

export interface TenantsTable {
  tenant_id: string;
  display_name: string;
  default_domain: string;
  country_letter_code: string;
  default_usage_location: string | null;
  is_auto_claim_enabled: Generated<boolean>;
  create_users_on_sign_in: Generated<boolean>;
  allowed_domains: Generated<string[]>;
  is_password_sign_in_on: Generated<boolean>;
  created_at: Date;
}

export interface UsersTable {
  tenant_id: string;
  user_id: string;
  user_principal_name: string;
  display_name: string;
  user_type: Generated<'Member' | 'Guest'>;
  is_account_enabled: Generated<boolean>;
  usage_location: string | null;
  mail: string | null;
  mail_nickname: string | null;
  given_name: string | null;
  surname: string | null;
  job_title: string | null;
  department: string | null;
  company_name: string | null;
  employee_id: string | null;
  office_location: string | null;
  street_address: string | null;
  city: string | null;
  state: string | null;
  postal_code: string | null;
  country: string | null;
  preferred_language: string | null;
  preferred_data_location: string | null;
  mobile_phone: string | null;
  business_phones: Generated<string[]>;
  fax_number: string | null;
  other_mails: Generated<string[]>;
  proxy_addresses: Generated<string[]>;
  is_directory_synced: Generated<boolean>;
  last_directory_sync_at: Date | null;
  password_hash: string | null;
  must_change_password: Generated<boolean>;
  is_password_never_expiring: Generated<boolean>;
  last_password_change_at: Date | null;
  sessions_ended_at: Date | null;
  created_at: Date;
}

export interface ProductsTable {
  tenant_id: string;
  sku_id: string;
  sku_part_number: string;
  display_name: string;
  applies_to: Generated<'User' | 'Company'>;
  prohibited_usage_locations: Generated<string[]>;
  created_at: Date;
}

export interface ProductPlansTable {
  tenant_id: string;
  sku_id: string;
  service_plan_id: string;
  service_plan_name: string;
  friendly_name: string;
  depends_on: Generated<string[]>;
  conflicts_with: Generated<string[]>;
  position: number;
}

export interface SubscriptionsTable {
  tenant_id: string;
  subscription_id: string;
  sku_id: string;
  total_licenses: number;
  is_trial: Generated<boolean>;
  ends_at: Date | null;
  is_removed: Generated<boolean>;
  created_at: Date;
}

export interface PoolsTable {
  tenant_id: string;
  sku_id: string;
  is_usable: boolean;
  enabled: number;
  warning: number;
  suspended: number;
  consumed: Generated<number>;
  valid_until: Date | null;
}

export interface AppsTable {
  tenant_id: string;
  app_id: string;
  object_id: string;
  client_id: string;
  display_name: string;
  required_service_plan_ids: Generated<string[]>;
  permissions: Generated<string[]>;
  on_refusal: Generated<'block' | 'continue'>;
  created_at: Date;
  web_redirect_uris: Generated<string[]>;
  spa_redirect_uris: Generated<string[]>;
  public_client_redirect_uris: Generated<string[]>;
}

export interface AppSecretsTable {
  tenant_id: string;
  app_id: string;
  key_id: string;
  display_name: string | null;
  secret_hash: string;
  hint: string;
  starts_at: Date;
  ends_at: Date;
}

export interface AppCertificatesTable {
  tenant_id: string;
  app_id: string;
  key_id: string;
  display_name: string | null;
  /** base64 of the DER form, as Graph's keyCredential.key */
  certificate: string;
  thumbprint: string;
  starts_at: Date;
  ends_at: Date;
}

/** One product of a policy, as it stands in policies.products and on the wire. */
export interface PolicyProductJson {
  skuId: string;
  disabledPlans: string[];
}

export interface PoliciesTable {
  tenant_id: string;
  policy_id: string;
  app_id: string;
  display_name: string;
  is_enabled: boolean;
  position: number;
  products: JSONColumnType<PolicyProductJson[]>;
  include_groups: Generated<string[]>;
  exclude_groups: Generated<string[]>;
  include_guests: Generated<boolean>;
  version: Generated<number>;
  created_at: Date;
  modified_at: Date;
}

export interface AssignmentPathsTable {
  tenant_id: string;
  user_id: string;
  sku_id: string;
  kind: 'direct' | 'group' | 'policy';
  source_id: string;
  disabled_plans: Generated<string[]>;
  policy_id: string | null;
  claim_id: string | null;
  is_backup: boolean | null;
  modified_at: Date;
}

export interface CountedClaimsTable {
  tenant_id: string;
  hour: Date;
  policy_id: string;
  app_id: string;
  sku_id: string;
  is_backup: boolean;
  claims: number;
  sku_part_number: string;
  product_display_name: string;
}

export interface ClaimsTable {
  tenant_id: string;
  claim_id: string;
  claimed_at: Date;
  user_id: string;
  user_principal_name: string;
  user_display_name: string;
  policy_id: string;
  policy_display_name: string;
  app_id: string;
  app_display_name: string;
  sku_id: string;
  sku_part_number: string;
  product_display_name: string;
  is_backup: boolean;
}

export interface SignInsTable {
  tenant_id: string;
  sign_in_id: string;
  decided_at: Date;
  user_id: string | null;
  user_principal_name: string | null;
  user_display_name: string | null;
  app_id: string;
  app_display_name: string | null;
  client_id: string | null;
  correlation_id: string | null;
  outcome: 'licensed' | 'claimed' | 'refused';
  reason: string | null;
  sku_id: string | null;
  policy_id: string | null;
  claim_id: string | null;
  door: Generated<string>;
}

export interface SignInDeliveriesTable {
  tenant_id: string;
  client_id: string;
  correlation_id: string;
  request_hash: string;
  decision: JSONColumnType<object>;
  decided_at: Date;
}

export interface IdempotentRequestsTable {
  tenant_id: string;
  client_id: string;
  idempotency_key: string;
  request_hash: string;
  status: number;
  headers: JSONColumnType<Record<string, string>>;
  body: ColumnType<unknown, string | null, never>;
  answered_at: Date;
}

export interface AuditEntriesTable {
  tenant_id: string;
  audit_id: string;
  happened_at: Date;
  category: string;
  activity: string;
  operation: 'Add' | 'Update' | 'Delete' | 'Assign' | 'Unassign';
  actor: JSONColumnType<object>;
  target_type: string;
  target_id: string | null;
  target_name: string | null;
  changes: JSONColumnType<object[]>;
  details: JSONColumnType<object[]>;
  correlation_id: string | null;
}

export interface SigningKeysTable {
  tenant_id: string;
  key_id: string;
  private_jwk: JSONColumnType<Record<string, unknown>>;
  signs_from: Date;
  created_at: Date;
}

export interface OpenidArtifactsTable {
  tenant_id: string;
  model: string;
  artifact_id: string;
  payload: JSONColumnType<Record<string, unknown>>;
  grant_id: string | null;
  user_code: string | null;
  session_uid: string | null;
  expires_at: Date | null;
  consumed_at: Date | null;
}

export interface SetUpLinksTable {
  tenant_id: string;
  user_id: string;
  token_hash: string;
  created_at: Date;
  expires_at: Date;
}

export interface SignInAttemptsTable {
  tenant_id: string;
  kind: 'account' | 'address';
  subject: string;
  failures: number;
  last_failed_at: Date;
}
