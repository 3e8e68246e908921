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
import { isSecretOf, readClient } from '../../engine/app/client.ts';
import { readPerson } from '../../engine/directory/person.ts';
import { artifactAdapter, noteFirstUse } from './artifacts.ts';
import type { AppSignIns } from './app-sign-in.ts';
import { deviceSignInFeature, DEVICE_PATH, guardDevicePages } from './device-sign-in.ts';
import { clientMetadata, OWN_VIEW, ownViewOf, type Proof } from './client-metadata.ts';
import { keepOfflineAccess } from './offline-access.ts';
import { isForThisApi, ownClientMetadata } from './own-clients.ts';
import { letFormsLeadTo } from '../pages/forms-lead-to.ts';
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
  signIns: AppSignIns,
  config: Pick<Config, 'baseUrl'>,
  keys: readonly SigningKey[],
  onFault: (error: Error) => void,
): OpenidProvider {
  const { db, tenantId } = signIns;
  const provider = new Provider(issuerOf(config.baseUrl, tenantId), configuration(signIns, config.baseUrl, keys));
  provider.Client.prototype.compareClientSecret = function compareClientSecret(
    this: ProviderClient,
    presented: string,
  ) {
    return isSecretOf(ownViewOf(this)!, presented).catch(sayUnavailable);
  };
  // Its own is a read and then a write, between which the same assertion could be used again.
  Object.assign(provider.ReplayDetection, {
    unique: (issuer: string, jti: string, exp: number) =>
      noteFirstUse(db, tenantId, issuer, jti, exp - Math.floor(Date.now() / 1000)).catch(sayUnavailable),
  });
  provider.use(answerSignedOut(provider, config.baseUrl));
  provider.use(keepOfflineAccess);
  provider.use(guardDevicePages(provider, db, config.baseUrl, tenantId));
  provider.use(async (ctx, next) => {
    // Behind TLS, cookies are Secure, even where a proxy speaks plain HTTP to us.
    if (config.baseUrl.startsWith('https:')) Object.defineProperty(ctx.request, 'protocol', { value: 'https' });
    // Endpoints are told by our own address, whatever the Host header says.
    Object.defineProperty(ctx, 'href', { value: new URL(ctx.originalUrl, config.baseUrl).href });
    await next();
    if (ctx.status === 503) ctx.set('Retry-After', '1');
    letPageLeadOn(ctx);
  });
  provider.on('server_error', (_ctx, error) => onFault(error));
  // Koa's own event, unknown to the types: unheard, it would be printed to the console.
  (provider as unknown as EventEmitter).on('error', onFault);
  return provider;
}

