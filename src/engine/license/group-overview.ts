import type { Database } from '../../db/open.ts';
import { notFound } from '../refused.ts';

/** A product that a group gives its members, and how many of them have it, or can't. */
export interface GroupLicenseUse {
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly displayName: string;
  readonly disabledPlans: readonly string[];
  readonly assignedAt: Date;
  readonly licensed: number;
  readonly inError: number;
}

/** What a group gives, and how far that has come. Users in the groups that it contains count, each once. */
export interface GroupLicensing {
  readonly state: 'allAssigned' | 'inProgress' | 'errors';
  readonly members: number;
  /** Those whom what has changed last hasn't reached yet. */
  readonly waiting: number;
  readonly inError: number;
  readonly licenses: readonly GroupLicenseUse[];
}

// Indexes: the primary keys of groups, group_groups, group_users, group_licenses, products and
// group_licensing_queue, assignment_paths_by_group, group_license_errors_by_group. At 100,000
// members these are read once each.
const STATEMENT = `
with recursive nested (group_id) as (
  select $2::uuid
  union
  select g.member_group_id from nested join group_groups g on g.tenant_id = $1 and g.group_id = nested.group_id
), people as materialized (
  select distinct m.user_id from nested join group_users m on m.tenant_id = $1 and m.group_id = nested.group_id
), held as materialized (
  select p.user_id, p.sku_id from assignment_paths p where p.tenant_id = $1 and p.kind = 'group' and p.source_id = $2
), faults as materialized (
  select e.user_id, e.sku_id from group_license_errors e where e.tenant_id = $1 and e.group_id = $2
), given as (
  select l.sku_id as "skuId", t.sku_part_number as "skuPartNumber", t.display_name as "displayName",
         l.disabled_plans::text[] as "disabledPlans", l.assigned_at as "assignedAt",
         (select count(*) from held where held.sku_id = l.sku_id) as licensed,
         (select count(*) from faults where faults.sku_id = l.sku_id) as "inError"
    from group_licenses l join products t on t.tenant_id = $1 and t.sku_id = l.sku_id
   where l.tenant_id = $1 and l.group_id = $2
)
select (select count(*) from people) as members,
       (select count(*) from group_licensing_queue q
         where q.tenant_id = $1
           and (q.user_id in (select user_id from people) or q.user_id in (select user_id from held))) as waiting,
       (select count(distinct user_id) from faults) as "inError",
       (select coalesce(json_agg(given order by lower("displayName"), "skuId"), '[]') from given) as licenses,
       exists (select from groups where tenant_id = $1 and group_id = $2) as "isThere"`;

interface Row extends Omit<GroupLicensing, 'state' | 'licenses'> {
  licenses: (Omit<GroupLicenseUse, 'assignedAt'> & { assignedAt: string })[];
  isThere: boolean;
}

/**
 * Reads what a group gives its members, and how far that has come.
 * @throws Refused notFound
 */
export async function readGroupLicensingState(db: Database, tenantId: string, groupId: string): Promise<GroupLicensing> {
  const { rows } = await db.pool.query<Row>(STATEMENT, [tenantId, groupId]);
  const { isThere, licenses, ...counts } = rows[0]!;
  if (!isThere) throw notFound(groupId);

  return {
    ...counts,
    state: counts.waiting > 0 ? 'inProgress' : counts.inError > 0 ? 'errors' : 'allAssigned',
    licenses: licenses.map((license) => ({ ...license, assignedAt: new Date(license.assignedAt) })),
  };
}
