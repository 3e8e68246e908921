-- The whole first schema. Every key begins with tenant_id, so that the tables distribute by
-- tenant (Citus) as they are; what must be unique over all tenants has a small table of its own
-- (verified_domains, client_ids). Times have milliseconds: the wire's precision, so that what a
-- client reads is what a filter compares.
--
-- Licenses, assignment paths, claims and sign-ins have no foreign key to tenants, users, pools or
-- products: its KEY SHARE lock falls on the rows that every claim fights over (195 inserts of 256
-- rows: 245 ms without, 440 with a key to the tenant, 750 with two). Whoever deletes a user takes
-- all the tenant's pool locks first, as claims do, which keeps the relation whole.

create table tenants (
  tenant_id uuid primary key,
  display_name text not null check (display_name <> ''),
  default_domain text not null,
  country_letter_code text not null check (country_letter_code ~ '^[A-Z]{2}$'),
  default_usage_location text check (default_usage_location ~ '^[A-Z]{2}$'),
  is_auto_claim_enabled boolean not null default false,
  create_users_on_sign_in boolean not null default false,
  allowed_domains text[] not null default '{}',
  created_at timestamptz(3) not null
);

create table verified_domains (
  domain text primary key check (domain = lower(domain)),
  tenant_id uuid not null
);

create table client_ids (
  client_id text primary key,
  tenant_id uuid not null
);

-- ── directory ───────────────────────────────────────────────────────────────────────────────

create table users (
  tenant_id uuid not null references tenants,
  user_id uuid not null,
  user_principal_name text not null check (user_principal_name <> ''),
  display_name text not null check (display_name <> ''),
  user_type text not null default 'Member' check (user_type in ('Member', 'Guest')),
  is_account_enabled boolean not null default true,
  usage_location text check (usage_location ~ '^[A-Z]{2}$'),
  mail text,
  mail_nickname text,
  given_name text,
  surname text,
  job_title text,
  department text,
  company_name text,
  employee_id text,
  office_location text,
  street_address text,
  city text,
  state text,
  postal_code text,
  country text,
  preferred_language text,
  preferred_data_location text,
  mobile_phone text,
  business_phones text[] not null default '{}',
  fax_number text,
  other_mails text[] not null default '{}',
  proxy_addresses text[] not null default '{}',
  is_directory_synced boolean not null default false,
  last_directory_sync_at timestamptz(3),
  password_hash text,
  must_change_password boolean not null default false,
  is_password_never_expiring boolean not null default false,
  last_password_change_at timestamptz(3),
  created_at timestamptz(3) not null,
  primary key (tenant_id, user_id)
);
create unique index users_by_principal_name on users (tenant_id, lower(user_principal_name));
create index users_by_display_name on users (tenant_id, lower(display_name), user_id);
create index users_by_creation on users (tenant_id, created_at, user_id);
create index users_by_word on users using gin (
  to_tsvector('simple', regexp_replace(display_name || ' ' || user_principal_name || ' ' || coalesce(mail, ''), '[^[:alnum:]]+', ' ', 'g'))
);

create table groups (
  tenant_id uuid not null references tenants,
  group_id uuid not null,
  display_name text not null check (display_name <> ''),
  description text,
  mail_nickname text not null,
  is_mail_enabled boolean not null default false,
  is_security_enabled boolean not null default true,
  group_types text[] not null default '{}',
  visibility text,
  created_at timestamptz(3) not null,
  primary key (tenant_id, group_id)
);
create index groups_by_display_name on groups (tenant_id, lower(display_name), group_id);
create index groups_by_creation on groups (tenant_id, created_at, group_id);

-- Members are of two kinds, each with a key to what it names, so that no member can be a ghost.
create table group_users (
  tenant_id uuid not null,
  group_id uuid not null,
  user_id uuid not null,
  added_at timestamptz(3) not null,
  primary key (tenant_id, group_id, user_id),
  foreign key (tenant_id, group_id) references groups on delete cascade,
  foreign key (tenant_id, user_id) references users on delete cascade
);
create index group_users_by_user on group_users (tenant_id, user_id);

