import type { EventEmitter } from 'node:events';
import type {
  AdapterFactory,
  Client as ProviderClient,
  Configuration,
  Provider as OpenidProvider,
} from 'oidc-provider';
import type { Config } from '../../config.ts';
import { asStoreFailure, StoreUnavailable } from '../../db/failures.ts';
import type { Database } from '../../db/open.ts';
import { isSecretOf, readClient, type Client } from '../../engine/app/client.ts';
import { artifactAdapter, noteFirstUse } from './artifacts.ts';
import { clientMetadata, OWN_VIEW } from './client-metadata.ts';
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
  provider.use(async (ctx, next) => {
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
    adapter: adapterOf(db, tenantId),
    jwks: { keys: keys.map((key) => key.privateJwk) },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: [...ASSERTION_ALGORITHMS], idTokenSigningAlgValues: ['RS256'] },
    extraClientMetadata: { properties: [OWN_VIEW] },
    clientBasedCORS: () => false,
    responseTypes: [],
    scopes: ['openid'],
    ttl: { ClientCredentials: ACCESS_TOKEN_SECONDS },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => baseUrl,
        getResourceServerInfo(ctx, resource) {
          const scope = ctx.oidc.params?.['scope'];
          if (resource !== baseUrl) throw new errors.InvalidTarget();
          if (scope !== everything) {
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
        jwt(_ctx, token, jwt) {
          const client = ownView((token as unknown as { client: ProviderClient }).client);
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

function adapterOf(db: Database, tenantId: string): AdapterFactory {
  return (model) => {
    const adapter = artifactAdapter(db, tenantId, model);
    const find = model === 'Client' ? findClient : (id: string) => adapter.find(id);
    return { ...adapter, find: (id: string) => find(id).catch(sayUnavailable) };
  };

  // Read for each request, so that an app, a secret or a permission counts from the moment it is
  // written. The provider keeps what it makes of a client for as long as this answer stays the same.
  async function findClient(clientId: string) {
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
