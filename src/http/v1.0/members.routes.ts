import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { GroupPage, GroupPath, MemberPage, MemberPath, Reference } from '../../../contract/group.ts';
import type { Permission } from '../../../contract/permission.ts';
import { UserPage, UserPath } from '../../../contract/user.ts';
import { findUserId } from '../../engine/directory/find-user.ts';
import { addMember, removeMember } from '../../engine/license/change-members.ts';
import { notFound } from '../../engine/refused.ts';
import { answered, readCount, readPage } from '../odata/page.ts';
import { parseCountQuery, parseListQuery, rawQuery, refuseOptions } from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';
import {
  groupsOfGroup,
  groupsOfUser,
  MEMBER_OF_RESOURCE,
  MEMBER_RESOURCE,
  selectMembers,
  usersInGroup,
  withOwnProperties,
} from './member-resource.ts';
import { USER_RESOURCE } from './user-resource.ts';
import { referencedIds } from './reference.ts';

const READ = { access: ['Group.Read.All'] satisfies Permission[] };
const WRITE = { access: ['Group.ReadWrite.All'] satisfies Permission[] };
const tags = ['Groups'];

/** Who is in which group. */
export function memberRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): void {
  const requireGroup = async (tenantId: string, groupId: string) => {
    const group = await db.query
      .selectFrom('groups')
      .select('group_id')
      .where('tenant_id', '=', tenantId)
      .where('group_id', '=', groupId)
      .executeTakeFirst();
    if (!group) throw notFound(groupId);
  };
  const members = async ({ principal: { tenantId } }: FastifyRequest, groupId: string) => {
    await requireGroup(tenantId, groupId);
    return selectMembers(db.query, tenantId, groupId);
  };

  server.get(
    '/groups/:id/members',
    {
      config: READ,
      schema: {
        tags,
        summary: "List a group's own members",
        params: GroupPath,
        response: { 200: answered(MemberPage) },
      },
    },
    async (request) => {
      const list = parseListQuery(rawQuery(request), MEMBER_RESOURCE);
      return withOwnProperties(await readPage(await members(request, request.params.id), list, baseUrl), list.select);
    },
  );

  server.get(
    '/groups/:id/members/microsoft.graph.user',
    {
      config: READ,
      schema: {
        tags,
        summary: "List a group's own members who are users",
        params: GroupPath,
        response: { 200: answered(UserPage) },
      },
    },
    async (request) => {
      const list = parseListQuery(rawQuery(request), USER_RESOURCE);
      const { tenantId } = request.principal;
      const { id } = request.params;
      await requireGroup(tenantId, id);
      return readPage(usersInGroup(db.query, tenantId, id), list, baseUrl);
    },
  );

  server.get(
    '/groups/:id/memberOf',
    {
      config: READ,
      schema: {
        tags,
        summary: 'List the groups that a group is in',
        params: GroupPath,
        response: { 200: answered(GroupPage) },
      },
    },
    async (request) => {
      const list = parseListQuery(rawQuery(request), MEMBER_OF_RESOURCE);
      const { tenantId } = request.principal;
      const { id } = request.params;
      await requireGroup(tenantId, id);
      return readPage(groupsOfGroup(db.query, tenantId, id), list, baseUrl);
    },
  );

  server.get(
    '/groups/:id/members/$count',
    {
      config: READ,
      schema: { tags, summary: "Count a group's own members", params: GroupPath, response: { 200: Type.String() } },
    },
    async (request, reply) => {
      const conditions = parseCountQuery(rawQuery(request), MEMBER_RESOURCE);
      return reply
        .type('text/plain')
        .send(String(await readCount(await members(request, request.params.id), conditions)));
    },
  );

  server.post(
    '/groups/:id/members/$ref',
    {
      config: WRITE,
      schema: {
        tags,
        summary: 'Add a user or group to a group',
        params: GroupPath,
        body: Reference,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const [memberId] = referencedIds('@odata.id', [request.body['@odata.id']]);
      await addMember(tenancyOf(db, request), request.params.id.toLowerCase(), memberId!);
      return reply.status(204).send(null);
    },
  );

  server.delete(
    '/groups/:id/members/:memberId/$ref',
    {
      config: WRITE,
      schema: {
        tags,
        summary: 'Take a user or group out of a group',
        params: MemberPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const { id, memberId } = request.params;
      await removeMember(tenancyOf(db, request), id.toLowerCase(), memberId.toLowerCase());
      return reply.status(204).send(null);
    },
  );

  server.get(
    '/users/:user/memberOf',
    {
      config: { access: ['User.Read.All', 'Group.Read.All'] satisfies Permission[] },
      schema: {
        tags,
        summary: 'List the groups that a user is in',
        params: UserPath,
        response: { 200: answered(GroupPage) },
      },
    },
    async (request) => {
      const list = parseListQuery(rawQuery(request), MEMBER_OF_RESOURCE);
      const { tenantId } = request.principal;
      const userId = await findUserId(db, tenantId, request.params.user);
      return readPage(groupsOfUser(db.query, tenantId, userId), list, baseUrl);
    },
  );
}
