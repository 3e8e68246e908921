import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { checkPassword } from '../engine/directory/check-password.ts';
import { changePassword } from '../engine/directory/own-password.ts';
import { passwordFault } from '../engine/directory/password.ts';
import type { Attempt } from '../engine/directory/sign-in-attempts.ts';
import { homeOf, readWaysIn, type WaysIn } from '../engine/identity-provider/find-identity-providers.ts';
import type { IdentityProvider } from '../engine/identity-provider/identity-provider.ts';
import { findTenant } from '../engine/tenant/find-tenant.ts';
import { SYSTEM } from '../engine/tenant/tenant.ts';
import { finishInteraction, readInteraction } from '../signin/openid/interaction.ts';
import type { OpenidProviders } from '../signin/openid/openid.ts';
import { providerAddress, signInAddress } from '../signin/pages/addresses.ts';
import { nameFirstPage, onTheWayPage } from '../signin/pages/federation-pages.ts';
import { errorPage, waitMessage } from '../signin/pages/message-pages.ts';
import { changePasswordPage, signInPage } from '../signin/pages/sign-in-pages.ts';
import { SIGN_IN_STYLE } from '../signin/pages/style.ts';
import { addressOf } from '../signin/request-address.ts';
import { answerPage, formField, servePages } from './page-answer.ts';
import type { Server, ServerContext } from './server.ts';

interface Path {
  Params: { tenant: string; interaction: string };
}

/** One sign-in that an app has asked for, in this browser. */
interface SignInAtHand {
  readonly tenantId: string;
  readonly provider: Awaited<ReturnType<OpenidProviders['providerOf']>>;
  readonly interaction: Awaited<ReturnType<typeof readInteraction>> & object;
  readonly action: string;
  /** The app's own address, where the browser goes in the end. */
  readonly goesOnTo: string;
}

// The same for a name that nobody has: nothing tells whether it was the name or the password.
const WRONG = 'The user name or the password is wrong.';
const BLOCKED = 'This account is blocked. An administrator of your organisation can unblock it.';
const PASSWORDS_OFF = 'Your organisation doesn’t let people sign in with a password.';
const NO_HOME = 'No way to sign in belongs to this user name. Check it, or choose one below.';
const ENDED = 'This sign-in has ended: it was finished already, or stood open for too long.';

