import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CLIENT_ID } from '../../sample-app/client-id.ts';
import { createSampleApp, type SampleApp } from '../../sample-app/sample-app.ts';
import { findTenantOfClient } from '../engine/app/client.ts';
import { errorPage } from '../signin/pages/message-pages.ts';
import { answerPage, servePages } from './page-answer.ts';
import type { Server, ServerContext } from './server.ts';

const PATH = '/sample-app';
const NONE = 'There is no sample app here: it comes with the sample organisation.';

/**
 * The sample app, which knows nothing of us but what any app knows (sample-app/README.md). It is there as long as
 * the sample organisation has it registered.
 */
export async function sampleAppRoutes(server: Server, { config, db }: ServerContext): Promise<void> {
  const { baseUrl } = config;
  const options = { config: { access: 'anyone' as const }, schema: { hide: true } };
  const apps = new Map<string, SampleApp>();

  const hand = async (request: FastifyRequest, reply: FastifyReply) => {
    const tenantId = await findTenantOfClient(db, CLIENT_ID);
    if (tenantId === undefined) return answerPage(reply, 404, errorPage(baseUrl, NONE));
    let app = apps.get(tenantId);
    if (!app) {
      const issuer = `${baseUrl}/${tenantId}/v2.0`;
      apps.set(tenantId, (app = createSampleApp({ issuer, clientId: CLIENT_ID, address: baseUrl + PATH })));
    }
    const { method, url, headers } = request;
    const response = await app(
      new Request(new URL(url, baseUrl), { method, headers: { cookie: headers.cookie ?? '' } }),
    );
    // Fastify keeps each of the cookies, where the header is set again.
    for (const [name, value] of response.headers) reply.header(name, value);
    return reply.status(response.status).send(await response.text());
  };

  await server.register(async (scope: FastifyInstance) => {
    servePages(scope, baseUrl);
    for (const path of [PATH, `${PATH}/`, `${PATH}/sign-in`, `${PATH}/callback`]) scope.get(path, options, hand);
    scope.post(`${PATH}/sign-out`, options, hand);
  });
}
