import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { findTenant } from '../engine/tenant/find-tenant.ts';
import { DEVICE_PATH } from '../signin/openid/device-sign-in.ts';
import type { OpenidProviders } from '../signin/openid/openid.ts';
import { COMMAND_LINE } from '../signin/openid/own-clients.ts';
import { claimsOf } from '../signin/openid/people.ts';
import type { AuthenticateToken } from './access.ts';
import { askForOrganisation, isAnyTenant } from './ask-for-organisation.ts';
import { toApiError } from './errors.ts';
import type { Server, ServerContext } from './server.ts';

interface TenantPath {
  Params: { tenant: string };
}

interface InteractionPath {
  Params: { tenant: string; interaction: string };
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

const DeviceCodeRequest = {
  type: 'object',
  required: ['client_id', 'scope'],
  properties: {
    client_id: { type: 'string', enum: [COMMAND_LINE] },
    scope: { type: 'string', description: 'openid, profile, and <base URL>/.default for a token for this API.' },
  },
};

/** The longest token request: a client assertion with its certificates is 8 KB. */
const BODY_BYTES_MAX = 56 * 1024;

/**
 * The OpenID Provider in Microsoft's v2.0 paths. Its answers, errors too, are OAuth's own, not the
 * envelope of the API.
 */
export async function openidRoutes(
  server: Server,
  context: ServerContext,
  providers: OpenidProviders,
  authenticate: AuthenticateToken,
): Promise<void> {
  const { db, config } = context;

  await server.register(async (scope: FastifyInstance) => {
    scope.setErrorHandler(answerOAuthError);
    // The provider reads the body itself; every other kind of body is refused before it.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/x-www-form-urlencoded', (_request, _body, done) => done(null));

    const open = { access: 'anyone' as const };
    const tags = ['Tokens'];
    scope.get<TenantPath>(
      '/:tenant/v2.0/.well-known/openid-configuration',
      { config: open, schema: { tags, summary: "The tenant's OpenID Provider: its addresses, and what it can do" } },
      (request, reply) => handOver(request, reply, '/.well-known/openid-configuration', 'canonical'),
    );
    scope.get<TenantPath>(
      '/:tenant/discovery/v2.0/keys',
      { config: open, schema: { tags, summary: "The public keys that check the tenant's tokens" } },
      (request, reply) => handOver(request, reply, '/discovery/v2.0/keys', 'canonical'),
    );
    scope.post<TenantPath>(
      '/:tenant/oauth2/v2.0/token',
      {
        config: { ...open, describedBody: TokenRequest },
        schema: { tags, summary: 'An access token for a client', consumes: ['application/x-www-form-urlencoded'] },
        onRequest: refuseHugeBody,
      },
      (request, reply) => handOver(request, reply, '/oauth2/v2.0/token', 'as called'),
    );

    // What browsers are sent to. All of it names the tenant by its id, as the cookies' paths do.
    const options = { config: open, schema: { hide: true } };
    const withBody = { ...options, onRequest: refuseHugeBody };
    scope.get<TenantPath>('/:tenant/oauth2/v2.0/authorize', options, async (request, reply) => {
      if (isAnyTenant(request.params.tenant) && (await findTenant(db, request.params.tenant)) === undefined) {
        return askForOrganisation(request, reply, db, config.baseUrl);
      }
      return handOver(request, reply, '/oauth2/v2.0/authorize', 'canonical');
    });
    scope.get<InteractionPath>('/:tenant/oauth2/v2.0/authorize/:interaction', options, (request, reply) =>
      handOver(request, reply, `/oauth2/v2.0/authorize/${encodeURIComponent(request.params.interaction)}`, 'canonical'),
    );
    for (const path of ['/oauth2/v2.0/logout', '/oauth2/v2.0/logout/success']) {
      scope.get<TenantPath>(`/:tenant${path}`, options, (request, reply) =>
        handOver(request, reply, path, 'canonical'),
      );
    }
    scope.post<TenantPath>('/:tenant/oauth2/v2.0/logout/confirm', withBody, (request, reply) =>
      handOver(request, reply, '/oauth2/v2.0/logout/confirm', 'canonical'),
    );
    scope.post<TenantPath>(
      '/:tenant/oauth2/v2.0/devicecode',
      {
        config: { ...open, describedBody: DeviceCodeRequest },
        schema: {
          tags,
          summary: 'A code by which a person signs in to the command line, in any browser',
          consumes: ['application/x-www-form-urlencoded'],
        },
        onRequest: refuseHugeBody,
      },
      (request, reply) => handOver(request, reply, '/oauth2/v2.0/devicecode', 'canonical'),
    );
    scope.get<TenantPath>(`/:tenant${DEVICE_PATH}`, options, (request, reply) =>
      handOver(request, reply, DEVICE_PATH, 'canonical'),
    );
    scope.post<TenantPath>(`/:tenant${DEVICE_PATH}`, withBody, (request, reply) =>
      handOver(request, reply, DEVICE_PATH, 'canonical'),
    );
    scope.get<InteractionPath>(`/:tenant${DEVICE_PATH}/:interaction`, options, (request, reply) =>
      handOver(request, reply, `${DEVICE_PATH}/${encodeURIComponent(request.params.interaction)}`, 'canonical'),
    );
    scope.get<TenantPath>('/:tenant/openid/userinfo', options, (request, reply) => userInfo(request, reply));
    scope.post<TenantPath>('/:tenant/openid/userinfo', withBody, (request, reply) => userInfo(request, reply));
  });

  /** A token for the API tells who it is of, as Microsoft's do; one that is for this alone is the provider's. */
  async function userInfo(request: FastifyRequest<TenantPath>, reply: FastifyReply) {
    const token = /^Bearer ([^\s]+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (!token?.includes('.')) return handOver(request, reply, '/openid/userinfo', 'canonical');
    const principal = await authenticate(token);
    const { actor, tenantId } = principal ?? {};
    if (actor?.kind !== 'user' || tenantId !== (await findTenant(db, request.params.tenant))) {
      return reply
        .status(401)
        .header('www-authenticate', 'Bearer error="invalid_token"')
        .send(oauthError('invalid_token', 'The token is none of a person who is signed in here.'));
    }
    return reply.header('cache-control', 'no-store').send(claimsOf(actor, tenantId!));
  }

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
    const query = naming === 'canonical' ? (/\?.*$/.exec(request.raw.url ?? '')?.[0] ?? '') : '';
    raw.url = url + query;
    raw.originalUrl = `${basePath}/${naming === 'canonical' ? tenantId : encodeURIComponent(tenant)}${url}${query}`;
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
