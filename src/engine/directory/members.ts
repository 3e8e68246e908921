import { recordAudit, type AuditEntry } from '../audit/audit.ts';
import { noteDirectoryChanges } from '../audit/directory-changes.ts';
import { invalid, notFound, Refused } from '../refused.ts';
import type { TenantTransaction } from '../tenant/tenancy.ts';
import { givesLicenses, holdMemberships, queueMembers, queueUsers } from './licensing-queue.ts';

/** A user or a group, as a member of groups. */
export interface Member {
  readonly id: string;
  readonly kind: 'user' | 'group';
  readonly name: string;
}

interface NamedGroup {
  readonly id: string;
  readonly displayName: string;
}

/**
 * Before all else in a transaction that changes who is in a group: that of a group may change what
 * many users are given, and is kept apart from every other change.
 */
export async function holdForMembers(tx: TenantTransaction, memberIds: readonly string[]): Promise<void> {
  if (memberIds.length === 0) return;
  const { rowCount } = await tx.client.query(
    'select from groups where tenant_id = $1 and group_id = any($2::uuid[]) limit 1',
    [tx.tenantId, memberIds],
  );
  await holdMemberships(tx, rowCount ? 'whole' : 'shared');
}

/** Whether it is refused to add who is a member already, and to take out who is none. */
type Again = 'refused' | 'fine';

/**
 * Adds users and groups to a group, under holdForMembers.
 * @returns whose licenses by groups are to be looked at now (licensing-queue.ts)
 * @throws Refused
 */
export async function putIn(
  tx: TenantTransaction,
  groupId: string,
  memberIds: readonly string[],
  again: Again = 'refused',
): Promise<string[]> {
  return insertMembers(tx, await readGroup(tx, groupId), memberIds, again);
}

/**
 * Takes users and groups out of a group, under holdForMembers.
 * @returns as putIn
 * @throws Refused notFound where one isn't one of its own members
 */
export async function takeOut(
  tx: TenantTransaction,
  groupId: string,
  memberIds: readonly string[],
  again: Again = 'refused',
): Promise<string[]> {
  if (memberIds.length === 0) return [];
  const group = await readGroup(tx, groupId);
  const found = await readMembers(tx, memberIds);
  const deleted = await deleteMembers(tx, groupId, memberIds);
  const members = found.filter(({ id }) => deleted.has(id));
  const missing = memberIds.find((id) => !deleted.has(id.toLowerCase()));
  if (missing !== undefined && again === 'refused') throw notFound(missing);
  await recordAudit(
    tx,
    members.map((member) => entry('Remove member from group', 'Unassign', group, member)),
  );
  return queueChanged(tx, group, members);
}

/** Queues whoever may be given more or less than before, members having come or gone. */
async function queueChanged(tx: TenantTransaction, group: NamedGroup, members: readonly Member[]): Promise<string[]> {
  if (!(await givesLicenses(tx, group.id))) return [];
  const of = (kind: Member['kind']) => members.filter((member) => member.kind === kind).map(({ id }) => id);
  return [...(await queueUsers(tx, of('user'))), ...(await queueMembers(tx, of('group')))];
}

/**
 * Notes, for delta queries, that what is about to be deleted leaves the groups that it is in. Its row
 * is locked for update: nobody puts it into another meanwhile.
 */
export async function noteLeaving(tx: TenantTransaction, member: Pick<Member, 'id' | 'kind'>): Promise<void> {
  const rows =
    member.kind === 'user'
      ? await tx.query
          .selectFrom('group_users')
          .select('group_id')
          .where('tenant_id', '=', tx.tenantId)
          .where('user_id', '=', member.id)
          .execute()
      : await tx.query
          .selectFrom('group_groups')
          .select('group_id')
          .where('tenant_id', '=', tx.tenantId)
          .where('member_group_id', '=', member.id)
          .execute();
  await noteDirectoryChanges(
    tx,
    rows.map(({ group_id: id }) => ({ kind: 'group', id, member })),
  );
}

/**
 * Adds members to a group of this transaction's tenant, whose row is there; under holdForMembers.
 * @returns as putIn
 * @throws Refused where one isn't there, is the group itself, is named twice or, as told, is a member already
 */
