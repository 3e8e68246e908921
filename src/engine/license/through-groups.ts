import type { Database } from '../../db/open.ts';

/** A group on the way from a user to the group that licenses him. */
export interface GroupOnTheWay {
  readonly groupId: string;
  readonly displayName: string;
}

interface Membership {
  /** null: of the user himself. */
  readonly inner: string | null;
  readonly outer: string;
  readonly name: string;
}

/**
 * By which groups a user is in groups that aren't his own: for each such group the shortest way up,
 * beginning with the group that he himself is in, the group at the end left out. A group that he is
 * in himself has no way.
 * Index: group_users_by_user, group_groups_by_member, groups' primary key.
 */
export async function readWaysToGroups(
  db: Database,
  tenantId: string,
  userId: string,
): Promise<Map<string, GroupOnTheWay[]>> {
  const { rows } = await db.pool.query<Membership>(
    `with recursive up ("inner", "outer") as (
       select null::uuid, m.group_id from group_users m where m.tenant_id = $1 and m.user_id = $2
       union
       select up."outer", g.group_id from up join group_groups g on g.tenant_id = $1 and g.member_group_id = up."outer"
     )
     select up."inner", up."outer", g.display_name as name
       from up join groups g on g.tenant_id = $1 and g.group_id = up."outer" order by up."outer"`,
    [tenantId, userId],
  );
  return waysOf(rows);
}

/** Breadth first, so that the first way found to a group is a shortest one. */
function waysOf(memberships: readonly Membership[]): Map<string, GroupOnTheWay[]> {
  const ways = new Map<string, GroupOnTheWay[]>();
  let reached: { id: string | null; name: string; way: GroupOnTheWay[] }[] = [{ id: null, name: '', way: [] }];
  while (reached.length > 0) {
    const next: typeof reached = [];
    for (const { id, name, way } of reached) {
      const through = id === null ? [] : [...way, { groupId: id, displayName: name }];
      for (const { outer, name: outerName } of memberships.filter(({ inner }) => inner === id)) {
        if (ways.has(outer)) continue;
        ways.set(outer, through);
        next.push({ id: outer, name: outerName, way: through });
      }
    }
    reached = next;
  }
  return ways;
}
