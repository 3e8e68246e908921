import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { StoreUnavailable } from '../db/failures.ts';
import { checkPassword } from '../engine/directory/check-password.ts';
import { externalPersonOf } from '../engine/identity-provider/external-person.ts';
import { findIdentityProvider } from '../engine/identity-provider/find-identity-providers.ts';
import type { IdentityProvider } from '../engine/identity-provider/identity-provider.ts';
import { providerActor } from '../engine/identity-provider/identity-provider.ts';
import { linkConfirmed, signInExternally } from '../engine/identity-provider/sign-in-externally.ts';
import type { LinkRefusal } from '../engine/identity-provider/decide-link.ts';
import { findTenant } from '../engine/tenant/find-tenant.ts';
import { licenseQueued } from '../engine/license/work-off-queue.ts';
import { SYSTEM } from '../engine/tenant/tenant.ts';
import {
  keepConfirmation,
  newKey,
  takeBegun,
  takeConfirmation,
  takeTestTicket,
  type AwaitedConfirmation,
  type BegunSignIn,
} from '../signin/federation/begun-sign-ins.ts';
import { beginAtProvider, redeemFromProvider, type CameBack } from '../signin/federation/federated-sign-in.ts';
import { wordsOf } from '../signin/federation/outbound.ts';
import type { ClientOf } from '../signin/federation/provider-clients.ts';
import { testOutcome } from '../signin/federation/test-outcome.ts';
import { findInteraction, finishInteraction, readInteraction } from '../signin/openid/interaction.ts';
import type { OpenidProviders } from '../signin/openid/openid.ts';
import { signInAddress } from '../signin/pages/addresses.ts';
import {
  confirmLinkPage,
  providerFailedPage,
  refusedAtDoorPage,
  testResultPage,
} from '../signin/pages/federation-pages.ts';
import { errorPage, waitMessage } from '../signin/pages/message-pages.ts';
import { addressOf } from '../signin/request-address.ts';
import { clearFederationCookie, readFederationCookie, setFederationCookie } from './federation-cookie.ts';
import { answerPage, formField, servePages } from './page-answer.ts';
import type { Server, ServerContext } from './server.ts';

interface WithPath {
  Params: { tenant: string; interaction: string; provider: string };
}
interface TicketPath {
  Params: { tenant: string; ticket: string };
}
interface TenantPath {
  Params: { tenant: string };
}

const ENDED = 'This sign-in has ended: it was finished already, was begun in another browser, or took too long.';
const UNREACHABLE = (name: string) => `${name} can’t be reached, or has given an answer that can’t be used.`;
const NOT_BELIEVED = (name: string) => `What ${name} has answered could not be used to sign you in.`;
const DENIED = (name: string) => `${name} has not signed you in.`;
/** Passed on to the provider; anything else is between the app and us. */
const PROMPTS = ['login', 'select_account'];

