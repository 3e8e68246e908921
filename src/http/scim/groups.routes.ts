import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { deleteGroup } from '../../engine/license/change-members.ts';
import {
  addProvisionedGroup,
  changeProvisionedGroup,
  readProvisionedGroup,
  readProvisionedGroups,
  readProvisionedMembers,
  type ProvisionedGroup,
} from '../../engine/provisioning/groups.ts';
import type { ServerContext } from '../server.ts';
import { GROUP_FILTERABLES, groupResource, groupWords, wholeGroup, type GroupWords } from './group-resource.ts';
import { operationsOf } from './patch.ts';
import { isShown, project, readQuery, readShown, type Shown } from './query.ts';
import {
  ID,
  idOf,
  listAnswer,
  refuseStale,
  SCIM_ACCESS,
  sendRead,
  tags,
  tenancyOfProvisioner,
} from './scim-request.ts';

/** Groups, by SCIM. Members are read where they are asked for alone: Entra ID never does. */
export function scimGroupRoutes(scope: FastifyInstance, { config: { baseUrl }, db }: ServerContext): void {
  const resourceOf = async (request: FastifyRequest, group: ProvisionedGroup, show: Shown) => {
    const { tenantId } = request.provisioner;
    const members = isShown(show, 'members') ? await readProvisionedMembers(db.pool, tenantId, group.id) : undefined;
    return groupResource(group, members, baseUrl);
  };
  const answer = async (request: FastifyRequest, reply: FastifyReply, id: string) => {
    const show = readShown(request.query as never);
    const resource = await resourceOf(request, await readProvisionedGroup(db.query, request.provisioner, id), show);
    return sendRead(request, reply, resource.meta.version, project(resource, show));
  };
  const refuseStaleGroup = async (request: FastifyRequest, id: string) => {
    if (request.headers['if-match'] === undefined) return;
    const all = { attributes: undefined, excluded: [] };
    const group = await readProvisionedGroup(db.query, request.provisioner, id);
    refuseStale(request, (await resourceOf(request, group, all)).meta.version);
  };
  const change = async (request: FastifyRequest, words: GroupWords) => {
    const id = idOf(request);
    await refuseStaleGroup(request, id);
    await changeProvisionedGroup(tenancyOfProvisioner(db, request), request.provisioner, id, words);
  };

  scope.get('/Groups', { config: SCIM_ACCESS, schema: { tags, summary: 'SCIM: list groups' } }, async (request) => {
    const { condition, startIndex, count, show } = readQuery(request.query as never, GROUP_FILTERABLES);
    const page = { offset: startIndex - 1, limit: count };
    const { total, groups } = await readProvisionedGroups(db, request.provisioner, condition, page);
    const resources: object[] = [];
    for (const group of groups) resources.push(project(await resourceOf(request, group, show), show));
    return listAnswer(resources, total, startIndex);
  });

  scope.get(
    '/Groups/:id',
    { config: SCIM_ACCESS, schema: { tags, summary: 'SCIM: read a group', params: ID } },
    (request, reply) => answer(request, reply, idOf(request)),
  );

  scope.post(
    '/Groups',
    { config: SCIM_ACCESS, schema: { tags, summary: 'SCIM: add a group' } },
    async (request, reply) => {
      const { displayName, externalId, members } = wholeGroup(request.body);
      const told = { displayName: displayName!, externalId: externalId ?? null, members };
      const id = await addProvisionedGroup(tenancyOfProvisioner(db, request), request.provisioner, told);
      reply.status(201).header('location', `${baseUrl}/scim/v2/Groups/${id}`);
      return answer(request, reply, id);
    },
  );

  scope.put(
    '/Groups/:id',
    { config: SCIM_ACCESS, schema: { tags, summary: 'SCIM: replace a group', params: ID } },
    async (request, reply) => {
      await change(request, wholeGroup(request.body));
      return answer(request, reply, idOf(request));
    },
  );

  scope.patch(
    '/Groups/:id',
    { config: SCIM_ACCESS, schema: { tags, summary: 'SCIM: change a group, or who is in it', params: ID } },
    async (request, reply) => {
      await change(request, groupWords(operationsOf(request.body)));
      return reply.status(204).send();
    },
  );

  scope.delete(
    '/Groups/:id',
    { config: SCIM_ACCESS, schema: { tags, summary: 'SCIM: delete a group', params: ID } },
    async (request, reply) => {
      const id = idOf(request);
      await refuseStaleGroup(request, id);
      await deleteGroup(tenancyOfProvisioner(db, request), id);
      return reply.status(204).send();
    },
  );
}
