import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readPerson } from '../engine/directory/person.ts';
import { findTenant } from '../engine/tenant/find-tenant.ts';
import { readInteraction } from '../signin/openid/interaction.ts';
import { LICENSE_PROMPT, type Refusal } from '../signin/openid/license-prompt.ts';
import type { OpenidProviders } from '../signin/openid/openid.ts';
import { leaveRefusal } from '../signin/openid/refused-interaction.ts';
import { refusedAddress } from '../signin/pages/addresses.ts';
import { licenseRefusedPage, type WayOn } from '../signin/pages/license-refused-page.ts';
import { errorPage } from '../signin/pages/message-pages.ts';
import { answerPage, formField, servePages } from './page-answer.ts';
import type { Server, ServerContext } from './server.ts';

interface Path {
  Params: { tenant: string; interaction: string };
}

const ENDED = 'This sign-in has ended: it was finished already, or stood open for too long.';
const WAYS_ON = ['again', 'otherAccount', 'back'] as const;

/** The page of a person whom an app doesn't let in for want of a license. */
export async function refusedPageRoutes(
  server: Server,
  { config: { baseUrl }, db }: ServerContext,
  providers: OpenidProviders,
): Promise<void> {
  const options = { config: { access: 'anyone' as const }, schema: { hide: true } };

  await server.register(async (scope: FastifyInstance) => {
    servePages(scope, baseUrl);

    scope.get<Path>('/:tenant/refused/:interaction', options, async (request, reply) => {
      const found = await find(request, reply);
      const person = found && (await readPerson(db, found.tenantId, found.refusal.userId));
      if (!person) return answerPage(reply, 400, errorPage(baseUrl, ENDED));
      const { tenantId, interaction, refusal } = found;
      const page = licenseRefusedPage(baseUrl, {
        action: refusedAddress(baseUrl, tenantId, interaction.uid),
        appName: refusal.appName,
        message: refusal.message,
        userPrincipalName: person.userPrincipalName,
        reference: refusal.signInId,
        ways: WAYS_ON,
      });
      return answerPage(reply, 403, page, interaction.params['redirect_uri'] as string);
    });

    scope.post<Path>('/:tenant/refused/:interaction', options, async (request, reply) => {
      const found = await find(request, reply);
      const next = formField(request, 'next');
      if (!found || !isWayOn(next)) return answerPage(reply, 400, errorPage(baseUrl, ENDED));
      const { provider, interaction, refusal } = found;
      const returnTo = await leaveRefusal(provider, interaction, next, refusal.signInId);
      return reply.header('cache-control', 'no-store').redirect(returnTo, 303);
    });
  });

  /** The refusal that the address names and the browser's cookie is of. */
  async function find(request: FastifyRequest<Path>, reply: FastifyReply) {
    const { tenant, interaction: id } = request.params;
    const tenantId = await findTenant(db, tenant);
    if (tenantId === undefined) return undefined;
    const provider = await providers.providerOf(tenantId);
    const interaction = await readInteraction(provider, request.raw, reply.raw, id, LICENSE_PROMPT);
    return (
      interaction && { tenantId, provider, interaction, refusal: interaction.prompt.details as unknown as Refusal }
    );
  }
}

function isWayOn(text: string): text is WayOn {
  return (WAYS_ON as readonly string[]).includes(text);
}
