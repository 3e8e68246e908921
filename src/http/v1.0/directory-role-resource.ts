import { DIRECTORY_ROLES, type DirectoryRole } from '../../engine/directory/roles.ts';

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
