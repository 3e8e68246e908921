import { createHash, randomBytes } from 'node:crypto';
import type { ClientMetadata, Provider } from 'oidc-provider';

/**
 * The client of the OpenID Provider that every tenant has for the apps behind reverse proxies: who signs
 * in through it goes on to the app's host with a ticket (signin/forward-auth).
 */
export const FORWARD_AUTH = 'autoclaim-forward-auth';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Where a sign-in that was begun at an app's host is to lead. Nothing of it is secret, and nothing is believed. */
export interface GuardedSignIn {
  readonly appId: string;
  readonly origin: string;
  readonly uri: string;
  /** The hash of what the browser has at the app's host. */
  readonly browserMark: string;
}

/** Who has signed in, and in which session. */
export interface SignedInThere {
  readonly userId: string;
  readonly sessionUid: string;
}

/** Where the provider sends the browser with the code. */
export function signedInAddress(baseUrl: string, tenantId: string): string {
  return `${baseUrl}/${tenantId}/forward-auth/signed-in`;
}

/** Codes for it are taken in this very program, and by no token request: nobody knows their PKCE verifier. */
export function forwardAuthMetadata(baseUrl: string, tenantId: string): ClientMetadata {
  return {
    client_id: FORWARD_AUTH,
    client_name: 'Autoclaim forward auth',
    application_type: 'web',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: [signedInAddress(baseUrl, tenantId)],
  };
}

/** The address at which a browser signs in. @param prompt 'login': also where somebody is signed in */
export function authorizeAddress(baseUrl: string, tenantId: string, signIn: GuardedSignIn, prompt?: 'login'): string {
  const { appId, origin, uri, browserMark } = signIn;
  const state = Buffer.from(JSON.stringify([appId, origin, uri, browserMark])).toString('base64url');
  const parameters = new URLSearchParams({
    client_id: FORWARD_AUTH,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: signedInAddress(baseUrl, tenantId),
    state,
    nonce: hashOf(state),
    code_challenge: randomBytes(32).toString('base64url'),
    code_challenge_method: 'S256',
    ...(prompt && { prompt }),
  });
  return `${baseUrl}/${tenantId}/oauth2/v2.0/authorize?${parameters.toString()}`;
}

/** What a state says; undefined where it is none of ours. */
export function readState(state: string): GuardedSignIn | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(state, 'base64url').toString());
    if (!Array.isArray(parts) || parts.length !== 4 || !parts.every((part) => typeof part === 'string'))
      return undefined;
    const [appId, origin, uri, browserMark] = parts as [string, string, string, string];
    if (!GUID.test(appId)) return undefined;
    return { appId, origin, uri, browserMark };
  } catch {
    return undefined;
  }
}

/** Whose a code is, once; undefined where it was for another client, another state, is spent or too old. */
export async function takeCode(provider: Provider, code: string, state: string): Promise<SignedInThere | undefined> {
  const found = await provider.AuthorizationCode.find(code);
  if (!found?.isValid || found.clientId !== FORWARD_AUTH || found.nonce !== hashOf(state)) return undefined;
  await found.destroy();
  const { accountId, sessionUid } = found;
  return accountId !== undefined && sessionUid !== undefined ? { userId: accountId, sessionUid } : undefined;
}

/** Ties a code to its state: another's code under this state is none. */
function hashOf(state: string): string {
  return createHash('sha256').update(state).digest('base64url');
}
