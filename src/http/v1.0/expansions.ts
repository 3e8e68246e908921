import { sql } from 'kysely';
import { EXPANDED_MAX } from '../odata/expand.ts';
import type { Resource } from '../odata/resource.ts';
import { GROUP_RESOURCE } from './group-resource.ts';
import { MEMBER_OF_RESOURCE, MEMBER_RESOURCE, ownProperties } from './member-resource.ts';
import { USER_RESOURCE } from './user-resource.ts';

const LIMIT = sql.lit(EXPANDED_MAX);

/**
 * The own members of the outer statement's group; inside, `groups` and `users` are the members themselves. The
 * tenant is said of each table: through a union Citus would not see it.
 */
const membersOf = (tenantId: string) => sql`(
    (select m.user_id as member_id, true as is_user from group_users m
      where m.tenant_id = ${tenantId} and m.group_id = groups.group_id order by m.user_id limit ${LIMIT})
    union all
    (select m.member_group_id, false from group_groups m
      where m.tenant_id = ${tenantId} and m.group_id = groups.group_id order by m.member_group_id limit ${LIMIT})
    order by member_id limit ${LIMIT}) as member
  left join users on users.tenant_id = ${tenantId} and users.user_id = member.member_id and member.is_user
  left join groups on groups.tenant_id = ${tenantId} and groups.group_id = member.member_id and not member.is_user`;

const GROUPS_OF_USER = sql`(
    select m.tenant_id, m.group_id from group_users m
     where m.tenant_id = users.tenant_id and m.user_id = users.user_id order by m.group_id limit ${LIMIT}) as m
  join groups on groups.tenant_id = m.tenant_id and groups.group_id = m.group_id`;

/** Groups, whose members can be asked for beside them. */
export function expandableGroups(tenantId: string): Resource {
  return {
    ...GROUP_RESOURCE,
    expand: { members: { resource: MEMBER_RESOURCE, from: membersOf(tenantId), own: ownProperties } },
  };
}

/** Users, whose groups can be asked for beside them. */
export const EXPANDABLE_USERS: Resource = {
  ...USER_RESOURCE,
  expand: { memberOf: { resource: MEMBER_OF_RESOURCE, from: GROUPS_OF_USER } },
};
