import type { Database } from '../../db/open.ts';
import { readAllMembers, readChangedMembers, type ChangedMember } from '../../engine/report/read-changes.ts';
import type { DeltaState } from '../odata/delta-token.ts';
import type { Entity } from '../odata/page.ts';
import type { FollowedObject } from './followed-objects.ts';

/** Members on one page, of all its groups together: a group of 100,000 comes on a hundred pages. */
const MEMBERS_MAX = 1_000;

/** Groups with their members@delta: as many as fit, and where the next page begins if not all did. */
export async function withMembers(
  db: Database,
  tenantId: string,
  { since, until, inside }: DeltaState,
  groups: readonly FollowedObject[],
): Promise<{ value: Entity[]; cut: Pick<DeltaState, 'after' | 'inside'> | undefined }> {
  const ids = groups.filter(({ isGone }) => !isGone).map(({ id }) => id);
  const after = inside ?? undefined;
  const members =
    since === null
      ? await readAllMembers(db, tenantId, ids, after, MEMBERS_MAX + 1)
      : await readChangedMembers(db, { tenantId, since, until }, ids, after, MEMBERS_MAX + 1);
  const shown = Map.groupBy(members.slice(0, MEMBERS_MAX), ({ groupId }) => groupId);
  const show = (some: readonly FollowedObject[]) =>
    some.map(({ id, entity }) => ({ ...entity, ...delta(shown.get(id)) }));
  const next = members[MEMBERS_MAX];
  if (!next) return { value: show(groups), cut: undefined };

  const index = groups.findIndex(({ id }) => id === next.groupId);
  const { memberId, groupId } = members[MEMBERS_MAX - 1]!;
  const isWithin = groupId === next.groupId;
  const whole = groups.slice(0, isWithin ? index + 1 : index);
  return { value: show(whole), cut: { after: whole.at(-1)!.place, inside: isWithin ? { groupId, memberId } : null } };
}

function delta(members: readonly ChangedMember[] | undefined) {
  return (
    members && {
      'members@delta': members.map(({ memberId, isUser, isMember }) => ({
        '@odata.type': isUser ? '#microsoft.graph.user' : '#microsoft.graph.group',
        id: memberId,
        ...(!isMember && { '@removed': { reason: 'deleted' } }),
      })),
    }
  );
}
