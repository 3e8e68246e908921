import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Database } from '../db/open.ts';
import type { TenantTransaction } from '../engine/tenant/tenancy.ts';
import { ApiError, badRequest, errorBody } from './errors.ts';
import { keepAnswer, noteCarriedOut, readKept, type KeptAnswer, type KeyedRequest } from './kept-answers.ts';
import type { Server } from './server.ts';

// Idempotency-Key: a POST that is delivered again under the same key, by the same client of the
// same tenant, within 24 hours, is not carried out again; it gets the answer of the first.
//
// What is promised, and how. A route's change is one transaction (inTenant), and the key is noted
// in that very transaction: so whatever happens, and on however many servers, a key's change is
// made once or not at all.
// - The process dies before the COMMIT: nothing was done, and the retry does it.
// - It dies between the COMMIT and the keeping of the answer: the retry gets 409, which says that
//   the request was carried out and its answer is lost. It isn't done again.
// - Two deliveries at once: the second waits for the first's transaction, then for its answer.
// - Refusals (4xx) are kept like other answers. Faults (5xx) aren't: the retry tries again, and
//   gets that 409 where the fault came after the COMMIT.
// - Answers with a secret aren't kept (idempotency: 'secret answer'): the retry gets that 409.
// Not in it: requests whose body isn't JSON (imports: the same import twice gives the same), and
// sign-ins (their correlationId does it, for each member of a list by itself).

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * For a POST: 'secret answer' keeps that it was carried out, and not what was answered; 'none'
     * takes no notice of the key.
     */
    idempotency?: 'secret answer' | 'none';
  }
  interface FastifyRequest {
    /** Set where the request has an Idempotency-Key that is still to be used. */
    keyed: (KeyedRequest & { isTaken: boolean }) | undefined;
  }
}

const KEY = /^[\x20-\x7e]{1,255}$/;
/** The headers of an answer that belong to it, and not to its delivery. */
const KEPT_HEADERS = ['content-type', 'location', 'etag', 'preference-applied'];
/** How long a delivery waits for the answer of one that is under way. */
const WAIT_MS = 5_000;
const LOOK_AGAIN_MS = 50;

/** Makes every POST of an authenticated client with a JSON body (or none) accept Idempotency-Key. */
export function acceptIdempotencyKeys(server: Server, db: Database): void {
  server.decorateRequest('keyed', undefined);
  // By route, so that all others (sign-ins above all) have nothing to run through.
  server.addHook('onRoute', (route) => {
    const takesPart = [route.method].flat().includes('POST') && route.config?.idempotency !== 'none';
    if (!takesPart || route.config?.access === 'anyone') return;
    route.preHandler = [[route.preHandler ?? []].flat(), lookUp].flat();
    route.onSend = [[route.onSend ?? []].flat(), keep].flat();
  });

  async function lookUp(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const keyed = keyedRequestOf(request);
    if (!keyed) return undefined;
    const kept = await readSettled(db, keyed, isSecret(request));
    if (kept) return answerAgain(request, reply, keyed, kept);
    request.keyed = { ...keyed, isTaken: false };
    return undefined;
  }

  async function keep(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
    const { keyed } = request;
    if (!keyed) return payload;
    request.keyed = undefined;
    if (keyed.isTaken) {
      const kept = await readSettled(db, keyed, isSecret(request));
      return kept ? setAnswer(request, reply, keyed, kept) : payload;
    }
    const isText = payload === undefined || payload === null || typeof payload === 'string';
    const isFit = reply.statusCode < 500 && !(isSecret(request) && reply.statusCode < 400);
    if (isText && isFit) {
      const answer = { status: reply.statusCode, headers: keptHeaders(reply), body: payload || null };
      await keepAnswer(db, keyed, answer).catch((error: unknown) => {
        // The effect is there and so is its note; only a repeated delivery will miss the answer.
        request.log.warn({ err: error }, 'the answer to an Idempotency-Key could not be kept');
      });
    }
    return payload;
  }
}

