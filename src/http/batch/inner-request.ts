import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { BatchedRequest } from '../../../contract/batch.ts';
import { badRequest } from '../errors.ts';
import { idempotencyKeyOf } from '../idempotency.ts';

/** One request as the server takes it. */
export interface InnerRequest {
  readonly method: BatchedRequest['method'];
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string | undefined;
}

const BASE = '/v1.0';
/** What a request of a batch may say of itself. The rest is about the connection, or nobody reads it. */
const OWN_HEADERS = new Set([
  'accept',
  'accept-language',
  'client-request-id',
  'consistencylevel',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'prefer',
]);
/** What it has from the batch: who asks, and from where. */
const OUTER_HEADERS = ['authorization', 'client-request-id', 'x-forwarded-for', 'user-agent'] as const;

/**
 * A request of a batch, as it is to be carried out: by the batch's own caller, and nobody else.
 * @throws ApiError 400 that says what it can't be
 */
export function innerRequest(outer: FastifyRequest, request: BatchedRequest): InnerRequest {
  const { method, body } = request;
  const given = Object.fromEntries(
    Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const { authorization } = outer.headers;
  if (given['authorization'] !== undefined && given['authorization'] !== authorization)
    throw badRequest('headers.authorization: all requests of a batch are made with the access token of the batch.');
  const own = Object.entries(given).filter(([name]) => OWN_HEADERS.has(name));
  const key = keyOf(outer, request);
  return {
    method,
    url: addressOf(request.url),
    headers: {
      ...Object.fromEntries(
        OUTER_HEADERS.flatMap((name) => {
          const value = outer.headers[name];
          return typeof value === 'string' ? [[name, value]] : [];
        }),
      ),
      ...(key !== undefined && { 'idempotency-key': key }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...Object.fromEntries(own),
    },
    payload: body === undefined ? undefined : JSON.stringify(body),
  };
}

/** A batch's Idempotency-Key is each of its POSTs', with their ids: delivered again, the batch does what of it wasn't done. */
function keyOf(outer: FastifyRequest, { id, method }: BatchedRequest): string | undefined {
  const key = idempotencyKeyOf(outer);
  if (key === undefined || method !== 'POST') return undefined;
  return `batch ${createHash('sha256')
    .update(JSON.stringify([key, id.toLowerCase()]))
    .digest('base64url')}`;
}

/** Relative to /v1.0, as Graph has it; Microsoft's older client writes /v1.0 before it. */
function addressOf(url: string): string {
  if (/^([a-z][a-z\d+.-]*:|[/\\]{2})/i.test(url)) throw outside(url);
  const path = url.replace(/^\//, '').replace(/^v1\.0\//, '');
  const found = URL.parse(`http://batch${BASE}/${path}`);
  // "..", however it is written, leads out of it.
  if (!found || found.host !== 'batch' || !found.pathname.startsWith(`${BASE}/`)) throw outside(url);
  if (decoded(found.pathname) === `${BASE}/$batch`) throw badRequest('url: a batch can not hold another.');
  return found.pathname + found.search;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // what can't be decoded is no route
  }
}

function outside(url: string): Error {
  return badRequest(`url: ${url.slice(0, 100)} is not relative to ${BASE}, such as /users is.`);
}
