import { v7 as newId } from 'uuid';
import { changesBetween, recordAudit } from '../audit/audit.ts';
import { notFound, Refused } from '../refused.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import { groupColumns, groupValues, nicknameFrom, type GroupValues, type NewGroup } from './group.ts';
import { givesLicenses, holdMemberships, queueMembers } from './licensing-queue.ts';
import { holdForMembers, insertMembers, noteLeaving } from './members.ts';

/**
 * Adds a group, with members (ids of users and groups) where given.
 * @returns the new group's id
 * @throws Refused
 */
export function createGroup(tenancy: Tenancy, group: NewGroup, memberIds: readonly string[] = []): Promise<string> {
  return inTenant(tenancy, (tx) => insertGroup(tx, group, memberIds));
}

/** The same in a transaction that is under way. */
export async function insertGroup(
  tx: TenantTransaction,
  group: NewGroup,
  memberIds: readonly string[] = [],
): Promise<string> {
  const id = newId();
  const whole = { mailNickname: nicknameFrom(group.displayName, id), ...group };
  await tx.query
    .insertInto('groups')
    .values({
      ...groupColumns(whole),
      tenant_id: tx.tenantId,
      group_id: id,
      display_name: whole.displayName,
      mail_nickname: whole.mailNickname,
      created_at: tx.now,
    })
    .execute();
  await recordAudit(tx, [
    {
      category: 'GroupManagement',
      activity: 'Add group',
      operation: 'Add',
      target: { type: 'Group', id, name: whole.displayName },
      changes: changesBetween({}, whole),
    },
  ]);
  await insertMembers(tx, { id, displayName: whole.displayName }, memberIds);
  return id;
}

/**
 * Changes some of a group's values, and adds members where given, in a transaction that is under way.
 * @returns whose licenses by groups are to be looked at now (licensing-queue.ts)
 * @throws Refused
 */
export async function changeGroup(
  tx: TenantTransaction,
  id: string,
  values: Partial<GroupValues>,
  memberIds: readonly string[] = [],
): Promise<string[]> {
  await holdForMembers(tx, memberIds);
  const row = await lockGroup(tx, id, 'no key update');
  const changes = changesBetween(groupValues(row), values);
  if (changes.length > 0) {
    await tx.query
      .updateTable('groups')
      .set(groupColumns(values))
      .where('tenant_id', '=', tx.tenantId)
      .where('group_id', '=', id)
      .execute();
    await recordAudit(tx, [
      {
        category: 'GroupManagement',
        activity: 'Update group',
        operation: 'Update',
        target: { type: 'Group', id, name: values.displayName ?? row.display_name },
        changes,
      },
    ]);
  }
  return insertMembers(tx, { id, displayName: row.display_name }, memberIds);
}

/**
 * Deletes a group. Its members leave the groups that it was in, with what these give.
 * @returns whose licenses by groups are to be looked at now (licensing-queue.ts)
 * @throws Refused where licenses are assigned by it: they would lose their reason
 */
export async function removeGroup(tx: TenantTransaction, id: string): Promise<string[]> {
  await holdMemberships(tx, 'whole');
  const row = await lockGroup(tx, id, 'update');
  await refuseLicensed(tx, id);
  await noteLeaving(tx, { id, kind: 'group' });
  const queued = (await givesLicenses(tx, id)) ? await queueMembers(tx, [id]) : [];
  await tx.query.deleteFrom('groups').where('tenant_id', '=', tx.tenantId).where('group_id', '=', id).execute();
  await recordAudit(tx, [
    {
      category: 'GroupManagement',
      activity: 'Delete group',
      operation: 'Delete',
      target: { type: 'Group', id, name: row.display_name },
      changes: changesBetween(groupValues(row), null),
    },
  ]);
  return queued;
}

/** @param how only who deletes the group keeps from it who joins, having locked their user first */
async function lockGroup(tx: TenantTransaction, id: string, how: 'no key update' | 'update') {
  const group = tx.query
    .selectFrom('groups')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('group_id', '=', id);
  const row = await (how === 'update' ? group.forUpdate() : group.forNoKeyUpdate()).executeTakeFirst();
  if (!row) throw notFound(id);
  return row;
}

/** Also where members still have licenses by it that are about to end. */
async function refuseLicensed(tx: TenantTransaction, groupId: string): Promise<void> {
  const { rowCount } = await tx.client.query(
    `select from group_licenses where tenant_id = $1 and group_id = $2
     union all
     select from assignment_paths where tenant_id = $1 and kind = 'group' and source_id = $2 limit 1`,
    [tx.tenantId, groupId],
  );
  if (!rowCount) return;
  throw new Refused(
    'invalid',
    'The group has active license assignments and cannot be deleted. Remove the licenses from the group first.',
  );
}
