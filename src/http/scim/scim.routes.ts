import type { FastifyInstance } from 'fastify';
import { createFindProvisioningClient } from '../../engine/provisioning/find-client.ts';
import { parseJsonBody } from '../json-body.ts';
import type { Server, ServerContext } from '../server.ts';
import { SCIM_PATH } from './address.ts';
import { scimGroupRoutes } from './groups.routes.ts';
import { COUNT_MAX } from './query.ts';
import { describeProvider, describeResourceTypes, describeSchemas } from './schemas.ts';
import { ID, listAnswer, notThere, SCIM_ACCESS, tags } from './scim-request.ts';
import { answerScimError, SCIM_MEDIA_TYPE, ScimError } from './scim-error.ts';
import { scimUserRoutes } from './users.routes.ts';

/** SCIM 2.0: an identity provider keeps users and groups of the tenant whose token it has. */
export async function scimRoutes(server: Server, context: ServerContext): Promise<void> {
  const { config, db } = context;
  const findClient = createFindProvisioningClient(db, (error) =>
    server.log.warn({ err: error }, "a provisioning client's last use can not be noted now"),
  );
  server.decorateRequest('provisioner');
  await server.register(
    async (scope: FastifyInstance) => {
      scope.setErrorHandler(answerScimError);
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser(
        /^application\/(scim\+)?json\s*(;|$)/i,
        { parseAs: 'buffer' },
        (_request, body, done) => {
          try {
            done(null, parseJsonBody(body as Buffer));
          } catch (error) {
            done(error as Error);
          }
        },
      );
      scope.addHook('onRequest', async (request, reply) => {
        reply.header('cache-control', 'no-store').type(SCIM_MEDIA_TYPE);
        const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1];
        const client = token === undefined ? undefined : await findClient(token);
        if (!client) {
          reply.header('www-authenticate', 'Bearer error="invalid_token"');
          throw new ScimError(401, 'The token is none of a provisioning client, or was revoked.');
        }
        request.provisioner = client;
      });
      describe(scope, '/ServiceProviderConfig', 'What of SCIM there is', () =>
        describeProvider(config.baseUrl, COUNT_MAX),
      );
      describeAll(scope, 'Schemas', describeSchemas(config.baseUrl));
      describeAll(scope, 'ResourceTypes', describeResourceTypes(config.baseUrl));
      scimUserRoutes(scope, context);
      scimGroupRoutes(scope, context);
    },
    { prefix: SCIM_PATH },
  );
}

function describe(scope: FastifyInstance, path: string, summary: string, read: () => object): void {
  scope.get(path, { config: SCIM_ACCESS, schema: { tags, summary } }, async () => read());
}

function describeAll(scope: FastifyInstance, name: string, all: readonly object[]): void {
  describe(scope, `/${name}`, `SCIM: ${name}`, () => listAnswer([...all], all.length, 1));
  scope.get<{ Params: { id: string } }>(
    `/${name}/:id`,
    { config: SCIM_ACCESS, schema: { tags, summary: `SCIM: one of the ${name}`, params: ID } },
    async ({ params }) => {
      const one = all.find((it) => (it as { id: string }).id.toLowerCase() === params.id.toLowerCase());
      if (!one) throw notThere(params.id);
      return one;
    },
  );
}