create table group_groups (
  tenant_id uuid not null,
  group_id uuid not null,
  member_group_id uuid not null,
  added_at timestamptz(3) not null,
  primary key (tenant_id, group_id, member_group_id),
  foreign key (tenant_id, group_id) references groups on delete cascade,
  foreign key (tenant_id, member_group_id) references groups on delete cascade,
  check (group_id <> member_group_id)
);
create index group_groups_by_member on group_groups (tenant_id, member_group_id);

-- ── products ────────────────────────────────────────────────────────────────────────────────

create table products (
  tenant_id uuid not null references tenants,
  sku_id uuid not null,
  sku_part_number text not null check (sku_part_number <> ''),
  display_name text not null check (display_name <> ''),
  applies_to text not null default 'User' check (applies_to in ('User', 'Company')),
  prohibited_usage_locations text[] not null default '{}',
  created_at timestamptz(3) not null,
  primary key (tenant_id, sku_id)
);
create index products_by_display_name on products (tenant_id, lower(display_name), sku_id);

-- A plan's names and rules stand with each product that contains it: Microsoft's own table names
-- seven plans differently from product to product, and what one product's row says must not
-- change what another's says.
create table product_plans (
  tenant_id uuid not null,
  sku_id uuid not null,
  service_plan_id uuid not null,
  service_plan_name text not null check (service_plan_name <> ''),
  friendly_name text not null check (friendly_name <> ''),
  depends_on uuid[] not null default '{}',
  conflicts_with uuid[] not null default '{}',
  position integer not null,
  primary key (tenant_id, sku_id, service_plan_id),
  foreign key (tenant_id, sku_id) references products on delete cascade
);
create index product_plans_by_plan on product_plans (tenant_id, service_plan_id);

-- ── subscriptions and pools ─────────────────────────────────────────────────────────────────

-- ends_at is the nextLifecycleDateTime last written; what state it is in follows from it at the
-- moment of asking (src/engine/subscription/lifecycle.ts). is_removed: it ran out wholly and its
-- seats are gone from the pool.
create table subscriptions (
  tenant_id uuid not null,
  subscription_id uuid not null,
  sku_id uuid not null,
  total_licenses integer not null check (total_licenses between 0 and 10000000),
  is_trial boolean not null default false,
  ends_at timestamptz(3),
  is_removed boolean not null default false,
  created_at timestamptz(3) not null,
  primary key (tenant_id, subscription_id),
  foreign key (tenant_id, sku_id) references products
);
create index subscriptions_by_product on subscriptions (tenant_id, sku_id);
create index subscriptions_ending on subscriptions (ends_at) where ends_at is not null and not is_removed;

-- One row a pool: the units by state as of the last move, valid until the next lifecycle date.
-- The counter is changed under the row's lock only, in the transaction that writes the license.
-- fillfactor 10: the row is updated by every claim; room on the page keeps that update heap-only.
create table pools (
  tenant_id uuid not null,
  sku_id uuid not null,
  is_usable boolean not null,
  enabled bigint not null check (enabled >= 0),
  warning bigint not null check (warning >= 0),
  suspended bigint not null check (suspended >= 0),
  consumed bigint not null default 0 check (consumed >= 0),
  valid_until timestamptz(3),
  primary key (tenant_id, sku_id),
  foreign key (tenant_id, sku_id) references products,
  constraint pool_is_never_oversold check (consumed <= enabled + warning + suspended)
) with (fillfactor = 10);
create index pools_due on pools (valid_until) where valid_until is not null;

-- ── apps ────────────────────────────────────────────────────────────────────────────────────

create table apps (
  tenant_id uuid not null references tenants,
  app_id uuid not null,
  object_id uuid not null,
  client_id text not null,
  display_name text not null check (display_name <> ''),
  required_service_plan_ids uuid[] not null default '{}',
  permissions text[] not null default '{}',
  on_refusal text not null default 'block' check (on_refusal in ('block', 'continue')),
  created_at timestamptz(3) not null,
  primary key (tenant_id, app_id),
  unique (tenant_id, object_id),
  unique (tenant_id, client_id)
);
create index apps_by_display_name on apps (tenant_id, lower(display_name), app_id);

