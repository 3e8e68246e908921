-- Group-based licensing (docs/groups.md). What a group gives its members: the intent, which stays
-- also where a member can't have it. The paths that come of it are in assignment_paths.
create table group_licenses (
  tenant_id uuid not null,
  group_id uuid not null,
  sku_id uuid not null,
  disabled_plans uuid[] not null default '{}',
  assigned_at timestamptz(3) not null,
  primary key (tenant_id, group_id, sku_id)
);
create index group_licenses_by_product on group_licenses (tenant_id, sku_id);

-- Whose licenses by groups are to be looked at again. Written by whatever changes what they come
-- from, in the same transaction; gone when it is done. No key to users: a hundred thousand rows are
-- written at once, and each would lock a user's row.
create table group_licensing_queue (
  tenant_id uuid not null,
  user_id uuid not null,
  queued_at timestamptz(3) not null,
  primary key (tenant_id, user_id)
);

-- Why a member hasn't what his group is to give him.
create table group_license_errors (
  tenant_id uuid not null,
  user_id uuid not null,
  group_id uuid not null,
  sku_id uuid not null,
  error text not null check (error in ('CountViolation', 'MutuallyExclusiveViolation', 'DependencyViolation',
                                       'ProhibitedInUsageLocationViolation', 'Other')),
  detail text not null,
  noted_at timestamptz(3) not null,
  primary key (tenant_id, user_id, group_id, sku_id)
);
create index group_license_errors_by_group on group_license_errors (tenant_id, group_id, user_id);

-- once distributed
-- None deletes along: a group that gives licenses can't be deleted.
alter table group_licenses add foreign key (tenant_id, group_id) references groups;
alter table group_licenses add foreign key (tenant_id, sku_id) references products;
