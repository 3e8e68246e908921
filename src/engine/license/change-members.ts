import type { GroupValues } from '../directory/group.ts';
import { holdForMembers, putIn, takeOut } from '../directory/members.ts';
import { changeGroup, removeGroup } from '../directory/write-group.ts';
import { inTenant, type Tenancy } from '../tenant/tenancy.ts';
import { licenseQueued } from './work-off-queue.ts';

// What changes who is in which group, with what groups give: for a few users at once, for many in
// the background.

/**
 * Adds a user or a group to a group.
 * @throws Refused
 */
export async function addMember(tenancy: Tenancy, groupId: string, memberId: string): Promise<void> {
  const queued = await inTenant(tenancy, async (tx) => {
    await holdForMembers(tx, [memberId]);
    return putIn(tx, groupId, [memberId]);
  });
  await licenseQueued(tenancy, queued);
}

/**
 * Takes a user or a group out of a group. Whoever is no more a member of a group that licensed
 * him, not even through another, loses that path; a seat is free when it was the last.
 * @throws Refused notFound where it isn't one of the group's own members
 */
export async function removeMember(tenancy: Tenancy, groupId: string, memberId: string): Promise<void> {
  const queued = await inTenant(tenancy, async (tx) => {
    await holdForMembers(tx, [memberId]);
    return takeOut(tx, groupId, [memberId]);
  });
  await licenseQueued(tenancy, queued);
}

/**
 * Changes some of a group's values, and adds members where given.
 * @throws Refused
 */
export async function updateGroup(
  tenancy: Tenancy,
  groupId: string,
  values: Partial<GroupValues>,
  memberIds: readonly string[] = [],
): Promise<void> {
  await licenseQueued(tenancy, await inTenant(tenancy, (tx) => changeGroup(tx, groupId, values, memberIds)));
}

/**
 * Deletes a group. Its members leave the groups that it was in, as with removeMember.
 * @throws Refused where licenses are assigned by it: they would lose their reason
 */
export async function deleteGroup(tenancy: Tenancy, groupId: string): Promise<void> {
  await licenseQueued(tenancy, await inTenant(tenancy, (tx) => removeGroup(tx, groupId)));
}
