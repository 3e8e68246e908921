-- Forward auth: reverse proxies that ask for each request whether it may pass (docs/forward-auth.md). One for an app.
create table forward_auth (
  tenant_id uuid not null,
  forward_auth_id uuid not null,
  app_id uuid not null,
  -- Where the app is: scheme, host and port. Nowhere else does a sign-in go back to.
  origins text[] not null default '{}',
  -- Addresses (CIDR) of proxies that sign people in themselves; empty: nobody's word is taken.
  trusted_addresses text[] not null default '{}',
  user_header text not null,
  secret_hash text not null,
  secret_hint text not null,
  created_at timestamptz(3) not null,
  primary key (tenant_id, forward_auth_id),
  unique (tenant_id, app_id)
);

-- Whose an app is, before the tenant is known. What is left of an app that is gone leads nowhere.
create table forward_auth_names (
  app_id uuid not null,
  tenant_id uuid not null,
  primary key (app_id, tenant_id)
);

-- once distributed
alter table forward_auth add foreign key (tenant_id, app_id) references apps on delete cascade;
