import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import {
  DirectoryRole,
  DirectoryRoleList,
  DirectoryRolePage,
  RoleMemberPath,
  RolePath,
} from '../../../contract/directory-role.ts';
import { Reference } from '../../../contract/group.ts';
import type { Permission } from '../../../contract/permission.ts';
import { UserPage, UserPath } from '../../../contract/user.ts';
import { findUserId } from '../../engine/directory/find-user.ts';
import { addRoleMember, removeRoleMember } from '../../engine/directory/role-members.ts';
import { findRole } from '../../engine/directory/roles.ts';
import { notFound } from '../../engine/refused.ts';
import { answered, readEntity, readPage } from '../odata/page.ts';
import { parseEntityQuery, parseListQuery, rawQuery, refuseOptions } from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';
import { ROLE_MEMBER_RESOURCE, roleResource, rolesHeld, selectRoles } from './directory-role-resource.ts';
import { referencedIds } from './reference.ts';

const READ = { access: ['RoleManagement.Read.Directory'] satisfies Permission[] };
const WRITE = { access: ['RoleManagement.ReadWrite.Directory'] satisfies Permission[] };
const tags = ['Directory roles'];

/** Who may administrate what. */
export function directoryRoleRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): void {
  const context = (of: string) => `${baseUrl}/v1.0/$metadata#${of}`;
  const roleOf = (id: string) => {
    const role = findRole(id.toLowerCase());
    if (!role) throw notFound(id);
    return role;
  };

  server.get(
    '/directoryRoles',
    {
      config: READ,
      schema: { tags, summary: 'List the roles that there are', response: { 200: answered(DirectoryRolePage) } },
    },
    (request) => {
      const list = parseListQuery(rawQuery(request), roleResource(request.principal.tenantId));
      return readPage(selectRoles(db.query), list, baseUrl);
    },
  );

  server.get(
    '/directoryRoles/:id',
    {
      config: READ,
      schema: { tags, summary: 'Read a role', params: RolePath, response: { 200: answered(DirectoryRole) } },
    },
    async (request) => {
      const query = parseEntityQuery(rawQuery(request), roleResource(request.principal.tenantId));
      const role = selectRoles(db.query).where('role.id', '=', roleOf(request.params.id).id);
      return (await readEntity(role, query, baseUrl))!;
    },
  );

  server.get(
    '/directoryRoles/:id/members',
    {
      config: READ,
      schema: { tags, summary: 'List who holds a role', params: RolePath, response: { 200: answered(UserPage) } },
    },
    async (request) => {
      const list = parseListQuery(rawQuery(request), ROLE_MEMBER_RESOURCE);
      const { tenantId } = request.principal;
      const holders = db.query
        .selectFrom('users')
        .innerJoin('directory_role_members as m', (on) =>
          on.onRef('m.tenant_id', '=', 'users.tenant_id').onRef('m.user_id', '=', 'users.user_id'),
        )
        .where('users.tenant_id', '=', tenantId)
        .where('m.tenant_id', '=', tenantId)
        .where('m.role_id', '=', roleOf(request.params.id).id);
      return readPage(holders, list, baseUrl);
    },
  );

  server.post(
    '/directoryRoles/:id/members/$ref',
    {
      config: WRITE,
      schema: {
        tags,
        summary: 'Give a user a role',
        params: RolePath,
        body: Reference,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const [userId] = referencedIds('@odata.id', [request.body['@odata.id']]);
      await addRoleMember(tenancyOf(db, request), roleOf(request.params.id).id, userId!);
      return reply.status(204).send(null);
    },
  );

  server.delete(
    '/directoryRoles/:id/members/:memberId/$ref',
    {
      config: WRITE,
      schema: {
        tags,
        summary: 'Take a role from a user; their sessions end',
        params: RoleMemberPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const { id, memberId } = request.params;
      await removeRoleMember(tenancyOf(db, request), roleOf(id).id, memberId.toLowerCase());
      return reply.status(204).send(null);
    },
  );

  server.get(
    '/users/:user/memberOf/microsoft.graph.directoryRole',
    {
      config: READ,
      schema: {
        tags,
        summary: 'List the roles that a user holds',
        params: UserPath,
        response: { 200: DirectoryRoleList },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      const roleIds = await rolesOf(request, request.params.user);
      return { '@odata.context': context('directoryObjects'), value: rolesHeld(roleIds) };
    },
  );

  async function rolesOf(request: FastifyRequest, user: string): Promise<string[]> {
    const { tenantId } = request.principal;
    const rows = await db.query
      .selectFrom('directory_role_members')
      .select('role_id')
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', await findUserId(db, tenantId, user))
      .execute();
    return rows.map((row) => row.role_id);
  }
}
