import type { Database } from '../../db/open.ts';
import { readChangedObjects } from '../../engine/report/read-changes.ts';
import type { DeltaState } from '../odata/delta-token.ts';
import { readRows, type Entity, type From } from '../odata/page.ts';
import { parseListQuery } from '../odata/query.ts';
import type { Resource } from '../odata/resource.ts';
import { GROUP_RESOURCE } from './group-resource.ts';
import { USER_RESOURCE } from './user-resource.ts';

/** Of a collection whose changes can be followed. */
export interface Followed {
  readonly kind: 'user' | 'group';
  readonly path: string;
  /** What can be read of one. */
  readonly resource: Resource;
  /** What $select may name. */
  readonly selectable: Resource;
  readonly expandable?: string;
}

/** A user or a group as it is answered, and its place in the round. */
export interface FollowedObject {
  readonly id: string;
  readonly place: string | number;
  readonly isGone: boolean;
  readonly entity: Entity;
}

export const FOLLOWED_USERS: Followed = {
  kind: 'user',
  path: '/v1.0/users/delta',
  resource: USER_RESOURCE,
  selectable: USER_RESOURCE,
};
export const FOLLOWED_GROUPS: Followed = {
  kind: 'group',
  path: '/v1.0/groups/delta',
  resource: GROUP_RESOURCE,
  selectable: {
    ...GROUP_RESOURCE,
    properties: { ...GROUP_RESOURCE.properties, members: { ...GROUP_RESOURCE.properties['id']!, type: 'json' } },
  },
  expandable: 'members',
};

/**
 * The next of a round, as they are at this moment: all that there are, by id; or those that have changed, by
 * their last change.
 * @returns one more than the state's top where there are more
 */
export async function readFollowed(
  db: Database,
  { kind, path, resource }: Followed,
  tenantId: string,
  { select, top, since, until, after, inside }: DeltaState,
): Promise<FollowedObject[]> {
  const names = select?.filter((name) => Object.hasOwn(resource.properties, name));
  const list = parseListQuery(
    { path, options: { $orderby: 'id', ...(names && { $select: names.join() || 'id' }) } },
    resource,
  );
  // One whose members didn't fit comes once more, before those after it.
  const resumed = inside ? [inside.groupId] : [];
  const limit = top - resumed.length + 1;
  if (since === null) {
    const rows = [
      ...(resumed.length > 0 ? await readRows(from(db, kind, tenantId, resumed), list, undefined, 1) : []),
      ...(await readRows(from(db, kind, tenantId), list, after === null ? undefined : [after], limit)),
    ];
    return rows.map(({ entity, place: [id] }) => present(id as string, id as string, entity));
  }
  const passed = typeof after === 'number' ? after : since;
  const changed = [
    ...resumed.map((id) => ({ id, version: passed })),
    ...(await readChangedObjects(db, { tenantId, since: passed, until }, kind, limit)),
  ];
  if (changed.length === 0) return [];
  const ids = changed.map(({ id }) => id);
  const rows = await readRows(from(db, kind, tenantId, ids), list, undefined, ids.length);
  const found = new Map(rows.map(({ entity, place: [id] }) => [id, entity]));
  return changed.map(({ id, version }) => present(id, version, found.get(id)));
}

function present(id: string, place: string | number, entity: Entity | undefined): FollowedObject {
  if (entity) return { id, place, isGone: false, entity: { ...entity, id } };
  return { id, place, isGone: true, entity: { id, '@removed': { reason: 'deleted' } } };
}

// Of one table or the other: what is read of it, the resource says.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function from(db: Database, kind: Followed['kind'], tenantId: string, ids?: readonly string[]): From<any, any> {
  if (kind === 'user') {
    const users = db.query.selectFrom('users').where('users.tenant_id', '=', tenantId);
    return ids ? users.where('users.user_id', 'in', ids) : users;
  }
  const groups = db.query.selectFrom('groups').where('groups.tenant_id', '=', tenantId);
  return ids ? groups.where('groups.group_id', 'in', ids) : groups;
}
