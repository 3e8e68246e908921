import type { EventEmitter } from 'node:events';
import type {
  AdapterFactory,
  Client as ProviderClient,
  Configuration,
  KoaContextWithOIDC,
  Provider as OpenidProvider,
} from 'oidc-provider';
import type { Config } from '../../config.ts';
import { asStoreFailure, StoreUnavailable } from '../../db/failures.ts';
import type { Database } from '../../db/open.ts';
import { isSecretOf, readClient, type Client } from '../../engine/app/client.ts';
import { readPerson } from '../../engine/directory/person.ts';
import { ADMIN_CENTER, adminCenterMetadata } from './admin-center.ts';
import { artifactAdapter, noteFirstUse } from './artifacts.ts';
import { clientMetadata, OWN_VIEW } from './client-metadata.ts';
import { PEOPLES_TTL, peoplesConfiguration, personsClaims } from './people.ts';
import { answerSignedOut, signOutFeature } from './sign-out.ts';
import { errors, Provider } from './oidc-provider.ts';
import type { SigningKey } from './signing-keys.ts';
import { issuerOf } from './token.ts';

/** How long an access token is good for. */
const ACCESS_TOKEN_SECONDS = 3600;
/** What a client may sign its assertions with (private_key_jwt). */
const ASSERTION_ALGORITHMS = ['RS256', 'PS256', 'ES256'] as const;

/**
 * One tenant's OpenID Provider. Its keys are its own for life: it is replaced when they change.
 * @param keys the one that signs first
 * @param onFault is told of what the client only sees as server_error
 */
export function createProvider(
  db: Database,
  config: Pick<Config, 'baseUrl'>,
  tenantId: string,
  keys: readonly SigningKey[],
  onFault: (error: Error) => void,
): OpenidProvider {
  const provider = new Provider(issuerOf(config.baseUrl, tenantId), configuration(db, config.baseUrl, tenantId, keys));
  provider.Client.prototype.compareClientSecret = function compareClientSecret(
    this: ProviderClient,
    presented: string,
  ) {
    return isSecretOf(ownView(this), presented).catch(sayUnavailable);
  };
  // Its own is a read and then a write, between which the same assertion could be used again.
  Object.assign(provider.ReplayDetection, {
    unique: (issuer: string, jti: string, exp: number) =>
      noteFirstUse(db, tenantId, issuer, jti, exp - Math.floor(Date.now() / 1000)).catch(sayUnavailable),
  });
  provider.use(answerSignedOut(provider, config.baseUrl));
  provider.use(async (ctx, next) => {
    // Behind TLS, cookies are Secure, even where a proxy speaks plain HTTP to us.
    if (config.baseUrl.startsWith('https:')) Object.defineProperty(ctx.request, 'protocol', { value: 'https' });
    // Endpoints are told by our own address, whatever the Host header says.
    Object.defineProperty(ctx, 'href', { value: new URL(ctx.originalUrl, config.baseUrl).href });
    await next();
    if (ctx.status === 503) ctx.set('Retry-After', '1');
  });
  provider.on('server_error', (_ctx, error) => onFault(error));
  // Koa's own event, unknown to the types: unheard, it would be printed to the console.
  (provider as unknown as EventEmitter).on('error', onFault);
  return provider;
}

