-- A pool's use over time: of each day (UTC) the moment at which most of its seats were in use, and
-- the seats that there were then. Seen by a job again and again (src/engine/subscription/pool-use.ts),
-- so that a claim has no part in it. No key to pools, whose rows every claim fights over.
create table pool_use (
  tenant_id uuid not null,
  sku_id uuid not null,
  day date not null,
  consumed bigint not null check (consumed >= 0),
  units bigint not null check (units >= 0),
  primary key (tenant_id, sku_id, day),
  foreign key (tenant_id, sku_id) references products
);
create index pool_use_by_age on pool_use (day);