/** How people sign in by one of their organisation's identity providers. */
export async function federationRoutes(
  server: Server,
  { config: { baseUrl }, db }: ServerContext,
  providers: OpenidProviders,
  clientOf: ClientOf,
): Promise<void> {
  const options = { config: { access: 'anyone' as const }, schema: { hide: true } };
  const outside = { db, baseUrl, clientOf };

  await server.register(async (scope: FastifyInstance) => {
    servePages(scope, baseUrl);

    // A sign-in that an app has asked for goes to a provider.
    scope.get<WithPath>('/:tenant/sign-in/:interaction/with/:provider', options, async (request, reply) => {
      const { tenant, interaction: interactionId, provider: providerId } = request.params;
      const tenantId = await findTenant(db, tenant);
      if (tenantId === undefined) return ended(reply);
      const openid = await providers.providerOf(tenantId);
      const interaction = await readInteraction(openid, request.raw, reply.raw, interactionId);
      const provider = await providerOf(tenantId, providerId);
      if (!interaction || !provider?.isEnabled) return ended(reply);
      const { login_hint: asked, prompt, max_age: maxAge } = interaction.params as Record<string, string | undefined>;
      const given = (request.query as { name?: string }).name;
      const prompts = (prompt ?? '').split(' ').filter((one) => PROMPTS.includes(one));
      if (maxAge !== undefined && prompts.length === 0) prompts.push('login');
      return await goToProvider(request, reply, provider, {
        interactionId,
        loginHint: (given ?? asked)?.slice(0, 256),
        prompt: prompts.join(' ') || undefined,
      });
    });

    scope.get<TicketPath>('/:tenant/federation/test/:ticket', options, async (request, reply) => {
      const tenantId = await findTenant(db, request.params.tenant);
      const ticket = tenantId && (await takeTestTicket(db, tenantId, request.params.ticket));
      const provider = ticket && (await providerOf(tenantId, ticket.providerId));
      if (!provider) return ended(reply);
      // Whoever tests wants to see the provider's own page, and may test as somebody else.
      return await goToProvider(request, reply, provider, { interactionId: undefined, prompt: 'login' });
    });

    scope.get<TenantPath>('/:tenant/federation/callback', options, async (request, reply) => {
      const { state = '' } = request.query as { state?: string };
      const tenantId = await findTenant(db, request.params.tenant);
      if (tenantId === undefined || state === '') return ended(reply);
      const begun = await takeBegun(db, tenantId, state, readFederationCookie(request, state));
      if (!begun) return ended(reply);
      clearFederationCookie(reply, baseUrl, tenantId, state);
      const provider = await providerOf(tenantId, begun.providerId);
      if (!provider) return ended(reply);
      const query = request.raw.url?.slice(request.raw.url.indexOf('?')) ?? '';
      const cameBack = await redeemFromProvider(outside, provider, begun, state, query);
      if (cameBack.kind === 'failed') {
        request.log.warn(
          { err: cameBack.cause, provider: provider.providerId },
          'an identity provider is not believed',
        );
      }
      if (begun.interactionId === undefined) return await showTest(reply, provider, cameBack);
      if (!provider.isEnabled) return ended(reply);
      return signIn(request, reply, provider, { ...begun, interactionId: begun.interactionId }, cameBack);
    });

    scope.post<TenantPath>('/:tenant/federation/confirm', options, async (request, reply) => {
      const key = formField(request, 'key');
      const tenantId = await findTenant(db, request.params.tenant);
      if (tenantId === undefined || key === '') return ended(reply);
      const awaited = await takeConfirmation(db, tenantId, key, readFederationCookie(request, key));
      if (!awaited) return ended(reply);
      clearFederationCookie(reply, baseUrl, tenantId, key);
      const provider = await providerOf(tenantId, awaited.providerId);
      if (!provider?.isEnabled) return ended(reply);
      return confirm(request, reply, provider, awaited);
    });
  });

  const ended = (reply: FastifyReply) => answerPage(reply, 400, errorPage(baseUrl, ENDED));

  async function providerOf(tenantId: string, providerId: string): Promise<IdentityProvider | undefined> {
    return /^[0-9a-f-]{36}$/.test(providerId) ? findIdentityProvider(db, tenantId, providerId) : undefined;
  }

  const backOf = (tenantId: string, interactionId: string | undefined) =>
    interactionId === undefined ? `${baseUrl}/` : `${signInAddress(baseUrl, tenantId, interactionId)}?choose=1`;

  async function goToProvider(
    request: FastifyRequest,
    reply: FastifyReply,
    provider: IdentityProvider,
    ask: Parameters<typeof beginAtProvider>[2],
  ): Promise<FastifyReply> {
    const { tenantId, displayName: name } = provider;
    const begun = await beginAtProvider(outside, provider, ask).catch((error: unknown) => {
      if (error instanceof StoreUnavailable) throw error;
      const why = wordsOf(error);
      request.log.warn({ why, provider: provider.providerId }, 'an identity provider can not be reached');
    });
    if (!begun) {
      const at = { name, back: backOf(tenantId, ask.interactionId), reference: request.id };
      return answerPage(reply, 502, providerFailedPage(baseUrl, { ...at, reason: UNREACHABLE(name) }));
    }
    setFederationCookie(reply, baseUrl, tenantId, begun.state, begun.browser);
    return reply.header('cache-control', 'no-store').redirect(begun.address, 303);
  }

  async function signIn(
    request: FastifyRequest,
    reply: FastifyReply,
    provider: IdentityProvider,
    { interactionId }: BegunSignIn & { readonly interactionId: string },
    cameBack: CameBack,
  ): Promise<FastifyReply> {
    const { tenantId, displayName: name } = provider;
    const at = { name, back: backOf(tenantId, interactionId), reference: request.id };
    if (cameBack.kind !== 'claims') {
      const reason = cameBack.kind === 'denied' ? DENIED(name) : NOT_BELIEVED(name);
      const status = cameBack.kind === 'denied' ? 403 : 502;
      return answerPage(reply, status, providerFailedPage(baseUrl, { ...at, reason }));
    }
    const refuse = (reason: LinkRefusal) => answerPage(reply, 403, refusedAtDoorPage(baseUrl, { ...at, reason }));
    const person = externalPersonOf(provider, cameBack.claims);
    if (!person) return refuse('tokenWithoutSubject');
    const outcome = await signInExternally(db, provider, person, request.id);
    if (outcome.kind === 'refused') {
      const { reason, message } = outcome;
      request.log.info({ provider: provider.providerId, reason, why: message }, 'a sign-in by a provider is refused');
      return refuse(reason);
    }
    if (outcome.kind === 'signedIn') return finish(reply, tenantId, interactionId, outcome.userId);
    const awaited = {
      providerId: provider.providerId,
      interactionId,
      userId: outcome.user.userId,
      claims: cameBack.claims,
    };
    return askForPassword(reply, provider, awaited, outcome.user.userPrincipalName, 200);
  }

  /** A new key each time: one of them is good for one password. */
  async function askForPassword(
    reply: FastifyReply,
    provider: IdentityProvider,
    awaited: AwaitedConfirmation,
    userName: string,
    status: number,
    problem?: string,
  ): Promise<FastifyReply> {
    const { tenantId, displayName } = provider;
    const [key, browser] = [newKey(), newKey()];
    await keepConfirmation(db, tenantId, key, browser, awaited);
    setFederationCookie(reply, baseUrl, tenantId, key, browser);
    const action = `${baseUrl}/${tenantId}/federation/confirm`;
    const interaction = await findInteraction(await providers.providerOf(tenantId), awaited.interactionId);
    if (!interaction) return ended(reply);
    return answerPage(
      reply,
      status,
      confirmLinkPage(baseUrl, { action, provider: displayName, userName, key, problem }),
      interaction.params['redirect_uri'] as string,
    );
  }

  async function confirm(
    request: FastifyRequest,
    reply: FastifyReply,
    provider: IdentityProvider,
    awaited: AwaitedConfirmation,
  ): Promise<FastifyReply> {
    const { tenantId, displayName: name } = provider;
    const { interactionId, userId } = awaited;
    const person = externalPersonOf(provider, awaited.claims);
    if (!person) return ended(reply);
    // The name as it is now, not as the form has it.
    const user = await db.query
      .selectFrom('users')
      .select('user_principal_name')
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    if (!user) return ended(reply);
    const attempt = { userName: user.user_principal_name, address: addressOf(request) };
    const check = await checkPassword(db, tenantId, attempt, formField(request, 'password'));
    if (check.outcome === 'wrong') {
      return askForPassword(reply, provider, awaited, attempt.userName, 401, 'The password is wrong.');
    }
    if (check.outcome === 'wait') {
      void reply.header('retry-after', String(check.seconds));
      return askForPassword(reply, provider, awaited, attempt.userName, 429, waitMessage(check.seconds));
    }
    const at = { name, back: backOf(tenantId, interactionId), reference: request.id };
    if (check.outcome === 'blocked')
      return answerPage(reply, 403, refusedAtDoorPage(baseUrl, { ...at, reason: 'userBlocked' }));
    const tenancy = { db, tenantId, actor: providerActor(provider), correlationId: request.id };
    const linked = await linkConfirmed(tenancy, provider, person, userId);
    if (linked.kind === 'signedIn') return finish(reply, tenantId, interactionId, userId);
    const reason = linked.kind === 'refused' ? linked.reason : 'noUser';
    return answerPage(reply, 403, refusedAtDoorPage(baseUrl, { ...at, reason }));
  }

  async function finish(
    reply: FastifyReply,
    tenantId: string,
    interactionId: string,
    userId: string,
  ): Promise<FastifyReply> {
    // What the groups give that they have just been put into is there before any app asks for it.
    await licenseQueued({ db, tenantId, actor: SYSTEM, correlationId: null }, [userId]);
    const openid = await providers.providerOf(tenantId);
    const interaction = await findInteraction(openid, interactionId);
    if (!interaction) return ended(reply);
    const returnTo = await finishInteraction(openid, interaction, userId, ['fed']);
    return reply.header('cache-control', 'no-store').redirect(returnTo, 303);
  }

  async function showTest(reply: FastifyReply, provider: IdentityProvider, cameBack: CameBack): Promise<FastifyReply> {
    return answerPage(reply, 200, testResultPage(baseUrl, await testOutcome(db, provider, cameBack)));
  }
}