create table app_secrets (
  tenant_id uuid not null,
  app_id uuid not null,
  key_id uuid not null,
  display_name text,
  secret_hash text not null,
  hint text not null,
  starts_at timestamptz(3) not null,
  ends_at timestamptz(3) not null,
  primary key (tenant_id, app_id, key_id),
  foreign key (tenant_id, app_id) references apps on delete cascade
);

-- Public keys (certificates) with which a client signs its assertions (private_key_jwt).
create table app_certificates (
  tenant_id uuid not null,
  app_id uuid not null,
  key_id uuid not null,
  display_name text,
  certificate text not null,
  thumbprint text not null,
  starts_at timestamptz(3) not null,
  ends_at timestamptz(3) not null,
  primary key (tenant_id, app_id, key_id),
  foreign key (tenant_id, app_id) references apps on delete cascade
);

-- ── policies ────────────────────────────────────────────────────────────────────────────────

-- No product twice, 1 to 5, each {skuId, disabledPlans}: a constraint, since the order stands in
-- the policy's own row (one row lock sees one order).
create function policy_products_are_valid(products jsonb) returns boolean
language sql immutable strict parallel safe as $$
  select jsonb_typeof(products) = 'array'
     and jsonb_array_length(products) between 1 and 5
     and (select count(distinct p ->> 'skuId') = jsonb_array_length(products)
             and bool_and(jsonb_typeof(p -> 'disabledPlans') = 'array')
            from jsonb_array_elements(products) as p)
$$;

create table policies (
  tenant_id uuid not null,
  policy_id uuid not null,
  app_id uuid not null,
  display_name text not null check (char_length(display_name) between 1 and 256),
  is_enabled boolean not null,
  position integer not null check (position >= 1),
  products jsonb not null check (policy_products_are_valid(products)),
  include_groups uuid[] not null default '{}',
  exclude_groups uuid[] not null default '{}',
  include_guests boolean not null default false,
  version bigint not null default 1,
  created_at timestamptz(3) not null,
  modified_at timestamptz(3) not null,
  primary key (tenant_id, policy_id),
  foreign key (tenant_id, app_id) references apps,
  constraint policy_order_is_unique unique (tenant_id, app_id, position) deferrable initially immediate
);
create unique index policies_by_name on policies (tenant_id, lower(display_name));

-- ── licenses ────────────────────────────────────────────────────────────────────────────────

create table licenses (
  tenant_id uuid not null,
  user_id uuid not null,
  sku_id uuid not null,
  created_at timestamptz(3) not null,
  primary key (tenant_id, user_id, sku_id)
);
create index licenses_by_product on licenses (tenant_id, sku_id, created_at desc, user_id);

-- Why a user holds a product. source_id: the group's id, the app's id for a policy path (which
-- makes a second claim of one user, app and product unwritable while the first is held), and the
-- zero GUID for direct.
create table assignment_paths (
  tenant_id uuid not null,
  user_id uuid not null,
  sku_id uuid not null,
  kind text not null check (kind in ('direct', 'group', 'policy')),
  source_id uuid not null,
  disabled_plans uuid[] not null default '{}',
  policy_id uuid,
  claim_id uuid,
  is_backup boolean,
  modified_at timestamptz(3) not null,
  primary key (tenant_id, user_id, sku_id, kind, source_id),
  foreign key (tenant_id, user_id, sku_id) references licenses on delete cascade,
  check ((kind = 'direct') = (source_id = '00000000-0000-0000-0000-000000000000')),
  check ((kind = 'policy') = (policy_id is not null)
     and (kind = 'policy') = (claim_id is not null)
     and (kind = 'policy') = (is_backup is not null))
);
create index assignment_paths_by_group on assignment_paths (tenant_id, source_id) where kind = 'group';

-- ── what happened ───────────────────────────────────────────────────────────────────────────

