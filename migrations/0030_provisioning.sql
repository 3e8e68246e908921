-- Provisioning clients: who keeps users and groups here as an identity provider has them, by SCIM (docs/provisioning.md).
create table provisioning_clients (
  tenant_id uuid not null,
  client_id uuid not null,
  kind text not null check (kind in ('entra', 'okta', 'other')),
  display_name text not null check (display_name <> ''),
  -- Whether a user whom it deactivates loses direct and policy licenses at once.
  releases_licenses boolean not null,
  -- Null: revoked.
  token_hash text,
  token_hint text not null,
  token_created_at timestamptz(3) not null,
  revoked_at timestamptz(3),
  created_at timestamptz(3) not null,
  -- Written in the background, a minute later at most.
  last_used_at timestamptz(3),
  primary key (tenant_id, client_id)
);

-- Whose a token is, before the tenant is known.
create table provisioning_tokens (
  token_hash text primary key,
  client_id uuid not null,
  tenant_id uuid not null
);

-- What a client calls a user, and what it has told of them that Autoclaim has no use for: it reads it again.
create table provisioned_users (
  tenant_id uuid not null,
  client_id uuid not null,
  user_id uuid not null,
  external_id text,
  attributes jsonb not null default '{}',
  primary key (tenant_id, client_id, user_id)
);
create index provisioned_users_by_external_id on provisioned_users (tenant_id, client_id, external_id);
create index provisioned_users_by_user on provisioned_users (tenant_id, user_id);

create table provisioned_groups (
  tenant_id uuid not null,
  client_id uuid not null,
  group_id uuid not null,
  external_id text,
  primary key (tenant_id, client_id, group_id)
);
create index provisioned_groups_by_external_id on provisioned_groups (tenant_id, client_id, external_id);
create index provisioned_groups_by_group on provisioned_groups (tenant_id, group_id);

-- once distributed
alter table provisioned_users add foreign key (tenant_id, client_id) references provisioning_clients on delete cascade;
alter table provisioned_users add foreign key (tenant_id, user_id) references users on delete cascade;
alter table provisioned_groups add foreign key (tenant_id, client_id) references provisioning_clients on delete cascade;
alter table provisioned_groups add foreign key (tenant_id, group_id) references groups on delete cascade;
