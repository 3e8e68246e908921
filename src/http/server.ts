import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify';
import type { Config } from '../config.ts';
import type { Database } from '../db/open.ts';
import type { SignInBatches } from '../engine/claim/batch.ts';
import type { SignInLog } from '../engine/claim/sign-in-log.ts';
import type { Tenancy } from '../engine/tenant/tenancy.ts';
import { guardRoutes, type AuthenticateToken } from './access.ts';
import { knownAddress } from './graph-urls.ts';
import { answerError, ApiError, badRequest, clientRequestId, errorBody } from './errors.ts';
import { noteOfKey } from './idempotency.ts';
import { isStorable, parseJsonBody } from './json-body.ts';
import { refuseWhileStopping } from './stopping.ts';
import { logOfRequest } from './request-log.ts';
import { securityHeaders } from './security-headers.ts';
import { answerUnreadableAddress, answerUnreadableConnection } from './unreadable-requests.ts';
import type { Metrics } from './metrics.ts';

/** What the routes work with. */
export interface ServerContext {
  readonly config: Config;
  readonly db: Database;
  /** Where sign-ins are decided, in batches. */
  readonly signIns: SignInBatches;
  /** Where sign-ins that claimed nothing are kept; flushed before its reads. */
  readonly signInLog: SignInLog;
  /** What is counted where it happens. */
  readonly metrics: Metrics;
}

/** A server whose routes are typed by their schemas. */
export type Server = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** API.md: bodies up to 1 MB; imports stream and have their own limit. */
const BODY_BYTES_MAX = 1024 * 1024;
const PACKED = 'Content-Encoding: send the body uncompressed.';
/** A client that sends its headers or body more slowly than this is holding a connection, not calling. */
const REQUEST_TIMEOUT_MS = 300_000;

/** The HTTP server with its guards and error envelope, before any route. */
export async function createServer(
  config: Config,
  log: FastifyBaseLogger,
  authenticate: AuthenticateToken,
): Promise<Server> {
  const https = config.tls && { cert: readFileSync(config.tls.certificateFile), key: readFileSync(config.tls.keyFile) };
  const server = Fastify({
    loggerInstance: log,
    ...(https && { https }),
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // refuseWhileStopping does.
    return503OnClosing: false,
    genReqId: () => randomUUID(),
    childLoggerFactory: logOfRequest,
    frameworkErrors: answerUnreadableAddress,
    clientErrorHandler: answerUnreadableConnection,
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: 512 },
    rewriteUrl: ({ url = '/' }) => knownAddress(url),
    ajv: {
      customOptions: {
        // Nothing is dropped, turned into another type or filled in silently.
        removeAdditional: false,
        coerceTypes: false,
        useDefaults: false,
        allErrors: false,
        verbose: true,
      },
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
  server.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  server.setErrorHandler(answerError);
  server.setNotFoundHandler({}, (request, reply) => {
    const error = new ApiError(
      404,
      'Request_ResourceNotFound',
      `There is nothing at ${request.method} ${request.url.split('?', 1)[0]}.`,
    );
    return reply.status(404).send(errorBody(error, request));
  });
  const security = securityHeaders(config.baseUrl);
  server.addHook('onRequest', (request, reply, done) => {
    reply.headers(security);
    reply.headers({ 'request-id': request.id, 'client-request-id': clientRequestId(request) });
    done();
  });
  refuseWhileStopping(server);
  guardRoutes(server, authenticate);
  acceptBodies(server);
  return server;
}

function acceptBodies(server: Server): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(/^application\/json\s*(;|$)/i, { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJsonBody(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  // Before the body is read: what is packed would be parsed as it is, and found to be something else.
  server.addHook('onRequest', (request, _reply, done) => {
    const coding = request.headers['content-encoding'];
    // With a GET no body is read: a proxy that asks about an upload (forward auth) tells its headers alone.
    const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
    const isPacked = coding && coding !== 'identity' && hasBody && !request.is404;
    done(isPacked ? new ApiError(415, 'Request_UnsupportedMediaType', PACKED) : undefined);
  });
  server.addHook('preValidation', (request, _reply, done) => {
    done(unreadableValue(request));
  });
}

/** What is wrong with a value of the path or the query, whatever it means. */
function unreadableValue(request: FastifyRequest): ApiError | undefined {
  for (const values of [request.params, request.query]) {
    for (const [name, value] of Object.entries((values ?? {}) as Record<string, unknown>)) {
      if (Array.isArray(value)) return badRequest(`${name} is given twice.`);
      if (typeof value === 'string' && !isStorable(value))
        return badRequest(`${name} has a character that can't be stored.`);
    }
  }
  return undefined;
}

/** The engine's handle for a request: the caller's tenant, and the caller as the audit shows them. */
export function tenancyOf(db: Database, request: FastifyRequest): Tenancy {
  const { tenantId, actor } = request.principal;
  return { db, tenantId, actor, correlationId: request.id, alongside: noteOfKey(request) };
}
