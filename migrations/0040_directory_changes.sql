-- What changed of users, groups and their members, for delta queries (docs/decisions/0120). Written in
-- the transaction of the change, without a version; whoever reads gives versions to what is committed.
create table directory_changes (
  tenant_id uuid not null,
  change_id uuid not null,
  is_user boolean not null,
  -- The user or the group.
  object_id uuid not null,
  -- Of a group: who came in or went out, where that is what changed.
  member_id uuid,
  is_member_user boolean,
  version bigint,
  recorded_at timestamptz(3) not null,
  primary key (tenant_id, change_id),
  check ((member_id is null) = (is_member_user is null))
);
create index directory_changes_in_order on directory_changes (tenant_id, version);
create index directory_changes_by_object on directory_changes (tenant_id, object_id, version);
create index directory_changes_by_age on directory_changes (recorded_at);

-- The last version that was given: microseconds of the database's clock, never the same twice and never less.
create table directory_versions (
  tenant_id uuid primary key,
  version bigint not null,
  -- The claims before this are among the changes; null: nobody has asked for licenses yet.
  claims_until timestamptz(3)
);
