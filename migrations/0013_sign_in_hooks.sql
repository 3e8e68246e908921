-- Hooks: how identity providers tell of sign-ins (docs/hooks.md).
create table sign_in_hooks (
  tenant_id uuid not null,
  hook_id uuid not null,
  kind text not null check (kind in ('entra', 'okta', 'auth0', 'keycloak')),
  display_name text not null check (display_name <> ''),
  is_enabled boolean not null,
  -- What the answer holds for who is refused: nothing, or the reason as a claim.
  on_refusal text not null check (on_refusal in ('noClaims', 'reasonClaim')),
  -- Okta, Auth0: the bearer secret's hash.
  secret_hash text,
  -- Keycloak: the key itself, since whoever checks an HMAC has to have it.
  hmac_key text,
  secret_hint text,
  -- Entra: whose tokens are taken, and for whom they have to be.
  entra_tenant_id uuid,
  entra_audience text,
  entra_cloud text check (entra_cloud in ('global', 'usGovernment', 'china')),
  -- Put behind names that have no domain.
  user_name_domain text,
  -- [{"clientId": the provider's, "appId": ours}]
  apps jsonb not null default '[]',
  created_at timestamptz(3) not null,
  primary key (tenant_id, hook_id)
);

-- What came in by a hook. Written in the background, a moment later.
create table sign_in_hook_use (
  tenant_id uuid not null,
  hook_id uuid not null,
  events bigint not null default 0,
  last_event_at timestamptz(3),
  refused bigint not null default 0,
  last_refused_at timestamptz(3),
  last_refusal text,
  -- The last client id that no app is mapped to.
  last_unmapped_client_id text,
  primary key (tenant_id, hook_id)
);

-- Whose a hook is, before the tenant is known: by the hook's id, by its secret's hash, by whose tokens it takes.
create table sign_in_hook_names (
  name text not null,
  hook_id uuid not null,
  tenant_id uuid not null,
  primary key (name, hook_id)
);

-- once distributed
alter table sign_in_hook_use add foreign key (tenant_id, hook_id) references sign_in_hooks on delete cascade;
