-- How fast trusted doors may create users of a tenant on their first sign-in: the rate holds over
-- all servers. Each creation moves spent_until a step ahead; too far ahead of now is beyond the rate.
create table user_creation (
  tenant_id uuid primary key,
  spent_until timestamptz(3) not null,
  -- When somebody was last refused for the rate: an admin is told.
  refused_at timestamptz(3)
) with (fillfactor = 50);
