import { Type } from 'typebox';
import { Collection, Guid } from './primitives.ts';

/** A directory role, as Graph's; its id is Microsoft's role template id. */
export const DirectoryRole = Type.Object({
  '@odata.type': Type.Optional(Type.String()),
  id: Guid,
  roleTemplateId: Guid,
  displayName: Type.String(),
  description: Type.String(),
});
export const DirectoryRolePage = Collection(DirectoryRole);
export const DirectoryRoleList = Type.Object({ '@odata.context': Type.String(), value: Type.Array(DirectoryRole) });

export const RolePath = Type.Object({ id: Guid });
export const RoleMemberPath = Type.Object({ id: Guid, memberId: Guid });
