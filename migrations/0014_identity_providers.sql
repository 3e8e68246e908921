-- Identity providers that people of a tenant sign in by (docs/identity-providers.md).
alter table tenants add column is_password_sign_in_on boolean not null default true;

create table identity_providers (
  tenant_id uuid not null,
  provider_id uuid not null,
  kind text not null check (kind in ('entra', 'okta', 'keycloak', 'google', 'oidc')),
  display_name text not null check (display_name <> ''),
  issuer text not null,
  client_id text not null,
  -- Itself, not its hash: Autoclaim proves with it to the provider who it is.
  client_secret text not null,
  secret_hint text not null,
  is_enabled boolean not null,
  -- Whose names it may vouch for, whole and in lower case. A domain is one provider's.
  domains text[] not null default '{}',
  -- {"displayName": "name", …}: which claim a new user's property is taken from.
  attributes jsonb not null default '{}',
  groups_claim text,
  -- [{"value": the claim's, "groupId": ours}]
  group_mappings jsonb not null default '[]',
  created_at timestamptz(3) not null,
  primary key (tenant_id, provider_id)
);

-- Who a person at a provider is here. A user has one identity of a provider at most.
create table external_identities (
  tenant_id uuid not null,
  provider_id uuid not null,
  subject text not null,
  user_id uuid not null,
  linked_at timestamptz(3) not null,
  primary key (tenant_id, provider_id, subject),
  unique (tenant_id, provider_id, user_id)
);
create index external_identities_by_user on external_identities (tenant_id, user_id);

-- once distributed
alter table external_identities add foreign key (tenant_id, provider_id) references identity_providers on delete cascade;
alter table external_identities add foreign key (tenant_id, user_id) references users on delete cascade;
