import { Batch, BatchAnswer, type BatchedAnswer, type BatchedRequest } from '../../../contract/batch.ts';
import type { FastifyRequest } from 'fastify';
import { carryOut } from '../batch/carry-out.ts';
import { dependenciesOf } from '../batch/dependencies.ts';
import { innerRequest } from '../batch/inner-request.ts';
import { ApiError, badRequest, errorBody, toAnswer } from '../errors.ts';
import { idempotencyKeyOf } from '../idempotency.ts';
import { rawQuery, refuseOptions } from '../odata/query.ts';
import type { Server } from '../server.ts';

/** Twenty of these are held at once. The largest page of users with all they have is a quarter of it. */
const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
/** What of an answer's headers belongs to it, and not to its connection; by the names that Graph's clients look for. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'Content-Type',
  'cache-control': 'Cache-Control',
  location: 'Location',
  'retry-after': 'Retry-After',
  'www-authenticate': 'WWW-Authenticate',
  etag: 'ETag',
  'preference-applied': 'Preference-Applied',
  'idempotency-replayed': 'Idempotency-Replayed',
  'x-ms-throttle-limit-percentage': 'x-ms-throttle-limit-percentage',
  'x-ms-throttle-scope': 'x-ms-throttle-scope',
  'x-ms-throttle-information': 'x-ms-throttle-information',
  'request-id': 'request-id',
  'client-request-id': 'client-request-id',
};

/**
 * Many requests in one. Each goes through everything that it would go through by itself: the
 * batch's token is checked for each, and so are its permissions.
 */
export function batchRoutes(server: Server): void {
  server.post(
    '/$batch',
    {
      // What may be done, and how often, is each request's own to say. Its key, where there is one, is each POST's (inner-request.ts).
      config: { access: 'anyClient', people: 'any', idempotency: 'none', rateLimit: 'never' },
      schema: {
        tags: ['Batch'],
        summary: 'Make up to 20 requests in one, some of them only after others have succeeded',
        body: Batch,
        response: { 200: BatchAnswer },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      idempotencyKeyOf(request); // refused as a whole where it is none
      const requests = request.body.requests.map(({ id, dependsOn = [], ...rest }) => ({
        ...rest,
        id: String(id),
        dependsOn: dependsOn.map(String),
      }));
      const dependencies = dependenciesOf(requests);
      const responses = await carryOut(
        requests,
        dependencies,
        (one) => ask(request, one),
        ({ status }) => status >= 400,
        (one) => answerOf(request, one, new ApiError(424, 'FailedDependency', FAILED)),
      );
      return { responses };
    },
  );

  async function ask(outer: FastifyRequest, one: BatchedRequest): Promise<BatchedAnswer> {
    try {
      const inner = innerRequest(outer, one);
      const answer = await server.inject({
        method: inner.method,
        url: inner.url,
        headers: inner.headers,
        remoteAddress: outer.socket.remoteAddress ?? '',
        payloadAsStream: true,
        ...(inner.payload !== undefined && { payload: inner.payload }),
      });
      const body = await readBody(answer.stream());
      const headers = Object.entries(HEADERS).flatMap(([name, shown]) => {
        const value = answer.headers[name];
        return value === undefined ? [] : [[shown, String(value)] as const];
      });
      const isJson = /\bjson\b/.test(answer.headers['content-type'] ?? '');
      return {
        id: one.id,
        status: answer.statusCode,
        headers: Object.fromEntries(headers),
        ...(body.length > 0 && { body: isJson ? (JSON.parse(body.toString()) as unknown) : body.toString('base64') }),
      };
    } catch (error) {
      return answerOf(outer, one, toAnswer(error, outer));
    }
  }
}

const FAILED = 'A request that this one depends on has failed. Nothing was done.';
function answerOf(outer: FastifyRequest, { id }: BatchedRequest, error: ApiError): BatchedAnswer {
  return {
    id,
    status: error.status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...error.headers },
    body: errorBody(error, outer),
  };
}

/** @throws ApiError where it is more than is to be held in memory: a report as CSV has no end to speak of */
async function readBody(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of stream) {
    length += part.length;
    if (length > ANSWER_BYTES_MAX) throw badRequest('The answer is too large for a batch: make the request by itself.');
    parts.push(part);
  }
  return Buffer.concat(parts);
}
