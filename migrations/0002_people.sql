-- People sign in: who holds which directory role, one-time set-up links, attempts to sign in, and
-- the provider's artifacts by the person whose they are (which end when the person is blocked).

-- role_id: Microsoft's role template id, the same in every tenant; which roles there are is the
-- program's to say (src/engine/directory/roles.ts).
create table directory_role_members (
  tenant_id uuid not null,
  role_id uuid not null,
  user_id uuid not null,
  added_at timestamptz(3) not null,
  primary key (tenant_id, role_id, user_id),
  foreign key (tenant_id, user_id) references users on delete cascade
);
create index directory_role_members_by_user on directory_role_members (tenant_id, user_id);

-- A user has one at most: a new one ends the one before. Only the token's hash is kept.
create table set_up_links (
  tenant_id uuid not null,
  user_id uuid not null,
  token_hash text not null,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  primary key (tenant_id, user_id),
  unique (tenant_id, token_hash),
  foreign key (tenant_id, user_id) references users on delete cascade
);

-- Failed attempts in a row, by what was typed as the user name (whether there is such a user or
-- not, so that nothing tells) and by the address they came from; subject is a hash of either.
create table sign_in_attempts (
  tenant_id uuid not null,
  kind text not null check (kind in ('account', 'address')),
  subject text not null,
  failures integer not null check (failures >= 0),
  last_failed_at timestamptz(3) not null,
  primary key (tenant_id, kind, subject)
);
create index sign_in_attempts_by_age on sign_in_attempts (last_failed_at);

create index openid_artifacts_by_account on openid_artifacts (tenant_id, (payload ->> 'accountId'))
  where payload ? 'accountId';
