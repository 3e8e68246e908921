import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { StoreUnavailable, asStoreFailure } from '../db/failures.ts';
import { createFindHook } from '../engine/hook/find-hook.ts';
import { HookUse } from '../engine/hook/hook-use.ts';
import type { Hook } from '../engine/hook/hook.ts';
import { AUTH0 } from '../signin/hooks/auth0.ts';
import { appOf, decideEvent, decideLater } from '../signin/hooks/decide-event.ts';
import { ENTRA } from '../signin/hooks/entra.ts';
import { createVerifyEntraToken, KeysUnavailable } from '../signin/hooks/entra-token.ts';
import { claimsOf, textAt, type HookAnswer, type HookDoor, type HookEvent } from '../signin/hooks/hook-event.ts';
import { KEYCLOAK } from '../signin/hooks/keycloak.ts';
import { OKTA } from '../signin/hooks/okta.ts';
import { ApiError } from './errors.ts';
import { createHookAuthentication } from './hook-authentication.ts';
import type { HookTestPasses } from './hook-test-passes.ts';
import { parseJsonBody } from './json-body.ts';
import type { Server, ServerContext } from './server.ts';

type HookCall = FastifyRequest<{ Querystring: { hook?: string } }>;

/** Where each provider's events come in. */
export const HOOK_PATHS = {
  entra: '/hooks/entra/token-issuance-start',
  okta: '/hooks/okta/token',
  auth0: '/hooks/auth0/post-login',
  keycloak: '/hooks/keycloak/event',
} as const;

/** A provider waits 800 ms at most (PRODUCT.md); what is left is the way back. */
const ANSWERED_WITHIN_MS = 740;
/** Events are a few KB. */
const BODY_BYTES_MAX = 256 * 1024;
/**
 * Older events are none any more. Okta and Auth0 wait for their answer; Keycloak tells later what it
 * couldn't tell at once. A repeated delivery within it is answered the same (24 hours).
 */
const AGE_MAX_MS = { entra: Infinity, okta: 5 * 60_000, auth0: 5 * 60_000, keycloak: 6 * 3_600_000 };
/** Clocks differ. */
const AHEAD_MAX_MS = 5 * 60_000;
/** Decisions that are still to be made, with nobody waiting for them, while the store can't. */
const LATER_MAX = 5_000;

/** What became of a request: its answer, and what /metrics calls it. */
interface Handled {
  readonly answer: HookAnswer;
  readonly result: string;
}

