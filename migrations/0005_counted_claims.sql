-- Claims counted by the hour, so that the report's sums don't count millions of rows each time. A
-- job counts hours that are over for long (src/engine/report/count-claims.ts); claims are never
-- changed, so what is counted stays right. The claim itself has no part in it.
create table counted_claims (
  tenant_id uuid not null,
  -- When the hour began.
  hour timestamptz(3) not null,
  policy_id uuid not null,
  app_id uuid not null,
  sku_id uuid not null,
  is_backup boolean not null,
  claims bigint not null check (claims > 0),
  -- The names of the days of the claims, for when the product is gone.
  sku_part_number text not null,
  product_display_name text not null,
  primary key (tenant_id, hour, policy_id, app_id, sku_id, is_backup)
);

-- Until when a tenant's claims are counted: whole hours.
create table claim_counting (
  tenant_id uuid primary key,
  counted_until timestamptz(3) not null
);
