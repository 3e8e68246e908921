import type { FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { Group, GroupPage, GroupPatch, GroupPath, NewGroup } from '../../../contract/group.ts';
import type { Permission } from '../../../contract/permission.ts';
import type { GroupValues } from '../../engine/directory/group.ts';
import { createGroup } from '../../engine/directory/write-group.ts';
import { deleteGroup, updateGroup } from '../../engine/license/change-members.ts';
import { notFound } from '../../engine/refused.ts';
import { answered, readCount, readEntity, readPage } from '../odata/page.ts';
import {
  parseCountQuery,
  parseEntityQuery,
  parseListQuery,
  rawQuery,
  refuseOptions,
  type EntityQuery,
} from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';
import { expandableGroups } from './expansions.ts';
import { namesInAnyCase } from './names-in-any-case.ts';
import { GROUP_RESOURCE } from './group-resource.ts';
import { referencedIds } from './reference.ts';

const READ = { access: ['Group.Read.All'] satisfies Permission[] };
const WRITE = { access: ['Group.ReadWrite.All'] satisfies Permission[] };
const tags = ['Groups'];

/** Groups of people; who is in them is in members.routes.ts. */
export function groupRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): void {
  const groups = (request: FastifyRequest) =>
    db.query.selectFrom('groups').where('groups.tenant_id', '=', request.principal.tenantId);
  const read = async (request: FastifyRequest, id: string, query: EntityQuery) => {
    const found = await readEntity(groups(request).where('group_id', '=', id), query, baseUrl);
    if (!found) throw notFound(id);
    return found;
  };

  server.get(
    '/groups',
    { config: READ, schema: { tags, summary: 'List groups', response: { 200: answered(GroupPage) } } },
    (request) =>
      readPage(
        groups(request),
        parseListQuery(rawQuery(request), expandableGroups(request.principal.tenantId)),
        baseUrl,
      ),
  );

  server.get(
    '/groups/$count',
    { config: READ, schema: { tags, summary: 'Count groups', response: { 200: Type.String() } } },
    async (request, reply) => {
      const conditions = parseCountQuery(rawQuery(request), GROUP_RESOURCE);
      return reply.type('text/plain').send(String(await readCount(groups(request), conditions)));
    },
  );

  server.post(
    '/groups',
    {
      config: WRITE,
      schema: { tags, summary: 'Add a group', body: NewGroup, response: { 201: answered(Group) } },
      preValidation: namesInAnyCase(NewGroup),
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const { displayName, 'members@odata.bind': members = [] } = request.body;
      const group = { ...valuesOf(request.body), displayName };
      const id = await createGroup(tenancyOf(db, request), group, referencedIds('members@odata.bind', members));
      return reply
        .status(201)
        .header('location', `${baseUrl}/v1.0/groups/${id}`)
        .send(await read(request, id, { resource: GROUP_RESOURCE, select: undefined }));
    },
  );

  server.get(
    '/groups/:id',
    { config: READ, schema: { tags, summary: 'Read a group', params: GroupPath, response: { 200: answered(Group) } } },
    (request) =>
      read(
        request,
        request.params.id,
        parseEntityQuery(rawQuery(request), expandableGroups(request.principal.tenantId)),
      ),
  );

  server.patch(
    '/groups/:id',
    {
      config: WRITE,
      schema: { tags, summary: 'Change a group', params: GroupPath, body: GroupPatch, response: { 204: Type.Null() } },
      preValidation: namesInAnyCase(GroupPatch),
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const members = referencedIds('members@odata.bind', request.body['members@odata.bind'] ?? []);
      await updateGroup(tenancyOf(db, request), request.params.id.toLowerCase(), valuesOf(request.body), members);
      return reply.status(204).send(null);
    },
  );

  server.delete(
    '/groups/:id',
    {
      config: WRITE,
      schema: {
        tags,
        summary: 'Delete a group that assigns no licenses',
        params: GroupPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      await deleteGroup(tenancyOf(db, request), request.params.id.toLowerCase());
      return reply.status(204).send(null);
    },
  );
}

function valuesOf(body: Static<typeof GroupPatch>): Partial<GroupValues> {
  const { '@odata.type': _type, 'members@odata.bind': _members, ...values } = body;
  return values;
}