function configuration(db: Database, baseUrl: string, tenantId: string, keys: readonly SigningKey[]): Configuration {
  const everything = `${baseUrl}/.default`;
  return {
    ...peoplesConfiguration(db, baseUrl, tenantId),
    adapter: adapterOf(db, tenantId, baseUrl),
    jwks: { keys: keys.map((key) => key.privateJwk) },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    enabledJWA: { clientAuthSigningAlgValues: [...ASSERTION_ALGORITHMS], idTokenSigningAlgValues: ['RS256'] },
    extraClientMetadata: { properties: [OWN_VIEW] },
    // A browser sends its origin with every POST: the admin center's is our own. No other page may call.
    clientBasedCORS: (_ctx, origin) => origin === new URL(baseUrl).origin,
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access'],
    ttl: { ...PEOPLES_TTL, AccessToken: ACCESS_TOKEN_SECONDS, ClientCredentials: ACCESS_TOKEN_SECONDS },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: signOutFeature(db, baseUrl, tenantId),
      userinfo: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // What a person signs in to gets a token for this API only where it asks for one.
        defaultResource: (ctx, client, oneOf) =>
          oneOf ? baseUrl : isForPeople(client) && !scopesOf(ctx).includes(everything) ? [] : baseUrl,
        useGrantedResource: () => true,
        getResourceServerInfo(ctx, resource) {
          const scope = ctx.oidc.params?.['scope'];
          if (resource !== baseUrl) throw new errors.InvalidTarget();
          if (!isForPeople(ctx.oidc.client) && scope !== everything) {
            throw new errors.InvalidScope(`scope must be ${everything}`, typeof scope === 'string' ? scope : '');
          }
          return {
            scope: everything,
            audience: baseUrl,
            accessTokenTTL: ACCESS_TOKEN_SECONDS,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256', kid: keys[0]!.keyId } },
          };
        },
      },
    },
    formats: {
      customizers: {
        async jwt(_ctx, token, jwt) {
          const { client: provided, accountId, sessionUid } = token as unknown as TokenOfProvider;
          if (accountId !== undefined) {
            const person = await readPerson(db, tenantId, accountId);
            if (!person) throw new errors.InvalidGrant('the account is blocked');
            const claims = { ...personsClaims(person, tenantId), sid: sessionUid, azp: provided.clientId };
            Object.assign(jwt.payload, claims, { ver: '2.0', appid: provided.clientId, scope: undefined });
            return;
          }
          const client = ownView(provided);
          Object.assign(jwt.payload, {
            ver: '2.0',
            tid: tenantId,
            oid: client.objectId,
            sub: client.objectId,
            appid: client.appId,
            azp: client.appId,
            idtyp: 'app',
            roles: client.permissions,
            // The scope is only how everything is asked for; what is granted are the roles.
            scope: undefined,
          });
        },
      },
    },
    routes: {
      authorization: '/oauth2/v2.0/authorize',
      token: '/oauth2/v2.0/token',
      jwks: '/discovery/v2.0/keys',
      end_session: '/oauth2/v2.0/logout',
      userinfo: '/openid/userinfo',
      device_authorization: '/oauth2/v2.0/devicecode',
    },
  };
}

/** What of a token's model goes into a JWT. */
interface TokenOfProvider {
  readonly client: ProviderClient;
  readonly accountId?: string;
  readonly sessionUid?: string;
}

function adapterOf(db: Database, tenantId: string, baseUrl: string): AdapterFactory {
  return (model) => {
    const adapter = artifactAdapter(db, tenantId, model);
    const find = model === 'Client' ? findClient : (id: string) => adapter.find(id);
    return { ...adapter, find: (id: string) => find(id).catch(sayUnavailable) };
  };

  // Read for each request, so that an app, a secret or a permission counts from the moment it is
  // written. The provider keeps what it makes of a client for as long as this answer stays the same.
  async function findClient(clientId: string) {
    if (clientId === ADMIN_CENTER) return adminCenterMetadata(baseUrl);
    const client = await readClient(db, tenantId, clientId);
    const request = Provider.ctx;
    return (
      client &&
      clientMetadata(
        clientId,
        client,
        request?.oidc.params?.['client_assertion'] === undefined ? 'secret' : 'assertion',
      )
    );
  }
}

/** A client by which people sign in; any other acts for itself. */
function isForPeople(client: ProviderClient | undefined): boolean {
  return client?.grantTypeAllowed('authorization_code') ?? false;
}

function scopesOf(ctx: KoaContextWithOIDC): string[] {
  const scope = ctx.oidc.params?.['scope'];
  return typeof scope === 'string' ? scope.split(' ') : [];
}

function ownView(client: ProviderClient): Client {
  return client[OWN_VIEW] as Client;
}

/** A store that can't answer is a 503 here too, not the provider's 500. */
function sayUnavailable(error: unknown): never {
  const failure = asStoreFailure(error);
  if (!(failure instanceof StoreUnavailable)) throw error;
  throw Object.assign(new errors.OIDCProviderError(503, 'temporarily_unavailable'), {
    expose: true,
    error_description: 'The database can not answer now. Try again.',
  });
}
