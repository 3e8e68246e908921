import type { Database } from '../../../src/db/open.ts';

// Judges inside the database: whoever writes a wrong state, through whatever door, fails at once
// with SQLSTATE P0001, which nothing in the program expects.

const TRIGGERS = `
-- No seat is taken unless consumed < enabled + warning at that moment, counted from the purchases.
create function judge_taking() returns trigger language plpgsql as $$
declare usable bigint;
begin
  select coalesce(sum(total_licenses), 0) into usable from subscriptions s
   where s.tenant_id = new.tenant_id and s.sku_id = new.sku_id and not s.is_removed
     -- As of the transaction's begin: what runs out between a decision and its writing is not held against it.
     and (s.ends_at is null or extract(epoch from now() - s.ends_at) < 30 * 86400);
  if new.consumed > old.consumed and new.consumed > usable then
    raise exception 'oversold: % of % seats of %', new.consumed, usable, new.sku_id;
  end if;
  return null;
end $$;
create trigger judge_taking after update on pools for each row execute function judge_taking();

-- At every commit: consumed = licenses.
create function judge_count() returns trigger language plpgsql as $$
declare
  touched record := coalesce(new, old);
  counted bigint;
  held bigint;
begin
  select consumed into counted from pools p where p.tenant_id = touched.tenant_id and p.sku_id = touched.sku_id;
  select count(*) into held from licenses l where l.tenant_id = touched.tenant_id and l.sku_id = touched.sku_id;
  if counted is distinct from held then
    raise exception 'consumed is % and % licenses are held of %', counted, held, touched.sku_id;
  end if;
  return null;
end $$;
create constraint trigger judge_count after insert or update on pools deferrable initially deferred
  for each row execute function judge_count();
create constraint trigger judge_count after insert or delete on licenses deferrable initially deferred
  for each row execute function judge_count();

-- At every commit: each license has a path and a user.
create function judge_license() returns trigger language plpgsql as $$
declare touched record := coalesce(new, old);
begin
  if exists (select from licenses l
              where l.tenant_id = touched.tenant_id and l.user_id = touched.user_id and l.sku_id = touched.sku_id
                and (not exists (select from assignment_paths p
                                  where p.tenant_id = l.tenant_id and p.user_id = l.user_id and p.sku_id = l.sku_id)
                     or not exists (select from users u where u.tenant_id = l.tenant_id and u.user_id = l.user_id))) then
    raise exception 'a license of % without a path or a user', touched.sku_id;
  end if;
  return null;
end $$;
create constraint trigger judge_license after insert on licenses deferrable initially deferred
  for each row execute function judge_license();
create constraint trigger judge_license after delete on assignment_paths deferrable initially deferred
  for each row execute function judge_license();`;

/** Sets the judges over a database. */
export async function watch(db: Database): Promise<void> {
  await db.pool.query(TRIGGERS);
}

/** What must hold of a tenant's claims and log, whatever happened; each finding is a fault. */
export async function findFaults(db: Database, tenantId: string): Promise<string[]> {
  const { rows } = await db.pool.query<{ fault: string }>(
    `select 'a path names claim ' || p.claim_id || ', which is not the claim of its user, app, product and policy' as fault
       from assignment_paths p
      where p.tenant_id = $1 and p.kind = 'policy'
        and not exists (select from claims c
                         where c.tenant_id = $1 and c.claim_id = p.claim_id and c.user_id = p.user_id and c.sku_id = p.sku_id
                           and c.app_id = p.source_id and c.policy_id = p.policy_id and c.is_backup = p.is_backup)
     union all
     select 'claim ' || claim_id || ' holds ' || count(*) || ' paths' from assignment_paths
      where tenant_id = $1 and kind = 'policy' group by claim_id having count(*) > 1
     union all
     select 'a license of a deleted user ' || user_id from licenses l
      where tenant_id = $1 and not exists (select from users u where u.tenant_id = $1 and u.user_id = l.user_id)
     union all
     select 'a pool with ' || consumed || ' of ' || enabled + warning + suspended from pools
      where tenant_id = $1 and consumed > enabled + warning + suspended
     union all
     select 'claim ' || claim_id || ' is in the log ' || (select count(*) from sign_ins s where s.tenant_id = $1 and s.claim_id = c.claim_id and s.outcome = 'claimed')
            || ' times' from claims c
      where tenant_id = $1
        and (select count(*) from sign_ins s where s.tenant_id = $1 and s.claim_id = c.claim_id and s.outcome = 'claimed'
                and s.user_id = c.user_id and s.sku_id = c.sku_id and s.policy_id = c.policy_id and s.decided_at = c.claimed_at) <> 1
     union all
     select 'claim ' || claim_id || ' is not in the audit once' from claims c
      where tenant_id = $1
        and (select count(*) from audit_entries a
              where a.tenant_id = $1 and a.target_id = c.user_id::text
                and a.details @> jsonb_build_array(jsonb_build_object('key', 'ClaimId', 'value', c.claim_id::text))
                and a.activity = 'Claim license') <> 1
     union all
     select 'the log has a claim that is not there' from sign_ins s
      where tenant_id = $1 and outcome = 'claimed' and not exists (select from claims c where c.tenant_id = $1 and c.claim_id = s.claim_id)
     union all
     select 'the policies of an app have the places ' || string_agg(position::text, ', ' order by position) from policies
      where tenant_id = $1 group by app_id having max(position) <> count(*)`,
    [tenantId],
  );
  return rows.map((row) => row.fault);
}

/**
 * What must hold of groups' licenses once all that was queued is done: who is in a group has what it
 * gives, or an error that says why not, and nobody has anything by a group that doesn't give it to him.
 */
export async function findGroupFaults(db: Database, tenantId: string): Promise<string[]> {
  const { rows } = await db.pool.query<{ fault: string }>(
    `with recursive nested (root, group_id) as (
       select distinct group_id, group_id from group_licenses where tenant_id = $1
       union
       select n.root, g.member_group_id from nested n join group_groups g on g.tenant_id = $1 and g.group_id = n.group_id
     ), due as (
       select distinct m.user_id, l.group_id, l.sku_id, l.disabled_plans
         from nested n
         join group_users m on m.tenant_id = $1 and m.group_id = n.group_id
         join group_licenses l on l.tenant_id = $1 and l.group_id = n.root
     )
     select 'queued: ' || user_id as fault from group_licensing_queue where tenant_id = $1
     union all
     select 'neither license nor error of ' || d.user_id || ' by ' || d.group_id from due d
      where not exists (select from assignment_paths p where p.tenant_id = $1 and p.user_id = d.user_id and p.sku_id = d.sku_id
                           and p.kind = 'group' and p.source_id = d.group_id and p.disabled_plans = d.disabled_plans)
        and not exists (select from group_license_errors e where e.tenant_id = $1 and e.user_id = d.user_id
                           and e.sku_id = d.sku_id and e.group_id = d.group_id)
     union all
     select 'a license that no group gives ' || p.user_id from assignment_paths p
      where p.tenant_id = $1 and p.kind = 'group'
        and not exists (select from due d where d.user_id = p.user_id and d.sku_id = p.sku_id and d.group_id = p.source_id)
     union all
     select 'an error of nothing that is given, of ' || e.user_id from group_license_errors e
      where e.tenant_id = $1
        and not exists (select from due d where d.user_id = e.user_id and d.sku_id = e.sku_id and d.group_id = e.group_id)`,
    [tenantId],
  );
  return rows.map((row) => row.fault);
}
