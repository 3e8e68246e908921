import type { FastifyRequest } from 'fastify';
import type { Permission } from '../../../contract/permission.ts';
import {
  NewProvisioningClient,
  ProvisioningClient,
  ProvisioningClientPage,
  ProvisioningClientPatch,
  ProvisioningClientPath,
  ProvisioningToken,
} from '../../../contract/provisioning-client.ts';
import type { ClientWithToken } from '../../engine/provisioning/client.ts';
import {
  createProvisioningClient,
  deleteProvisioningClient,
  revokeProvisioningToken,
  rotateProvisioningToken,
  updateProvisioningClient,
} from '../../engine/provisioning/write-client.ts';
import { notFound } from '../../engine/refused.ts';
import { answered, readEntity, readPage } from '../odata/page.ts';
import { parseEntityQuery, parseListQuery, rawQuery, refuseOptions } from '../odata/query.ts';
import { SCIM_PATH } from '../scim/address.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';
import { provisioningClientResource } from './provisioning-client-resource.ts';

const READ = { access: ['Application.Read.All'] satisfies Permission[] };
const WRITE = { access: ['Application.ReadWrite.All'] satisfies Permission[] };
const tags = ['Provisioning'];
const PATH = '/admin/provisioningClients';

/** Who keeps users and groups here by SCIM. */
export function provisioningClientRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): void {
  const resource = provisioningClientResource(baseUrl);
  const clients = (request: FastifyRequest) =>
    db.query.selectFrom('provisioning_clients as c').where('c.tenant_id', '=', request.principal.tenantId);
  const tokenAnswer = ({ clientId, tokenText }: ClientWithToken) => ({
    '@odata.context': `${baseUrl}/v1.0/$metadata#${PATH.slice(1)}/$entity`,
    id: clientId,
    address: baseUrl + SCIM_PATH,
    tokenText,
  });

  server.get(
    PATH,
    {
      config: READ,
      schema: { tags, summary: 'List the provisioning clients', response: { 200: answered(ProvisioningClientPage) } },
    },
    (request) => readPage(clients(request), parseListQuery(rawQuery(request), resource), baseUrl),
  );

  server.post(
    PATH,
    {
      config: { ...WRITE, idempotency: 'secret answer' },
      schema: {
        tags,
        summary: 'Add a provisioning client; its token is shown this once',
        body: NewProvisioningClient,
        response: { 201: ProvisioningToken },
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const made = await createProvisioningClient(tenancyOf(db, request), { releasesLicenses: true, ...request.body });
      return reply.status(201).header('location', `${baseUrl}/v1.0${PATH}/${made.clientId}`).send(tokenAnswer(made));
    },
  );

  server.get(
    `${PATH}/:id`,
    {
      config: READ,
      schema: {
        tags,
        summary: 'Read a provisioning client',
        params: ProvisioningClientPath,
        response: { 200: answered(ProvisioningClient) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const one = clients(request).where('c.client_id', '=', id);
      const found = await readEntity(one, parseEntityQuery(rawQuery(request), resource), baseUrl);
      if (!found) throw notFound(id);
      return found;
    },
  );

  server.patch(
    `${PATH}/:id`,
    {
      config: WRITE,
      schema: {
        tags,
        summary: 'Change a provisioning client',
        params: ProvisioningClientPath,
        body: ProvisioningClientPatch,
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      await updateProvisioningClient(tenancyOf(db, request), request.params.id, request.body);
      return reply.status(204).send();
    },
  );

  server.delete(
    `${PATH}/:id`,
    {
      config: WRITE,
      schema: {
        tags,
        summary: 'Delete a provisioning client; the users and groups stay',
        params: ProvisioningClientPath,
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      await deleteProvisioningClient(tenancyOf(db, request), request.params.id);
      return reply.status(204).send();
    },
  );

  server.post(
    `${PATH}/:id/rotateToken`,
    {
      config: { ...WRITE, idempotency: 'secret answer' },
      schema: {
        tags,
        summary: 'Give a provisioning client another token, which is shown this once',
        params: ProvisioningClientPath,
        response: { 200: ProvisioningToken },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      return tokenAnswer(await rotateProvisioningToken(tenancyOf(db, request), request.params.id));
    },
  );

  server.post(
    `${PATH}/:id/revokeToken`,
    {
      config: WRITE,
      schema: { tags, summary: "Take a provisioning client's token away", params: ProvisioningClientPath },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      await revokeProvisioningToken(tenancyOf(db, request), request.params.id);
      return reply.status(204).send();
    },
  );
}
