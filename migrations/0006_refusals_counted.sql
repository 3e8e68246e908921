-- Refusals of a period are counted by reason, also those of one app: from the index alone.
drop index refusals_by_time;
create index refusals_by_time on sign_ins (tenant_id, decided_at, reason) include (app_id, policy_id, sku_id)
  where outcome = 'refused';
