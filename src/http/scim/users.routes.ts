import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { deleteUser } from '../../engine/license/delete-user.ts';
import {
  addProvisionedUser,
  changeProvisionedUser,
  PROVISIONER,
  readProvisionedUser,
  readProvisionedUsers,
  type ProvisionedUser,
} from '../../engine/provisioning/users.ts';
import type { ServerContext } from '../server.ts';
import { isObject, normalUser, operationsOf, patchUser } from './patch.ts';
import { project, readQuery, readShown } from './query.ts';
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
import { invalidValue } from './scim-error.ts';
import { toldBy, USER_FILTERABLES, userResource } from './user-resource.ts';

/** Users, by SCIM. */
export function scimUserRoutes(scope: FastifyInstance, { config: { baseUrl }, db }: ServerContext): void {
  const read = (request: FastifyRequest, id: string) => readProvisionedUser(db.query, request.provisioner, id);
  const answer = async (request: FastifyRequest, reply: FastifyReply, id: string) => {
    const { resource, version } = userResource(await read(request, id), baseUrl);
    return sendRead(request, reply, version, project(resource, readShown(request.query as object as never)));
  };
  const change = (request: FastifyRequest, decide: Parameters<typeof changeProvisionedUser>[3]) =>
    changeProvisionedUser(tenancyOfProvisioner(db, request), request.provisioner, idOf(request), (now) => {
      refuseStale(request, userResource(now, baseUrl).version);
      return decide(now);
    });

  scope.get('/Users', { config: SCIM_ACCESS, schema: { tags, summary: 'SCIM: list users' } }, async (request) => {
    const { condition, startIndex, count, show } = readQuery(request.query as never, USER_FILTERABLES);
    const page = { offset: startIndex - 1, limit: count };
    const { total, users } = await readProvisionedUsers(db, request.provisioner, condition, page);
    return listAnswer(
      users.map((one) => project(userResource(one, baseUrl).resource, show)),
      total,
      startIndex,
    );
  });

  scope.get(
    '/Users/:id',
    { config: SCIM_ACCESS, schema: { tags, summary: 'SCIM: read a user', params: ID } },
    (request, reply) => answer(request, reply, idOf(request)),
  );

  scope.post(
    '/Users',
    { config: SCIM_ACCESS, schema: { tags, summary: 'SCIM: add a user' } },
    async (request, reply) => {
      const told = toldBy(normalUser(bodyOf(request)), {});
      const id = await addProvisionedUser(tenancyOfProvisioner(db, request), request.provisioner, told);
      reply.status(201).header('location', `${baseUrl}/scim/v2/Users/${id}`);
      return answer(request, reply, id);
    },
  );

  scope.put(
    '/Users/:id',
    { config: SCIM_ACCESS, schema: { tags, summary: 'SCIM: replace a user', params: ID } },
    async (request, reply) => {
      const body = normalUser(bodyOf(request));
      await change(request, (now) => toldBy(body, now.attributes));
      return answer(request, reply, idOf(request));
    },
  );

  scope.patch(
    '/Users/:id',
    { config: SCIM_ACCESS, schema: { tags, summary: 'SCIM: change a user', params: ID } },
    async (request, reply) => {
      const operations = operationsOf(request.body);
      await change(request, (now: ProvisionedUser) => {
        const { resource } = userResource(now, baseUrl);
        // What others wrote isn't told by this client because an operation changed something else.
        const told = patchUser({ ...now.attributes, userName: resource['userName'] }, operations);
        return toldBy(patchUser(resource, operations), resource, told);
      });
      return answer(request, reply, idOf(request));
    },
  );

  scope.delete(
    '/Users/:id',
    { config: SCIM_ACCESS, schema: { tags, summary: 'SCIM: delete a user; the seats are free', params: ID } },
    async (request, reply) => {
      const id = idOf(request);
      if (request.headers['if-match'] !== undefined)
        refuseStale(request, userResource(await read(request, id), baseUrl).version);
      await deleteUser(tenancyOfProvisioner(db, request), id, PROVISIONER);
      return reply.status(204).send();
    },
  );
}

function bodyOf({ body }: FastifyRequest): Record<string, unknown> {
  if (!isObject(body)) throw invalidValue('The body must be an object.');
  return body;
}
