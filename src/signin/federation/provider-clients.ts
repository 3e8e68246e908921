import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import * as oidc from 'openid-client';
import type { IdentityProvider } from '../../engine/identity-provider/identity-provider.ts';
import { createFetch } from './outbound.ts';

/** How long a discovery document is used again; keys are asked for anew where a token names one that isn't known. */
const DISCOVERED_FOR_MS = 10 * 60_000;
const PROVIDERS_MAX = 500;
const ANSWER_WITHIN_SECONDS = 5;
/** How far a provider's clock may be off. */
const CLOCK_TOLERANCE_SECONDS = 60;

/** Autoclaim as a client of an identity provider, its addresses found by discovery. */
export type ClientOf = (provider: IdentityProvider) => Promise<oidc.Configuration>;

/** @param baseUrl Autoclaim's own */
export function createProviderClients(baseUrl: string): ClientOf {
  const send = createFetch(baseUrl);
  const kept = new LRUCache<string, Promise<oidc.Configuration>>({ max: PROVIDERS_MAX, ttl: DISCOVERED_FOR_MS });
  return async (provider) => {
    const key = keyOf(provider);
    const known = kept.get(key);
    if (known) return known;
    const found = discover(provider, send);
    kept.set(key, found);
    try {
      return await found;
    } catch (error) {
      // What failed is tried again by the next person.
      if (kept.get(key) === found) kept.delete(key);
      throw error;
    }
  };
}

/** Another secret or client id is another client. */
function keyOf({ tenantId, providerId, issuer, clientId, clientSecret }: IdentityProvider): string {
  const parts = JSON.stringify([tenantId, providerId, issuer, clientId, clientSecret]);
  return createHash('sha256').update(parts).digest('base64url');
}

async function discover(
  { issuer, clientId, clientSecret }: IdentityProvider,
  send: ReturnType<typeof createFetch>,
): Promise<oidc.Configuration> {
  const configuration = await oidc.discovery(
    new URL(issuer),
    clientId,
    { client_secret: clientSecret, [oidc.clockTolerance]: CLOCK_TOLERANCE_SECONDS },
    authenticationOf(clientSecret),
    {
      [oidc.customFetch]: send,
      timeout: ANSWER_WITHIN_SECONDS,
      // Only for an issuer that may have it (outbound.ts).
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- for development and tests
      execute: issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [],
    },
  );
  configuration.timeout = ANSWER_WITHIN_SECONDS;
  // Without, an ID token from the token endpoint is believed for the connection's sake.
  oidc.enableNonRepudiationChecks(configuration);
  return configuration;
}

/** As the provider can take it; RFC 8414 has Basic where it says nothing. */
function authenticationOf(clientSecret: string): oidc.ClientAuth {
  const [basic, post] = [oidc.ClientSecretBasic(clientSecret), oidc.ClientSecretPost(clientSecret)];
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const chosen = methods.includes('client_secret_basic') ? basic : post;
    chosen(server, client, body, headers);
  };
}
