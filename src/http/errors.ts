import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { StoreUnavailable, asStoreFailure } from '../db/failures.ts';
import { ImportRejected } from '../engine/import/import-errors.ts';
import { Refused } from '../engine/refused.ts';
import { SetUpRejected } from '../engine/set-up/set-up.ts';
import { describeSchemaErrors } from './schema-errors.ts';

/** One finding of many in one request, as an import's lines. */
export interface ErrorDetail {
  readonly line?: number;
  readonly target?: string | undefined;
  readonly message: string;
}

/** An answer that is an error, in Graph's terms. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly details: readonly ErrorDetail[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { details?: readonly ErrorDetail[]; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = more.details;
    this.headers = more.headers ?? {};
  }
}

/** A 400 about one field of a body, a path or a query. */
export function badRequest(message: string): ApiError {
  return new ApiError(400, 'Request_BadRequest', message);
}

const REFUSED: Record<Refused['kind'], { status: number; code: string }> = {
  invalid: { status: 400, code: 'Request_BadRequest' },
  duplicate: { status: 400, code: 'Request_MultipleObjectsWithSameKeyValue' },
  notFound: { status: 404, code: 'Request_ResourceNotFound' },
  stale: { status: 412, code: 'Request_PreconditionFailed' },
  forbidden: { status: 403, code: 'Authorization_RequestDenied' },
  reused: { status: 422, code: 'Request_BadRequest' },
};

// What Fastify itself finds wrong, in Graph's codes.
const HTTP_CODES: Record<number, string> = {
  400: 'Request_BadRequest',
  404: 'Request_ResourceNotFound',
  405: 'Request_BadRequest',
  413: 'Request_EntityTooLarge',
  415: 'Request_UnsupportedMediaType',
  429: 'TooManyRequests',
};

/** After how many seconds a client should come back when the store can't answer. */
export const RETRY_AFTER_SECONDS = 1;

/** The one place where exceptions become answers. What isn't meant to be shown is logged, not sent. */
export function toApiError(error: unknown): ApiError | undefined {
  const failure = asStoreFailure(error);
  if (failure instanceof ApiError) return failure;
  if (failure instanceof Refused) {
    const { status, code } = REFUSED[failure.kind];
    return new ApiError(status, code, failure.message);
  }
  if (failure instanceof ImportRejected || failure instanceof SetUpRejected) {
    return new ApiError(400, 'Request_BadRequest', failure.message, { details: failure.details });
  }
  if (failure instanceof StoreUnavailable) {
    return new ApiError(503, 'ServiceUnavailable', 'The database can not answer now. Nothing is lost; try again.', {
      headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
    });
  }
  const { validation, validationContext, statusCode, message } = failure as FastifyError;
  if (validation) return badRequest(describeSchemaErrors(validation, validationContext));
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new ApiError(statusCode, HTTP_CODES[statusCode] ?? 'Request_BadRequest', message);
  }
  return undefined;
}

/** What an exception is answered with, whatever it is; our own failures are logged, and not shown. */
export function toAnswer(error: unknown, { log }: Pick<FastifyRequest, 'log'>): ApiError {
  const known = toApiError(error);
  if (!known || known.status >= 500) log.error({ err: error }, 'request failed');
  return (
    known ??
    new ApiError(500, 'InternalServerError', 'Something went wrong on our side. The request-id finds it in the log.')
  );
}

/** Fastify's error handler. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const answer = toAnswer(error, request);
  return reply
    .status(answer.status)
    .headers(answer.headers)
    .type('application/json; charset=utf-8')
    .send(errorBody(answer, request));
}

/** As much of a request as there is of any: one that couldn't be read has an id too. */
type Asked = Pick<FastifyRequest, 'id' | 'headers'>;

/** Graph's error envelope. */
export function errorBody(error: ApiError, request: Asked): object {
  return {
    error: {
      code: error.code,
      message: error.message,
      ...(error.details && { details: error.details }),
      innerError: {
        date: new Date().toISOString().slice(0, 19),
        'request-id': request.id,
        'client-request-id': clientRequestId(request),
      },
    },
  };
}

const CLIENT_REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

/** What the client calls its request: echoed where it can be a header, else our own id. */
export function clientRequestId(request: Asked): string {
  const given = request.headers['client-request-id'];
  return typeof given === 'string' && CLIENT_REQUEST_ID.test(given) ? given : request.id;
}
