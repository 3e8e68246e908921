import type { FastifyInstance, FastifyRequest } from 'fastify';
import { readSetUpLink, useSetUpLink } from '../engine/directory/set-up-link.ts';
import { findTenant } from '../engine/tenant/find-tenant.ts';
import { SYSTEM } from '../engine/tenant/tenant.ts';
import { setUpAddress } from '../signin/pages/addresses.ts';
import { passwordSetPage, spentLinkPage } from '../signin/pages/message-pages.ts';
import { setUpPage } from '../signin/pages/sign-in-pages.ts';
import { answerPage, formField, servePages } from './page-answer.ts';
import type { Server, ServerContext } from './server.ts';
import { newPasswordFault } from './sign-in-pages.routes.ts';

interface Path {
  Params: { tenant: string; token: string };
}

/** One-time links by which people set their password. Opening one doesn't use it: mail scanners open links too. */
export async function setUpRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): Promise<void> {
  const options = { config: { access: 'anyone' as const }, schema: { hide: true } };

  await server.register(async (scope: FastifyInstance) => {
    servePages(scope, baseUrl);

    scope.get<Path>('/:tenant/set-up/:token', options, async (request, reply) => {
      const link = await find(request);
      return link ? answerPage(reply, 200, setUpPage(baseUrl, link)) : answerPage(reply, 404, spentLinkPage(baseUrl));
    });

    scope.post<Path>('/:tenant/set-up/:token', options, async (request, reply) => {
      const link = await find(request);
      if (!link) return answerPage(reply, 404, spentLinkPage(baseUrl));
      const wanted = formField(request, 'newPassword');
      const problem = newPasswordFault(wanted, formField(request, 'confirmation'));
      if (problem !== undefined) return answerPage(reply, 400, setUpPage(baseUrl, { ...link, problem }));
      const tenancy = { db, tenantId: link.tenantId, actor: SYSTEM, correlationId: request.id };
      const userName = await useSetUpLink(tenancy, request.params.token, wanted);
      return userName === undefined
        ? answerPage(reply, 404, spentLinkPage(baseUrl))
        : answerPage(reply, 200, passwordSetPage(baseUrl, userName));
    });
  });

  async function find({ params: { tenant, token } }: FastifyRequest<Path>) {
    const tenantId = await findTenant(db, tenant);
    const userName = tenantId && (await readSetUpLink(db, tenantId, token));
    return userName === undefined || tenantId === undefined
      ? undefined
      : { tenantId, userName, action: setUpAddress(baseUrl, tenantId, token) };
  }
}
