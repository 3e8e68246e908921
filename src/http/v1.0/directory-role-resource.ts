import { sql, type Kysely } from 'kysely';
import type { Tables } from '../../db/schema.ts';
import { DIRECTORY_ROLES, type DirectoryRole } from '../../engine/directory/roles.ts';
import { EXPANDED_MAX } from '../odata/expand.ts';
import type { Resource } from '../odata/resource.ts';
import { USER_RESOURCE } from './user-resource.ts';

/** A role as Graph's directoryRole. */
export function roleAnswer({ id, displayName, description }: DirectoryRole) {
  return { id, roleTemplateId: id, displayName, description };
}

/** The roles that someone holds, as things that they are a member of. */
export function rolesHeld(roleIds: readonly string[]) {
  return DIRECTORY_ROLES.filter(({ id }) => roleIds.includes(id)).map((role) => ({
    '@odata.type': '#microsoft.graph.directoryRole',
    ...roleAnswer(role),
  }));
}

const ROLES = JSON.stringify(DIRECTORY_ROLES.map(roleAnswer));

interface RoleRow {
  id: string;
  displayName: string;
  description: string;
}

/** The roles as rows: they are the same for every tenant, and in no table. */
export function selectRoles(query: Kysely<Tables>) {
  return query.selectFrom(
    sql<RoleRow>`(select * from jsonb_to_recordset(${ROLES}::jsonb) as r(id uuid, "displayName" text, description text))`.as(
      'role',
    ),
  );
}

/** Members of roles are users. */
export const ROLE_MEMBER_RESOURCE: Resource = {
  ...USER_RESOURCE,
  name: 'directoryObjects',
  properties: {
    '@odata.type': { type: 'string', sql: sql`'#microsoft.graph.user'::text`, always: true },
    ...USER_RESOURCE.properties,
  },
};

/** Roles as their list can be asked for, with a tenant's members where they are expanded. */
export function roleResource(tenantId: string): Resource {
  const text = (name: string) => sql.ref(`role.${name}`);
  return {
    name: 'directoryRoles',
    key: 'id',
    defaultOrder: 'displayName',
    properties: {
      id: { type: 'guid', sql: text('id'), filter: true, sort: true },
      roleTemplateId: { type: 'guid', sql: text('id'), filter: true },
      displayName: { type: 'string', sql: text('displayName'), filter: true, sort: true },
      description: { type: 'string', sql: text('description') },
    },
    expand: {
      members: {
        resource: ROLE_MEMBER_RESOURCE,
        from: sql`(
            select m.user_id from directory_role_members m
             where m.tenant_id = ${tenantId} and m.role_id = role.id order by m.user_id limit ${sql.lit(EXPANDED_MAX)}) as m
          join users on users.tenant_id = ${tenantId} and users.user_id = m.user_id`,
      },
    },
  };
}
