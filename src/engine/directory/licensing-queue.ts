import { GROUP_LICENSING_LOCKS } from '../../db/advisory-locks.ts';
import type { TenantTransaction } from '../tenant/tenancy.ts';

// Who is to be looked at again, since what groups give them may have changed. Whoever changes who is
// in which group, or what a group gives, queues the users that this concerns in the same
// transaction; engine/license takes them from the queue and gives or takes the licenses.

/** As many as are licensed at once by whoever queued them; more are left to the background. */
export const QUEUED_TOLD_MAX = 200;

/**
 * Keeps apart those whose changes meet in one user: first of all locks in a transaction that changes
 * memberships ('shared'), or what groups contain or give ('whole'). Else one that adds a user to an
 * inner group and one that licenses the outer would each not see the other, and nobody would queue
 * the user.
 */
export async function holdMemberships(tx: TenantTransaction, how: 'shared' | 'whole'): Promise<void> {
  const shared = how === 'shared' ? '_shared' : '';
  await tx.client.query(`select pg_advisory_xact_lock${shared}($1, hashtext($2))`, [
    GROUP_LICENSING_LOCKS,
    tx.tenantId,
  ]);
}

/** Whether a group, or one that contains it, gives licenses to its members. */
export async function givesLicenses(tx: TenantTransaction, groupId: string): Promise<boolean> {
  const { rowCount } = await tx.client.query(
    `with recursive above (group_id) as (
       select $2::uuid
       union
       select g.group_id from above join group_groups g on g.tenant_id = $1 and g.member_group_id = above.group_id
     )
     select from above join group_licenses l on l.tenant_id = $1 and l.group_id = above.group_id limit 1`,
    [tx.tenantId, groupId],
  );
  return (rowCount ?? 0) > 0;
}

/** @returns those queued, where they are not more than QUEUED_TOLD_MAX; else none */
export function queueUsers(tx: TenantTransaction, userIds: readonly string[]): Promise<string[]> {
  return queue(tx, 'select distinct unnest($2::uuid[]) as user_id', userIds);
}

/**
 * Queues all users in groups and in the groups that these contain, and whoever has a license by them still.
 * Indexes: the primary keys of group_groups and group_users, assignment_paths_by_group.
 * @returns as queueUsers
 */
export function queueMembers(tx: TenantTransaction, groupIds: readonly string[]): Promise<string[]> {
  return queue(
    tx,
    `with recursive nested (group_id) as (
       select unnest($2::uuid[])
       union
       select g.member_group_id from nested join group_groups g on g.tenant_id = $1 and g.group_id = nested.group_id
     )
     select m.user_id from nested join group_users m on m.tenant_id = $1 and m.group_id = nested.group_id
     union
     select p.user_id from assignment_paths p where p.tenant_id = $1 and p.kind = 'group' and p.source_id = any($2::uuid[])`,
    groupIds,
  );
}

/** Queues those of some users who have not all that their groups are to give them; undefined: of all. */
export async function queueUsersInError(tx: TenantTransaction, userIds?: readonly string[]): Promise<void> {
  await queue(
    tx,
    `select distinct user_id from group_license_errors
      where tenant_id = $1 and ($2::uuid[] is null or user_id = any($2::uuid[]))`,
    userIds ?? null,
  );
}

async function queue(tx: TenantTransaction, users: string, ids: readonly string[] | null): Promise<string[]> {
  if (ids?.length === 0) return [];
  // In the order of their ids, so that no two wait for each other. Who is queued already is written
  // again: whoever is taking him from the queue in this moment doesn't see this change yet.
  const { rows } = await tx.client.query<{ user_id: string }>(
    `with queued as (
       insert into group_licensing_queue (tenant_id, user_id, queued_at)
       select $1::uuid, user_id, $3::timestamptz from (${users}) as users order by user_id
       on conflict (tenant_id, user_id) do update set queued_at = excluded.queued_at
       returning user_id
     )
     select user_id from queued limit ${QUEUED_TOLD_MAX + 1}`,
    [tx.tenantId, ids, tx.now],
  );
  return rows.length > QUEUED_TOLD_MAX ? [] : rows.map((row) => row.user_id);
}
