import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { findTenant } from '../engine/tenant/find-tenant.ts';
import type { KeyRing } from '../signin/openid/key-ring.ts';
import { createOpenidProviders } from '../signin/openid/openid.ts';
import { toApiError } from './errors.ts';
import type { Server, ServerContext } from './server.ts';

interface TenantPath {
  Params: { tenant: string };
}

/** For the API's description; the provider itself reads and checks it. */
const TokenRequest = {
  type: 'object',
  required: ['grant_type', 'client_id', 'scope'],
  properties: {
    grant_type: { type: 'string', enum: ['client_credentials'] },
    client_id: { type: 'string' },
    client_secret: { type: 'string', description: 'Or an assertion instead.' },
    client_assertion: { type: 'string', description: "A JWT that one of the client's certificates signed." },
    client_assertion_type: { type: 'string', enum: ['urn:ietf:params:oauth:client-assertion-type:jwt-bearer'] },
    scope: { type: 'string', description: '<base URL>/.default: all permissions that the client has.' },
  },
};

/** The longest token request: a client assertion with its certificates is 8 KB. */
const BODY_BYTES_MAX = 56 * 1024;

/**
 * The OpenID Provider in Microsoft's v2.0 paths. Its answers, errors too, are OAuth's own, not the
 * envelope of the API.
 */
export async function openidRoutes(server: Server, context: ServerContext, keyRing: KeyRing): Promise<void> {
  const { db, config } = context;
  const providers = createOpenidProviders(db, config, keyRing, (error) =>
    server.log.error({ err: error }, 'token request failed'),
  );

  await server.register(async (scope: FastifyInstance) => {
    scope.setErrorHandler(answerOAuthError);
    // The provider reads the body itself; every other kind of body is refused before it.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/x-www-form-urlencoded', (_request, _body, done) => done(null));

    const config = { access: 'anyone' as const };
    const tags = ['Tokens'];
    scope.get<TenantPath>(
      '/:tenant/v2.0/.well-known/openid-configuration',
      { config, schema: { tags, summary: "The tenant's OpenID Provider: its addresses, and what it can do" } },
      (request, reply) => handOver(request, reply, '/.well-known/openid-configuration', 'canonical'),
    );
    scope.get<TenantPath>(
      '/:tenant/discovery/v2.0/keys',
      { config, schema: { tags, summary: "The public keys that check the tenant's tokens" } },
      (request, reply) => handOver(request, reply, '/discovery/v2.0/keys', 'canonical'),
    );
    scope.post<TenantPath>(
      '/:tenant/oauth2/v2.0/token',
      {
        config: { ...config, describedBody: TokenRequest },
        schema: { tags, summary: 'An access token for a client', consumes: ['application/x-www-form-urlencoded'] },
        onRequest: refuseHugeBody,
      },
      (request, reply) => handOver(request, reply, '/oauth2/v2.0/token', 'as called'),
    );
  });

  /**
   * Gives a request to the tenant's provider, which answers it. The provider tells its addresses
   * by the path that it sees: by the tenant's id in its documents, as Microsoft's do; by what the
   * client called for a token, since an assertion may name that address as its audience.
   */
  async function handOver(
    request: FastifyRequest<TenantPath>,
    reply: FastifyReply,
    url: string,
    naming: 'canonical' | 'as called',
  ) {
    const { tenant } = request.params;
    const tenantId = await findTenant(db, tenant);
    if (!tenantId) {
      return reply
        .status(400)
        .send(
          oauthError(
            'invalid_tenant',
            `There is no tenant '${tenant}' here. Check the tenant id or domain in the address.`,
          ),
        );
    }
    const handler = await providers.handlerOf(tenantId);
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value);
    }
    const basePath = new URL(config.baseUrl).pathname.replace(/\/$/, '');
    const raw = request.raw as typeof request.raw & { originalUrl?: string };
    raw.url = url;
    raw.originalUrl = `${basePath}/${naming === 'canonical' ? tenantId : encodeURIComponent(tenant)}${url}`;
    // A body that goes on after its answer isn't listened to.
    reply.raw.once('finish', () => {
      if (!request.raw.complete) request.raw.socket.destroySoon();
    });
    await handler(request.raw, reply.raw);
    return reply;
  }
}

async function refuseHugeBody(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) {
    await reply
      .status(413)
      .header('connection', 'close')
      .send(oauthError('invalid_request', 'The request is too large.'));
  }
}

function answerOAuthError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = toApiError(error);
  if (!known || known.status >= 500) request.log.error({ err: error }, 'token request failed');
  if (!known)
    return reply
      .status(500)
      .send(oauthError('server_error', 'Something went wrong on our side. The request-id finds it in the log.'));
  const code = known.status === 503 ? 'temporarily_unavailable' : 'invalid_request';
  const message = known.status === 415 ? 'The body must be application/x-www-form-urlencoded.' : known.message;
  return reply.status(known.status).headers(known.headers).send(oauthError(code, message));
}

function oauthError(error: string, description: string): object {
  return { error, error_description: description };
}