/** The doors of identity providers: each tells of a sign-in, and gets the claims for its token. */
export async function hookRoutes(server: Server, context: ServerContext, passes: HookTestPasses): Promise<void> {
  const { config, db, metrics } = context;
  const findHook = createFindHook(db);
  const authenticate = createHookAuthentication(findHook, createVerifyEntraToken(config.entraAuthority), passes);
  const use = new HookUse(db, (error) =>
    server.log.error({ err: error }, 'what came in by hooks can not be counted now'),
  );
  const closing = new AbortController();
  let later = 0;
  server.addHook('preClose', async () => closing.abort());
  server.addHook('onClose', () => use.flush());

  await server.register(async (scope: FastifyInstance) => {
    // As it came: a signature is over the bytes, and nothing is parsed of whoever proves nothing.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(/^application\/json\s*(;|$)/i, { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    for (const door of [ENTRA, OKTA, AUTH0, KEYCLOAK]) {
      scope.post(
        HOOK_PATHS[door.kind],
        {
          bodyLimit: BODY_BYTES_MAX,
          config: { access: 'anyone' as const, idempotency: 'none' as const },
          schema: {
            tags: ['Hooks'],
            summary: `Events of ${TITLES[door.kind]}; proven as the provider does it (docs/hooks.md)`,
            querystring: {
              type: 'object',
              properties: { hook: { type: 'string', description: 'the id of the hook' } },
            },
          },
        },
        (request, reply) => answer(door, request as HookCall, reply),
      );
    }
  });

  /** In time whatever happens. What isn't done by then goes on. */
  async function answer(door: HookDoor, request: HookCall, reply: FastifyReply): Promise<FastifyReply> {
    const isLate = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => isLate.resolve('late'), Math.max(0, ANSWERED_WITHIN_MS - reply.elapsedTime));
    const call = { isAnswered: false };
    const work = handle(door, request, call);
    const outcome = await Promise.race([work, isLate.promise]).finally(() => {
      clearTimeout(timer);
      call.isAnswered = true;
    });
    reply.header('cache-control', 'no-store');
    if (outcome !== 'late') return send(reply, door, outcome);
    work.then(
      ({ result }) => metrics.hookEvents.inc({ door: door.kind, result: `late, then ${result}` }),
      (error: unknown) => {
        if (!(error instanceof ApiError)) request.log.error({ err: error }, 'hook failed after its answer');
      },
    );
    return send(reply, door, { answer: door.answer(null, null), result: 'late' });
  }

  function send(reply: FastifyReply, door: HookDoor, { answer: { status, body }, result }: Handled): FastifyReply {
    metrics.hookEvents.inc({ door: door.kind, result });
    return reply.status(status).type('application/json; charset=utf-8').send(body);
  }

  /** @throws ApiError 400, 401 */
  async function handle(door: HookDoor, request: HookCall, call: { isAnswered: boolean }): Promise<Handled> {
    const nothing = door.answer(null, null);
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const proof = await authenticate({ kind: door.kind, request, body }).catch((error: unknown) => {
      if (error instanceof KeysUnavailable || asStoreFailure(error) instanceof StoreUnavailable) {
        request.log.warn({ err: error }, 'a hook can not be checked now');
        return undefined;
      }
      throw error;
    });
    if (!proof) return unavailable(door);
    if ('refusal' in proof) throw refuse(door, 'unauthenticated', proof.refusal, proof.hook);
    const { hook } = proof;
    const event = parseJsonBody(body);
    if (door.kind === 'entra' && textAt(event, 'data', 'tenantId')?.toLowerCase() !== hook.entraTenantId)
      throw refuse(door, 'foreign', 'data.tenantId is not the tenant of this hook.', hook);
    const read = door.readEvent(event, hook);
    if ('ignored' in read) {
      use.note(hook, {});
      return { answer: nothing, result: 'ignored' };
    }
    if (isStale(door, read)) throw refuse(door, 'stale', 'The event is too old, of the future, or has no time.', hook);
    const appId = appOf(hook, read.clientId);
    use.note(hook, appId === undefined ? { unmappedClientId: read.clientId.slice(0, 256) } : {});
    if (!hook.isEnabled) return { answer: nothing, result: 'off' };
    if (appId === undefined) return { answer: nothing, result: 'unmapped' };
    return decide(door, hook, read, appId, request, call);
  }

  async function decide(
    door: HookDoor,
    hook: Hook,
    event: HookEvent,
    appId: string,
    request: HookCall,
    call: { isAnswered: boolean },
  ): Promise<Handled> {
    const once = async () => {
      const decided = await decideEvent(context, hook, event, appId, request.id);
      metrics.signIns.inc({ outcome: decided.outcome, reason: decided.reason ?? '' });
      return decided;
    };
    try {
      const decided = await once();
      return { answer: door.answer(claimsOf(decided, hook), decided), result: 'decided' };
    } catch (error) {
      if (!(asStoreFailure(error) instanceof StoreUnavailable)) throw error;
      // Keycloak tells again whatever isn't taken; for the others it is decided when the store can.
      if (door.kind === 'keycloak' && !call.isAnswered) return unavailable(door);
      if (later >= LATER_MAX) {
        request.log.error({ err: error }, 'too many sign-ins wait for the store; their next ones will be decided');
        return unavailable(door);
      }
      later += 1;
      void decideLater(once, closing.signal)
        .catch((failure: unknown) => {
          if (!closing.signal.aborted) request.log.error({ err: failure }, 'a sign-in could not be decided');
        })
        .finally(() => (later -= 1));
      return unavailable(door);
    }
  }

  function refuse(door: HookDoor, result: string, reason: string, hook: Hook | undefined): ApiError {
    metrics.hookEvents.inc({ door: door.kind, result });
    if (hook) use.note(hook, { refusal: reason });
    // Whoever can't prove anything isn't told what there is; the admin is.
    const told = result === 'unauthenticated' ? "The request doesn't prove to be of this hook's provider." : reason;
    return new ApiError(401, 'InvalidAuthenticationToken', told, { headers: { 'www-authenticate': 'Bearer' } });
  }
}

/** A sign-in never breaks for us: it goes on without claims. Keycloak only notifies, and comes again. */
function unavailable(door: HookDoor): Handled {
  const { status, body } = door.answer(null, null);
  return { answer: { status: door.kind === 'keycloak' ? 503 : status, body }, result: 'unavailable' };
}

function isStale({ kind }: HookDoor, { happenedAt }: HookEvent): boolean {
  if (happenedAt === null) return false;
  const age = Date.now() - happenedAt.getTime();
  return !(age <= AGE_MAX_MS[kind] && age >= -AHEAD_MAX_MS);
}

const TITLES = {
  entra: "Entra ID's custom claims provider",
  okta: "Okta's token inline hook",
  auth0: "Auth0's post-login action",
  keycloak: "Keycloak's event webhook",
} as const;
