// The admin center is a client of the OpenID Provider like any other: authorization code with PKCE.
// The access token lives in a variable of this page alone. A new one is got silently, by the
// session's HttpOnly cookie, when the page is loaded again or the token is about to expire.

import { ApiFailure, reach } from '../ui/api.ts';

const CLIENT_ID = 'autoclaim-admin-center';
const CALLBACK = '/auth/callback';
const PENDING_KEY = 'autoclaim.sign-in';
const TENANT_KEY = 'autoclaim.tenant';

export interface Token {
  readonly accessToken: string;
  readonly idToken: string;
  /** performance.now() when it should be replaced. */
  readonly renewAt: number;
}

interface Pending {
  readonly verifier: string;
  readonly state: string;
  readonly returnTo: string;
}

/** The tenant that the address names (?tenant=); else whichever the person turns out to be of. */
function namedTenant(): string {
  return new URLSearchParams(location.search).get('tenant') ?? 'common';
}

/** The tenant of whoever is signed in, as the provider said when they signed in. */
export function tenantName(): string {
  return localStorage.getItem(TENANT_KEY) ?? namedTenant();
}

/** With several tenants, the answer to 'common' comes from one of them, and says from which (iss). */
function rememberTenant(answer: URLSearchParams): void {
  const [, tenant] = /\/([0-9a-f-]{36})\/v2\.0$/.exec(answer.get('iss') ?? '') ?? [];
  if (tenant !== undefined) localStorage.setItem(TENANT_KEY, tenant);
}

/** Asks the provider without showing a page. @returns undefined where the person has to sign in */
export async function signInSilently(): Promise<Token | undefined> {
  const pending = { verifier: randomText(), state: randomText(), returnTo: '' };
  const response = await reach(await authorizeUrl(pending, tenantName(), 'none'), { credentials: 'same-origin' });
  // It ends at a page of ours, which isn't needed: what it was called with is the answer.
  await response.text();
  // A server that can't answer now has not said that nobody is signed in.
  if (response.status >= 500) {
    throw new ApiFailure(response.status, 'Unknown', `The server answered ${response.status}.`, undefined);
  }
  const answer = new URL(response.url).searchParams;
  const code = answer.get('code');
  if (!code || answer.get('state') !== pending.state) return undefined;
  rememberTenant(answer);
  return exchange(code, pending.verifier);
}

/** Leaves for the sign-in page; the person comes back to where they are now. */
export async function goToSignIn(): Promise<never> {
  const returnTo = location.pathname === CALLBACK ? '/' : location.pathname + location.search + location.hash;
  const pending: Pending = { verifier: randomText(), state: randomText(), returnTo };
  sessionStorage.setItem(PENDING_KEY, JSON.stringify(pending));
  location.assign(await authorizeUrl(pending, namedTenant()));
  return new Promise<never>(() => undefined);
}

/** Where the provider has sent the person back: makes a token of the code. @returns and where to go on */
export async function finishSignIn(): Promise<{ token: Token; returnTo: string } | undefined> {
  if (location.pathname !== CALLBACK) return undefined;
  const answer = new URLSearchParams(location.search);
  const pending = JSON.parse(sessionStorage.getItem(PENDING_KEY) ?? 'null') as Pending | null;
  sessionStorage.removeItem(PENDING_KEY);
  const code = answer.get('code');
  if (!code || !pending || answer.get('state') !== pending.state) return undefined;
  rememberTenant(answer);
  return { token: await exchange(code, pending.verifier), returnTo: pending.returnTo };
}

/** Whether both are of one account. */
export function isOfSamePerson(one: Token, other: Token): boolean {
  return subjectOf(one) === subjectOf(other);
}

function subjectOf({ idToken }: Token): string {
  const claims = idToken.split('.')[1] ?? '';
  return (JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/'))) as { sub: string }).sub;
}

/** Ends the session here and at the provider. */
export function goToSignOut(token: Token): void {
  const options = new URLSearchParams({
    id_token_hint: token.idToken,
    client_id: CLIENT_ID,
    post_logout_redirect_uri: `${location.origin}/`,
  });
  const address = `/${tenantName()}/oauth2/v2.0/logout?${options.toString()}`;
  localStorage.removeItem(TENANT_KEY);
  location.assign(address);
}

async function authorizeUrl({ verifier, state }: Pending, tenant: string, prompt?: 'none'): Promise<string> {
  const options = new URLSearchParams({
    client_id: CLIENT_ID,
    response_type: 'code',
    redirect_uri: location.origin + CALLBACK,
    scope: `openid profile ${location.origin}/.default`,
    state,
    code_challenge: base64Url(
      new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))),
    ),
    code_challenge_method: 'S256',
    ...(prompt && { prompt }),
  });
  return `/${tenant}/oauth2/v2.0/authorize?${options.toString()}`;
}

async function exchange(code: string, verifier: string): Promise<Token> {
  const response = await reach(`/${tenantName()}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: CLIENT_ID,
      redirect_uri: location.origin + CALLBACK,
      code,
      code_verifier: verifier,
    }),
  });
  const answer = (await response.json()) as {
    access_token?: string;
    id_token?: string;
    expires_in?: number;
    error_description?: string;
  };
  if (!answer.access_token) throw new Error(answer.error_description ?? 'Signing in did not work.');
  return {
    accessToken: answer.access_token,
    idToken: answer.id_token ?? '',
    renewAt: performance.now() + ((answer.expires_in ?? 3600) - 60) * 1000,
  };
}

function randomText(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
