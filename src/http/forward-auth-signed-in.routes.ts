import type { FastifyInstance } from 'fastify';
import type { FindGuardedApp } from '../engine/forward-auth/find-forward-auth.ts';
import { findTenant } from '../engine/tenant/find-tenant.ts';
import { issueTicket } from '../signin/forward-auth/app-session.ts';
import { GUARD_PATH, uriWithin } from '../signin/forward-auth/asked.ts';
import { readState, takeCode } from '../signin/openid/forward-auth-client.ts';
import type { OpenidProviders } from '../signin/openid/openid.ts';
import { backToAppPage } from '../signin/pages/forward-auth-pages.ts';
import { errorPage } from '../signin/pages/message-pages.ts';
import { answerPage, servePages } from './page-answer.ts';
import type { Server, ServerContext } from './server.ts';

interface Call {
  Params: { tenant: string };
  Querystring: { code?: string; state?: string };
}

const ENDED = 'This sign-in has ended: it was finished already, or took too long. Open the app again.';

/** Where a sign-in for an app behind a proxy ends at Autoclaim: from here a ticket leads to the app's host. */
export async function forwardAuthSignedInRoutes(
  server: Server,
  { config: { baseUrl }, db }: ServerContext,
  providers: OpenidProviders,
  findApp: FindGuardedApp,
): Promise<void> {
  await server.register(async (scope: FastifyInstance) => {
    servePages(scope, baseUrl);

    scope.get<Call>(
      '/:tenant/forward-auth/signed-in',
      { config: { access: 'anyone' as const }, schema: { hide: true } },
      async (request, reply) => {
        const { code = '', state = '' } = request.query;
        const to = readState(state);
        const tenantId = await findTenant(db, request.params.tenant);
        const app = to && tenantId !== undefined ? await findApp(to.appId) : undefined;
        // The app has to be this tenant's, and the address one of the app's own: nowhere else does a ticket go.
        const isTheirs = app?.forwardAuth.tenantId === tenantId && app?.forwardAuth.origins.includes(to?.origin ?? '');
        const person =
          isTheirs && tenantId !== undefined
            ? await takeCode(await providers.providerOf(tenantId), code, state)
            : undefined;
        if (!to || !app || !person || tenantId === undefined) return answerPage(reply, 400, errorPage(baseUrl, ENDED));
        const { appId, origin, browserMark } = to;
        const returning = { appId, origin, uri: uriWithin(origin, to.uri), ...person };
        const ticket = await issueTicket(db, tenantId, browserMark, returning);
        const address = `${origin}${GUARD_PATH}/callback?${new URLSearchParams({ app: appId, ticket }).toString()}`;
        return answerPage(reply, 200, backToAppPage(baseUrl, app.displayName, address));
      },
    );
  });
}
