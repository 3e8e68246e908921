-- A path's key to its license was checked for each path of a claim, by a query and a row lock of its
-- own. Both are written and ended in one place (src/engine/license/seats.ts), under the pools' locks.
alter table assignment_paths drop constraint assignment_paths_tenant_id_user_id_sku_id_fkey;
