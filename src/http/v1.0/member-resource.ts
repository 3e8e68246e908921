import { sql, type Kysely } from 'kysely';
import type { Tables } from '../../db/schema.ts';
import type { Entity, Page } from '../odata/page.ts';
import type { Property, Resource } from '../odata/resource.ts';
import { GROUP_RESOURCE } from './group-resource.ts';
import { USER_RESOURCE } from './user-resource.ts';

const TYPES = { user: '#microsoft.graph.user', group: '#microsoft.graph.group' };

/** The own members of a group: rows of users and groups, one of them empty in each. */
export function selectMembers(query: Kysely<Tables>, tenantId: string, groupId: string) {
  const members = query
    .selectFrom('group_users')
    .select(['user_id as member_id', sql<boolean>`true`.as('is_user')])
    .where('tenant_id', '=', tenantId)
    .where('group_id', '=', groupId)
    .unionAll(
      query
        .selectFrom('group_groups')
        .select(['member_group_id as member_id', sql<boolean>`false`.as('is_user')])
        .where('tenant_id', '=', tenantId)
        .where('group_id', '=', groupId),
    )
    .as('member');
  return query
    .selectFrom(members)
    .leftJoin('users', (on) =>
      on
        .on('users.tenant_id', '=', tenantId)
        .onRef('users.user_id', '=', 'member.member_id')
        .on('member.is_user', '=', true),
    )
    .leftJoin('groups', (on) =>
      on
        .on('groups.tenant_id', '=', tenantId)
        .onRef('groups.group_id', '=', 'member.member_id')
        .on('member.is_user', '=', false),
    );
}

const names = [...new Set([...Object.keys(USER_RESOURCE.properties), ...Object.keys(GROUP_RESOURCE.properties)])];

/** Members of groups: each with the properties of its own type, told by @odata.type. */
export const MEMBER_RESOURCE: Resource = {
  name: 'directoryObjects',
  key: 'id',
  // By id the two kinds merge from their indexes; by name each page of a large group would sort all of it.
  defaultOrder: 'id',
  properties: {
    '@odata.type': {
      type: 'string',
      sql: sql`case when member.is_user then ${TYPES.user}::text else ${TYPES.group}::text end`,
      always: true,
    },
    ...Object.fromEntries(names.map((name) => [name, propertyOfBoth(name)])),
    id: { type: 'guid', sql: sql.ref('member.member_id'), filter: true, sort: true },
    displayName: {
      type: 'string',
      sql: sql`coalesce(users.display_name, groups.display_name)`,
      filter: true,
      sort: true,
    },
  },
};

/** Only what users and groups both have can be compared; the rest is shown with those that have it. */
function propertyOfBoth(name: string): Property {
  const ofUser = USER_RESOURCE.properties[name];
  const ofGroup = GROUP_RESOURCE.properties[name];
  const { type, onlySelected } = (ofUser ?? ofGroup)!;
  return {
    type,
    sql: sql`case when member.is_user then ${ofUser?.sql ?? sql`null`} else ${ofGroup?.sql ?? sql`null`} end`,
    ...(onlySelected && (!ofGroup || ofGroup.onlySelected) && { onlySelected }),
  };
}

/** Leaves out of each member what its type doesn't have. */
export function withOwnProperties(page: Page, select: readonly string[] | undefined): Page {
  return { ...page, value: page.value.map((member) => ownProperties(member, select)) };
}

/** Of a member what its type has. */
export function ownProperties(member: Entity, select: readonly string[] | undefined): Entity {
  const { properties } = member['@odata.type'] === TYPES.user ? USER_RESOURCE : GROUP_RESOURCE;
  const isOwn = (name: string) =>
    name === '@odata.type' || (properties[name] && (select !== undefined || !properties[name].onlySelected));
  return Object.fromEntries(Object.entries(member).filter(([name]) => isOwn(name)));
}

/** The groups that something is a member of, as members are shown. */
export const MEMBER_OF_RESOURCE: Resource = {
  ...GROUP_RESOURCE,
  name: 'directoryObjects',
  properties: {
    '@odata.type': { type: 'string', sql: sql`${TYPES.group}::text`, always: true },
    ...GROUP_RESOURCE.properties,
  },
};

/** The users who are in a group, themselves. */
export function usersInGroup(query: Kysely<Tables>, tenantId: string, groupId: string) {
  return query
    .selectFrom('users')
    .innerJoin('group_users as member', (on) =>
      on.onRef('member.tenant_id', '=', 'users.tenant_id').onRef('member.user_id', '=', 'users.user_id'),
    )
    .where('users.tenant_id', '=', tenantId)
    .where('member.tenant_id', '=', tenantId)
    .where('member.group_id', '=', groupId);
}

/** The groups that a group is in, themselves. */
export function groupsOfGroup(query: Kysely<Tables>, tenantId: string, groupId: string) {
  return query
    .selectFrom('groups')
    .innerJoin('group_groups as member', (on) =>
      on.onRef('member.tenant_id', '=', 'groups.tenant_id').onRef('member.group_id', '=', 'groups.group_id'),
    )
    .where('groups.tenant_id', '=', tenantId)
    .where('member.tenant_id', '=', tenantId)
    .where('member.member_group_id', '=', groupId);
}

/** The groups that a user is in, themselves. */
export function groupsOfUser(query: Kysely<Tables>, tenantId: string, userId: string) {
  return query
    .selectFrom('groups')
    .innerJoin('group_users as member', (on) =>
      on.onRef('member.tenant_id', '=', 'groups.tenant_id').onRef('member.group_id', '=', 'groups.group_id'),
    )
    .where('groups.tenant_id', '=', tenantId)
    .where('member.tenant_id', '=', tenantId)
    .where('member.user_id', '=', userId);
}
