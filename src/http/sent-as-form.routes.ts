import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { findTenant } from '../engine/tenant/find-tenant.ts';
import { AUTHORIZE_PATH } from '../signin/openid/offline-access.ts';
import { SIGN_OUT_PATH } from '../signin/openid/sign-out.ts';
import { errorPage } from '../signin/pages/message-pages.ts';
import { isAnyTenant } from './ask-for-organisation.ts';
import { answerPage, servePages } from './page-answer.ts';
import type { Server, ServerContext } from './server.ts';

interface Path {
  Params: { tenant: string };
}

/** An address with more than this and its cookies beside it would be over what a request's head may have (16 KB). */
const QUERY_LENGTH_MAX = 8_000;

/**
 * An app's request for a sign-in or a sign-out that comes as a form (OpenID Connect Core, 3.1.2.1 and
 * RP-Initiated Logout, 2 have both methods). It is sent on to the same address by GET: a form of another
 * site comes without our cookies, which are SameSite=Lax, so nobody would be signed in; and nothing here
 * may ever be done for a form of another site.
 */
export async function sentAsFormRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): Promise<void> {
  await server.register(async (scope: FastifyInstance) => {
    servePages(scope, baseUrl);
    for (const path of [AUTHORIZE_PATH, SIGN_OUT_PATH]) {
      scope.post<Path>(
        `/:tenant${path}`,
        { config: { access: 'anyone' as const }, schema: { hide: true } },
        (request, reply) => sendOn(request, reply, path),
      );
    }
  });

  async function sendOn(request: FastifyRequest<Path>, reply: FastifyReply, path: string): Promise<FastifyReply> {
    const { tenant } = request.params;
    if (!isAnyTenant(tenant) && (await findTenant(db, tenant)) === undefined) {
      return answerPage(reply, 400, errorPage(baseUrl, `There is no organisation '${tenant}' here.`));
    }
    // What stands in the address of a POST is no part of the request.
    const query = request.body instanceof URLSearchParams ? request.body.toString() : '';
    if (query.length > QUERY_LENGTH_MAX) return answerPage(reply, 413, errorPage(baseUrl, 'The request is too large.'));
    const address = `${baseUrl}/${encodeURIComponent(tenant)}${path}`;
    return reply.header('cache-control', 'no-store').redirect(`${address}?${query}`, 303);
  }
}