function configuration(signIns: AppSignIns, baseUrl: string, keys: readonly SigningKey[]): Configuration {
  const { db, tenantId } = signIns;
  const everything = `${baseUrl}/.default`;
  return {
    ...peoplesConfiguration(signIns, baseUrl),
    adapter: adapterOf(signIns, baseUrl),
    jwks: { keys: keys.map((key) => key.privateJwk) },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    enabledJWA: { clientAuthSigningAlgValues: [...ASSERTION_ALGORITHMS], idTokenSigningAlgValues: ['RS256'] },
    extraClientMetadata: { properties: [OWN_VIEW] },
    // A browser sends its origin with every POST: the admin center's is our own, and an app that is a
    // page has those that its sign-ins go back to. No other page may call.
    clientBasedCORS: (_ctx, origin, client) =>
      origin === new URL(baseUrl).origin ||
      (ownViewOf(client)?.redirectUris.spa ?? []).some((uri) => new URL(uri).origin === origin),
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access'],
    ttl: { ...PEOPLES_TTL, AccessToken: ACCESS_TOKEN_SECONDS, ClientCredentials: ACCESS_TOKEN_SECONDS },
    features: {
      claimsParameter: { enabled: true, assertClaimsParameter: refuseEssentialAcr },
      clientCredentials: { enabled: true },
      deviceFlow: deviceSignInFeature(db, baseUrl, tenantId),
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: signOutFeature(db, baseUrl, tenantId),
      userinfo: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // What people use this API by gets a token for it where it asks for one; an app by which people
        // sign in never does, in their name; one that acts for itself always.
        defaultResource: (ctx, client, oneOf) =>
          oneOf || isActingForItself(ctx) || (isForThisApi(client) && scopesOf(ctx).includes(everything))
            ? baseUrl
            : [],
        useGrantedResource: () => true,
        getResourceServerInfo(ctx, resource, client) {
          const scope = ctx.oidc.params?.['scope'];
          const isOne = isActingForItself(ctx);
          if (resource !== baseUrl || !(isOne || isForThisApi(client))) throw new errors.InvalidTarget();
          if (isOne && scope !== everything) {
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
          const client = ownViewOf(provided)!;
          Object.assign(jwt.payload, {
            ver: '2.0',
            tid: tenantId,
            oid: client.objectId,
            sub: client.objectId,
            appid: client.appId,
            azp: client.appId,
            idtyp: 'app',
            // By which Microsoft's command line knows who it is.
            app_displayname: client.displayName,
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
      code_verification: DEVICE_PATH,
    },
  };
}

/** What of a token's model goes into a JWT. */
interface TokenOfProvider {
  readonly client: ProviderClient;
  readonly accountId?: string;
  readonly sessionUid?: string;
}

function adapterOf({ db, tenantId }: AppSignIns, baseUrl: string): AdapterFactory {
  return (model) => {
    const adapter = artifactAdapter(db, tenantId, model);
    const find = model === 'Client' ? findClient : (id: string) => adapter.find(id);
    return { ...adapter, find: (id: string) => find(id).catch(sayUnavailable) };
  };

  // Read for each request, so that an app, a secret or a permission counts from the moment it is
  // written. The provider keeps what it makes of a client for as long as this answer stays the same.
  async function findClient(clientId: string) {
    const own = ownClientMetadata(clientId, baseUrl, tenantId);
    if (own) return own;
    const client = await readClient(db, tenantId, clientId);
    return client && clientMetadata(clientId, client, proofOf(Provider.ctx));
  }
}

/** The provider's own pages with forms lead to the app: one that posts its code, one that signs out. */
function letPageLeadOn(ctx: Parameters<Parameters<OpenidProvider['use']>[0]>[0]): void {
  const policy = ctx.response.get('content-security-policy');
  const { redirect_uri: code, post_logout_redirect_uri: signedOut } =
    (ctx as Partial<KoaContextWithOIDC>).oidc?.params ?? {};
  const address = code ?? signedOut;
  if (policy && typeof address === 'string') ctx.set('content-security-policy', letFormsLeadTo(policy, address));
}

function proofOf(request: KoaContextWithOIDC | undefined): Proof {
  const { client_assertion: assertion, client_secret: secret } = request?.oidc.params ?? {};
  if (assertion !== undefined) return 'assertion';
  return secret !== undefined || /^basic /i.test(request?.get('authorization') ?? '') ? 'secret' : 'none';
}

/**
 * No way to sign in here has a name of its own (acr), so one that an app insists on can't be had (OpenID
 * Connect Core, 5.5.1.1); the provider would ask the person to sign in over and over.
 */
function refuseEssentialAcr(_ctx: unknown, claims: { id_token?: { acr?: { essential?: unknown } | null } }): void {
  if (claims.id_token?.acr?.essential === true) {
    throw new errors.UnmetAuthenticationRequirements('no acr can be had here');
  }
}

/** A client that acts for itself, and for no person. */
function isActingForItself(ctx: KoaContextWithOIDC): boolean {
  return ctx.oidc.params?.['grant_type'] === 'client_credentials';
}

function scopesOf(ctx: KoaContextWithOIDC): string[] {
  const scope = ctx.oidc.params?.['scope'];
  return typeof scope === 'string' ? scope.split(' ') : [];
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