/** Where people sign in, and change a password that has to be another. Pages and forms, no script. */
export async function signInPageRoutes(
  server: Server,
  { config, db }: ServerContext,
  providers: OpenidProviders,
): Promise<void> {
  const { baseUrl } = config;
  const options = { config: { access: 'anyone' as const }, schema: { hide: true } };

  server.get('/sign-in.css', options, (_request, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', 'public, max-age=3600').send(SIGN_IN_STYLE),
  );

  await server.register(async (scope: FastifyInstance) => {
    servePages(scope, baseUrl);

    scope.get<Path>('/:tenant/sign-in/:interaction', options, async (request, reply) => {
      const atHand = await find(request, reply);
      if (!atHand) return answerPage(reply, 400, errorPage(baseUrl, ENDED));
      const userName = atHand.interaction.params['login_hint'] as string | undefined;
      const waysIn = await readWaysIn(db, atHand.tenantId);
      const { with: way, choose } = request.query as { with?: string; choose?: string };
      if (isPlain(waysIn) || (way === 'password' && waysIn.isPasswordAllowed)) {
        return answerPage(reply, 200, signInPage(baseUrl, { action: atHand.action, userName }), atHand.goesOnTo);
      }
      const home = userName !== undefined && choose === undefined ? homeOf(userName, waysIn) : undefined;
      if (home) return reply.header('cache-control', 'no-store').redirect(offer(atHand, home).address, 303);
      return answerPage(reply, 200, firstPage(atHand, waysIn, userName));
    });

    scope.post<Path>('/:tenant/sign-in/:interaction', options, async (request, reply) => {
      const atHand = await find(request, reply);
      if (!atHand) return answerPage(reply, 400, errorPage(baseUrl, ENDED));
      const attempt = attemptOf(request);
      const waysIn = await readWaysIn(db, atHand.tenantId);
      const isNameAlone = request.body instanceof URLSearchParams && !request.body.has('password');
      if (isNameAlone && !isPlain(waysIn)) return goOnWithName(reply, atHand, waysIn, attempt.userName);
      if (!waysIn.isPasswordAllowed) return answerPage(reply, 403, firstPage(atHand, waysIn, undefined, PASSWORDS_OFF));
      const check = await checkPassword(db, atHand.tenantId, attempt, formField(request, 'password'));
      if (check.outcome === 'right' && check.mustChange) {
        const at = { action: `${atHand.action}/password`, userName: attempt.userName };
        return answerPage(reply, 200, changePasswordPage(baseUrl, at), atHand.goesOnTo);
      }
      if (check.outcome === 'right') return finish(reply, atHand, check.userId);
      const { status, problem } = toldOf(check, reply);
      const at = { action: atHand.action, userName: attempt.userName, problem };
      return answerPage(reply, status, signInPage(baseUrl, at), atHand.goesOnTo);
    });

    scope.post<Path>('/:tenant/sign-in/:interaction/password', options, async (request, reply) => {
      const atHand = await find(request, reply);
      if (!atHand) return answerPage(reply, 400, errorPage(baseUrl, ENDED));
      const attempt = attemptOf(request);
      const waysIn = await readWaysIn(db, atHand.tenantId);
      if (!waysIn.isPasswordAllowed) return answerPage(reply, 403, firstPage(atHand, waysIn, undefined, PASSWORDS_OFF));
      const [current, wanted] = [formField(request, 'password'), formField(request, 'newPassword')];
      const again = (status: number, problem: string) =>
        answerPage(
          reply,
          status,
          changePasswordPage(baseUrl, { action: `${atHand.action}/password`, userName: attempt.userName, problem }),
          atHand.goesOnTo,
        );
      const fault = newPasswordFault(wanted, formField(request, 'confirmation'), current);
      if (fault !== undefined) return again(400, fault);
      const tenancy = { db, tenantId: atHand.tenantId, actor: SYSTEM, correlationId: request.id };
      const change = await changePassword(tenancy, attempt, { current, new: wanted });
      if (change.outcome === 'changed') return finish(reply, atHand, change.userId);
      const { status, problem } = toldOf(change, reply);
      return again(status, problem);
    });
  });

  const offer = ({ tenantId, interaction }: SignInAtHand, { providerId, displayName }: IdentityProvider) => ({
    name: displayName,
    address: providerAddress(baseUrl, tenantId, interaction.uid, providerId),
  });

  /** The name, and the buttons of the providers. */
  function firstPage(atHand: SignInAtHand, waysIn: WaysIn, userName: string | undefined, problem?: string): string {
    return nameFirstPage(baseUrl, {
      action: atHand.action,
      userName,
      problem,
      providers: waysIn.providers.map((provider) => offer(atHand, provider)),
      passwordAddress: waysIn.isPasswordAllowed ? `${atHand.action}?with=password` : undefined,
    });
  }

  /** Home-realm discovery: to the provider of the name's domain, else to the password. */
  function goOnWithName(reply: FastifyReply, atHand: SignInAtHand, waysIn: WaysIn, userName: string) {
    const home = homeOf(userName, waysIn);
    if (home) {
      const { name, address } = offer(atHand, home);
      const whole = `${address}?${new URLSearchParams({ name: userName }).toString()}`;
      return answerPage(reply, 200, onTheWayPage(baseUrl, { name, address: whole }));
    }
    if (waysIn.isPasswordAllowed) {
      return answerPage(reply, 200, signInPage(baseUrl, { action: atHand.action, userName }), atHand.goesOnTo);
    }
    return answerPage(reply, 400, firstPage(atHand, waysIn, userName, NO_HOME));
  }

  /** The interaction that the address names and the browser's cookie is of. */
  async function find(request: FastifyRequest<Path>, reply: FastifyReply): Promise<SignInAtHand | undefined> {
    const { tenant, interaction: id } = request.params;
    const tenantId = await findTenant(db, tenant);
    if (tenantId === undefined) return undefined;
    const provider = await providers.providerOf(tenantId);
    const interaction = await readInteraction(provider, request.raw, reply.raw, id);
    return (
      interaction && {
        tenantId,
        provider,
        interaction,
        action: signInAddress(baseUrl, tenantId, id),
        goesOnTo: interaction.params['redirect_uri'] as string,
      }
    );
  }

  async function finish(reply: FastifyReply, { provider, interaction }: SignInAtHand, userId: string) {
    const returnTo = await finishInteraction(provider, interaction, userId);
    return reply.header('cache-control', 'no-store').redirect(returnTo, 303);
  }
}

/** Nothing but a password: one page with both. */
function isPlain({ providers, isPasswordAllowed }: WaysIn): boolean {
  return providers.length === 0 && isPasswordAllowed;
}

function attemptOf(request: FastifyRequest): Attempt {
  return { userName: formField(request, 'userName').trim().slice(0, 256), address: addressOf(request) };
}

/** Why a new password can't be, before the current one is looked at. */
export function newPasswordFault(wanted: string, confirmation: string, current?: string): string | undefined {
  if (wanted !== confirmation) return 'The two new passwords are not the same.';
  if (wanted === current) return 'The new password must be another than the current one.';
  return passwordFault(wanted);
}

function toldOf(
  outcome: { outcome: 'wrong' | 'blocked' } | { outcome: 'wait'; seconds: number },
  reply: FastifyReply,
): { status: number; problem: string } {
  switch (outcome.outcome) {
    case 'wrong':
      return { status: 401, problem: WRONG };
    case 'blocked':
      return { status: 403, problem: BLOCKED };
    case 'wait':
      void reply.header('retry-after', String(outcome.seconds));
      return { status: 429, problem: waitMessage(outcome.seconds) };
  }
}