export async function insertMembers(
  tx: TenantTransaction,
  group: NamedGroup,
  ids: readonly string[],
  again: Again = 'refused',
): Promise<string[]> {
  if (ids.length === 0) return [];
  const members = await readMembers(tx, ids);
  const missing = ids.find((id) => !members.some((member) => member.id === id.toLowerCase()));
  if (missing !== undefined) throw notFound(missing);
  if (members.length < ids.length) throw alreadyThere();
  if (members.some((member) => member.id === group.id))
    throw invalid('members', 'a group can not be a member of itself.');
  const of = (kind: Member['kind']) => members.filter((member) => member.kind === kind);
  const shared = { tenant_id: tx.tenantId, group_id: group.id, added_at: tx.now };
  const users = of('user').map(({ id }) => ({ ...shared, user_id: id }));
  const groups = of('group').map(({ id }) => ({ ...shared, member_group_id: id }));
  const added = [
    ...(users.length > 0
      ? await tx.query
          .insertInto('group_users')
          .values(users)
          .onConflict((on) => on.doNothing())
          .returning('user_id as id')
          .execute()
      : []),
    ...(groups.length > 0
      ? await tx.query
          .insertInto('group_groups')
          .values(groups)
          .onConflict((on) => on.doNothing())
          .returning('member_group_id as id')
          .execute()
      : []),
  ];
  if (added.length < members.length && again === 'refused') throw alreadyThere();
  const ofAdded = new Set(added.map(({ id }) => id));
  const come = members.filter(({ id }) => ofAdded.has(id));
  await recordAudit(
    tx,
    come.map((member) => entry('Add member to group', 'Assign', group, member)),
  );
  return queueChanged(tx, group, come);
}

async function readGroup(tx: TenantTransaction, id: string): Promise<NamedGroup> {
  const row = await tx.query
    .selectFrom('groups')
    .select('display_name')
    .where('tenant_id', '=', tx.tenantId)
    .where('group_id', '=', id)
    .forKeyShare()
    .executeTakeFirst();
  if (!row) throw notFound(id);
  return { id: id.toLowerCase(), displayName: row.display_name };
}

async function readMembers(tx: TenantTransaction, ids: readonly string[]): Promise<Member[]> {
  const users = await tx.query
    .selectFrom('users')
    .select(['user_id as id', 'user_principal_name as name'])
    .where('tenant_id', '=', tx.tenantId)
    .where('user_id', 'in', ids)
    .forKeyShare()
    .execute();
  const groups = await tx.query
    .selectFrom('groups')
    .select(['group_id as id', 'display_name as name'])
    .where('tenant_id', '=', tx.tenantId)
    .where('group_id', 'in', ids)
    .forKeyShare()
    .execute();
  return [
    ...users.map((row) => ({ ...row, kind: 'user' as const })),
    ...groups.map((row) => ({ ...row, kind: 'group' as const })),
  ];
}

async function deleteMembers(
  { client, tenantId }: TenantTransaction,
  groupId: string,
  ids: readonly string[],
): Promise<Set<string>> {
  const values = [tenantId, groupId, ids];
  const users = await client.query<{ id: string }>(
    'delete from group_users where tenant_id = $1 and group_id = $2 and user_id = any($3::uuid[]) returning user_id as id',
    values,
  );
  const groups = await client.query<{ id: string }>(
    `delete from group_groups where tenant_id = $1 and group_id = $2 and member_group_id = any($3::uuid[])
     returning member_group_id as id`,
    values,
  );
  return new Set([...users.rows, ...groups.rows].map(({ id }) => id));
}

function alreadyThere(): Refused {
  return new Refused(
    'invalid',
    "One or more added object references already exist for the following modified properties: 'members'.",
  );
}

function entry(activity: string, operation: AuditEntry['operation'], group: NamedGroup, member: Member): AuditEntry {
  return {
    category: 'GroupManagement',
    activity,
    operation,
    target: { type: 'Group', id: group.id, name: group.displayName },
    details: { MemberType: member.kind, MemberId: member.id, MemberName: member.name },
  };
}
