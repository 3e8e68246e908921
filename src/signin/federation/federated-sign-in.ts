import * as oidc from 'openid-client';
import { asStoreFailure } from '../../db/failures.ts';
import type { Database } from '../../db/open.ts';
import type { Claims } from '../../engine/identity-provider/external-person.ts';
import { isCallable, type IdentityProvider } from '../../engine/identity-provider/identity-provider.ts';
import { callbackAddress } from '../pages/addresses.ts';
import { keepBegun, newKey, type BegunSignIn } from './begun-sign-ins.ts';
import { ProviderUnreachable } from './outbound.ts';
import type { ClientOf } from './provider-clients.ts';

/** Where the browser goes, and what only it has. */
export interface Begun {
  readonly address: string;
  readonly state: string;
  readonly browser: string;
}

/** What came back from a provider, checked. */
export type CameBack =
  | { readonly kind: 'claims'; readonly claims: Claims }
  /** The provider says no, or the person did. */
  | { readonly kind: 'denied'; readonly error: string }
  /** It can't be reached, or what it says isn't to be believed; the cause is for the log alone. */
  | { readonly kind: 'failed'; readonly cause: Error };

/**
 * Begins a sign-in at a provider: authorization code with PKCE, a state and a nonce.
 * @param baseUrl Autoclaim's own
 * @throws StoreUnavailable; any other Error where the provider can't be reached
 */
export async function beginAtProvider(
  { db, baseUrl, clientOf }: { readonly db: Database; readonly baseUrl: string; readonly clientOf: ClientOf },
  provider: IdentityProvider,
  ask: {
    readonly interactionId: string | undefined;
    readonly loginHint?: string | undefined;
    readonly prompt?: string | undefined;
  },
): Promise<Begun> {
  const client = await clientOf(provider);
  const endpoint = client.serverMetadata().authorization_endpoint;
  if (endpoint === undefined || !isCallable(endpoint, baseUrl)) {
    throw new ProviderUnreachable('The provider’s authorization endpoint is no https address.');
  }
  const [state, browser, nonce] = [newKey(), newKey(), newKey()];
  const codeVerifier = oidc.randomPKCECodeVerifier();
  const { tenantId, providerId } = provider;
  const begun = { providerId, interactionId: ask.interactionId, nonce, codeVerifier };
  await keepBegun(db, tenantId, state, browser, begun).catch((error: unknown) => {
    throw asStoreFailure(error);
  });
  const address = oidc.buildAuthorizationUrl(client, {
    redirect_uri: callbackAddress(baseUrl, tenantId),
    scope: scopeOf(provider),
    code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...(ask.loginHint && { login_hint: ask.loginHint }),
    ...(ask.prompt && { prompt: ask.prompt }),
  });
  return { address: address.href, state, browser };
}

function scopeOf({ kind, groupsClaim }: IdentityProvider): string {
  // Okta tells groups to who asks for them; the others by how the client is set up there.
  return kind === 'okta' && groupsClaim !== null ? 'openid profile email groups' : 'openid profile email';
}

/**
 * Redeems what a provider has sent a person back with. The issuer (RFC 9207, where told), state,
 * nonce, signature, audience and times are openid-client's to check.
 * @param query as it came
 */
export async function redeemFromProvider(
  { baseUrl, clientOf }: { readonly baseUrl: string; readonly clientOf: ClientOf },
  provider: IdentityProvider,
  begun: BegunSignIn,
  state: string,
  query: string,
): Promise<CameBack> {
  try {
    const client = await clientOf(provider);
    const address = new URL(`${callbackAddress(baseUrl, provider.tenantId)}${query}`);
    const tokens = await oidc.authorizationCodeGrant(client, address, {
      pkceCodeVerifier: begun.codeVerifier,
      expectedState: state,
      expectedNonce: begun.nonce,
      idTokenExpected: true,
    });
    const idToken = tokens.claims()!;
    const isWhole = provider.kind === 'entra' || isTold(provider, idToken);
    if (isWhole || client.serverMetadata().userinfo_endpoint === undefined) return { kind: 'claims', claims: idToken };
    const more = await oidc.fetchUserInfo(client, tokens.access_token, idToken.sub);
    return { kind: 'claims', claims: { ...more, ...idToken } };
  } catch (error) {
    if (error instanceof oidc.AuthorizationResponseError) return { kind: 'denied', error: error.error };
    return { kind: 'failed', cause: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** Whether an ID token has what is looked for; some providers tell it at the userinfo endpoint alone. */
function isTold({ groupsClaim }: IdentityProvider, claims: Claims): boolean {
  return (
    claims['email'] !== undefined &&
    claims['email_verified'] !== undefined &&
    (groupsClaim === null || claims[groupsClaim] !== undefined)
  );
}