/**
 * What goes into the transaction of a request's change; undefined for requests without a key.
 * @throws ApiError 409 in that transaction, where another delivery of the key made the change
 */
export function noteOfKey(request: FastifyRequest): ((tx: TenantTransaction) => Promise<void>) | undefined {
  const { keyed } = request;
  if (!keyed) return undefined;
  return async (tx) => {
    keyed.isTaken = !(await noteCarriedOut(tx, keyed));
    if (keyed.isTaken) throw underWay();
  };
}

function keyedRequestOf(request: FastifyRequest): KeyedRequest | undefined {
  // What isn't JSON is a stream, of which nothing is known here.
  if (!/^(application\/json\b|$)/i.test(request.headers['content-type'] ?? '')) return undefined;
  const key = idempotencyKeyOf(request);
  if (key === undefined) return undefined;
  const { tenantId, callerId: clientId } = request.principal;
  const hash = createHash('sha256')
    .update(JSON.stringify([request.url, request.body ?? null]))
    .digest('base64url');
  return { tenantId, clientId, key, hash, requestId: request.id };
}

/**
 * The key that a request came with; undefined where there is none.
 * @throws ApiError 400
 */
export function idempotencyKeyOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined || (typeof key === 'string' && KEY.test(key))) return key;
  throw badRequest('Idempotency-Key must be 1 to 255 printable ASCII characters.');
}

/** What is known of a key; where its request was just carried out, after a wait for its answer. */
async function readSettled(
  db: Database,
  keyed: KeyedRequest,
  isSecretAnswer: boolean,
): Promise<KeptAnswer | undefined> {
  for (;;) {
    const kept = await readKept(db, keyed);
    const isAwaited = kept?.answer === null && kept.hash === keyed.hash && !isSecretAnswer && kept.ageMs < WAIT_MS;
    if (!isAwaited) return kept;
    await sleep(LOOK_AGAIN_MS);
  }
}

function answerAgain(
  request: FastifyRequest,
  reply: FastifyReply,
  keyed: KeyedRequest,
  kept: KeptAnswer,
): FastifyReply {
  const body = setAnswer(request, reply, keyed, kept);
  return body === null ? reply.send() : reply.send(body);
}

/** Puts a known key's answer in place. @returns the body */
function setAnswer(request: FastifyRequest, reply: FastifyReply, keyed: KeyedRequest, kept: KeptAnswer): string | null {
  const { hash, answer } = kept;
  if (hash === keyed.hash && answer) {
    for (const name of KEPT_HEADERS) reply.removeHeader(name);
    void reply.status(answer.status).headers(answer.headers).header('idempotency-replayed', 'true');
    return answer.body;
  }
  const error = hash === keyed.hash ? answerLost(isSecret(request)) : otherRequest();
  void reply.status(error.status).type('application/json; charset=utf-8');
  return JSON.stringify(errorBody(error, request));
}

function otherRequest(): ApiError {
  return new ApiError(
    422,
    'Request_BadRequest',
    'Idempotency-Key: this key was used for another request. Use a new one for each request.',
  );
}

function underWay(): ApiError {
  return new ApiError(
    409,
    'Conflict',
    'Idempotency-Key: the request with this key is being carried out. Send it again for its answer.',
  );
}

function answerLost(isSecretAnswer: boolean): ApiError {
  const why = isSecretAnswer ? 'its answer held a secret and is not kept' : 'its answer was lost';
  const advice = 'Look at what is there now, and use a new key to ask again.';
  return new ApiError(
    409,
    'Conflict',
    `Idempotency-Key: the request with this key was carried out once, and ${why}. ${advice}`,
  );
}

function isSecret(request: FastifyRequest): boolean {
  return request.routeOptions.config.idempotency === 'secret answer';
}

function keptHeaders(reply: FastifyReply): Record<string, string> {
  return Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const value = reply.getHeader(name);
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}
