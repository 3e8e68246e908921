import { recordAudit } from '../audit/audit.ts';
import { takeOut } from '../directory/members.ts';
import { removeGroup } from '../directory/write-group.ts';
import { lockPools } from '../subscription/pools.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import { endPaths } from './seats.ts';

/**
 * Takes a user or a group out of a group. Whoever is no more a member of a group that licensed
 * him, not even through another, loses that path; a seat is free when it was the last.
 * @throws Refused notFound where it isn't one of the group's own members
 */
export function removeMember(tenancy: Tenancy, groupId: string, memberId: string): Promise<void> {
  return inTenant(tenancy, (tx) => leaving(tx, groupId, () => takeOut(tx, groupId, memberId)));
}

/**
 * Deletes a group. Its members leave the groups that it was in, as with removeMember.
 * @throws Refused where licenses are assigned by it: they would lose their reason
 */
export function deleteGroup(tenancy: Tenancy, groupId: string): Promise<void> {
  return inTenant(tenancy, (tx) => leaving(tx, groupId, () => removeGroup(tx, groupId)));
}

/** Does what makes members leave a group, and ends the paths that this takes from them. */
async function leaving(tx: TenantTransaction, groupId: string, leave: () => Promise<void>): Promise<void> {
  // Read before: what contains the group is not to be seen any more when it is gone.
  const { rows } = await tx.client.query<{ source_id: string; sku_id: string }>(
    `with recursive above (group_id) as (
       select $2::uuid
       union
       select g.group_id from above join group_groups g on g.tenant_id = $1 and g.member_group_id = above.group_id
     )
     select distinct p.source_id, p.sku_id
       from above join assignment_paths p on p.tenant_id = $1 and p.kind = 'group' and p.source_id = above.group_id`,
    [tx.tenantId, groupId],
  );
  if (rows.length > 0) await lockPools(tx, [...new Set(rows.map((row) => row.sku_id))]);
  await leave();
  if (rows.length > 0) await endLeftPaths(tx, [...new Set(rows.map((row) => row.source_id))]);
}

interface LeftPath {
  readonly user_id: string;
  readonly sku_id: string;
  readonly source_id: string;
  readonly user_principal_name: string | null;
}

async function endLeftPaths(tx: TenantTransaction, sourceIds: readonly string[]): Promise<void> {
  const { rows } = await tx.client.query<LeftPath>(
    `with recursive nested (source_id, group_id) as (
       select id, id from unnest($2::uuid[]) as source (id)
       union
       select n.source_id, g.member_group_id
         from nested n join group_groups g on g.tenant_id = $1 and g.group_id = n.group_id
     )
     select p.user_id, p.sku_id, p.source_id, u.user_principal_name
       from assignment_paths p
       left join users u on u.tenant_id = $1 and u.user_id = p.user_id
      where p.tenant_id = $1 and p.kind = 'group' and p.source_id = any($2::uuid[])
        and not exists (select from nested n
                          join group_users m on m.tenant_id = $1 and m.group_id = n.group_id and m.user_id = p.user_id
                         where n.source_id = p.source_id)`,
    [tx.tenantId, sourceIds],
  );
  await endPaths(
    tx,
    rows.map((row) => ({ userId: row.user_id, skuId: row.sku_id, kinds: ['group'], groupId: row.source_id })),
  );
  await recordAudit(
    tx,
    rows.map((row) => ({
      category: 'UserManagement',
      activity: 'Change user license',
      operation: 'Unassign',
      target: { type: 'User', id: row.user_id, name: row.user_principal_name },
      details: { SkuId: row.sku_id, GroupId: row.source_id, Reason: 'No longer a member of the group' },
    })),
  );
}