-- Append-only. The names are those of the day of the claim, for when the thing itself is gone.
create table claims (
  tenant_id uuid not null,
  claim_id uuid not null,
  claimed_at timestamptz(3) not null,
  user_id uuid not null,
  user_principal_name text not null,
  user_display_name text not null,
  policy_id uuid not null,
  policy_display_name text not null,
  app_id uuid not null,
  app_display_name text not null,
  sku_id uuid not null,
  sku_part_number text not null,
  product_display_name text not null,
  is_backup boolean not null,
  primary key (tenant_id, claim_id)
);
create index claims_newest_first on claims (tenant_id, claimed_at desc, claim_id desc);
create index claims_by_policy on claims (tenant_id, policy_id, claimed_at desc, claim_id desc);
create index claims_by_user on claims (tenant_id, user_id, claimed_at desc);

-- Every decision through every door. Claims are written here with the claim itself, refusals and
-- repeats in batches of their own.
create table sign_ins (
  tenant_id uuid not null,
  sign_in_id uuid not null,
  decided_at timestamptz(3) not null,
  user_id uuid,
  user_principal_name text,
  user_display_name text,
  app_id uuid not null,
  app_display_name text,
  client_id text,
  correlation_id text,
  outcome text not null check (outcome in ('licensed', 'claimed', 'refused')),
  reason text,
  sku_id uuid,
  policy_id uuid,
  claim_id uuid,
  primary key (tenant_id, sign_in_id),
  check ((outcome = 'refused') = (reason is not null)),
  check (outcome <> 'claimed' or claim_id is not null)
);
create index sign_ins_newest_first on sign_ins (tenant_id, decided_at desc, sign_in_id desc);
create index refusals_by_time on sign_ins (tenant_id, decided_at, reason) where outcome = 'refused';

-- What was answered to a client's correlationId, so that the same sign-in delivered again gets
-- the same answer. Kept for 24 hours.
create table sign_in_deliveries (
  tenant_id uuid not null,
  client_id text not null,
  correlation_id text not null,
  request_hash text not null,
  decision jsonb not null,
  decided_at timestamptz(3) not null,
  primary key (tenant_id, client_id, correlation_id)
);
create index sign_in_deliveries_by_age on sign_in_deliveries (decided_at);

-- The same for any POST with an Idempotency-Key header.
create table idempotent_requests (
  tenant_id uuid not null,
  client_id text not null,
  idempotency_key text not null,
  request_hash text not null,
  status integer not null,
  headers jsonb not null,
  body jsonb,
  answered_at timestamptz(3) not null,
  primary key (tenant_id, client_id, idempotency_key)
);
create index idempotent_requests_by_age on idempotent_requests (answered_at);

create table audit_entries (
  tenant_id uuid not null,
  audit_id uuid not null,
  happened_at timestamptz(3) not null,
  category text not null,
  activity text not null,
  operation text not null check (operation in ('Add', 'Update', 'Delete', 'Assign', 'Unassign')),
  actor jsonb not null,
  target_type text not null,
  target_id text,
  target_name text,
  changes jsonb not null default '[]',
  details jsonb not null default '[]',
  correlation_id text,
  primary key (tenant_id, audit_id)
);
create index audit_entries_newest_first on audit_entries (tenant_id, happened_at desc, audit_id desc);
create index audit_entries_by_target on audit_entries (tenant_id, target_id, happened_at desc);

-- ── tokens ──────────────────────────────────────────────────────────────────────────────────

create table signing_keys (
  tenant_id uuid not null references tenants,
  key_id text not null,
  private_jwk jsonb not null,
  signs_from timestamptz(3) not null,
  created_at timestamptz(3) not null,
  primary key (tenant_id, key_id)
);

-- What the OpenID Provider keeps (codes, grants, sessions, replayed assertions), by its own names.
create table openid_artifacts (
  tenant_id uuid not null,
  model text not null,
  artifact_id text not null,
  payload jsonb not null,
  grant_id text,
  user_code text,
  session_uid text,
  expires_at timestamptz(3),
  consumed_at timestamptz(3),
  primary key (tenant_id, model, artifact_id)
);
create index openid_artifacts_by_grant on openid_artifacts (tenant_id, grant_id) where grant_id is not null;
create index openid_artifacts_by_user_code on openid_artifacts (tenant_id, user_code) where user_code is not null;
create index openid_artifacts_by_session on openid_artifacts (tenant_id, session_uid) where session_uid is not null;
create index openid_artifacts_by_age on openid_artifacts (expires_at) where expires_at is not null;
