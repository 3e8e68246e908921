import * as openid from 'openid-client';
import { EXIT_NOT_SIGNED_IN, EXIT_UNAVAILABLE } from '../exit-codes.ts';
import { ApiFailure, CommandFailure } from './failure.ts';
import type { PersonTokens } from './profiles.ts';

/** The command line itself, by which people sign in: every server knows it. */
export const COMMAND_LINE_CLIENT = 'autoclaim-cli';

/** A tenant's token endpoint, as its discovery document tells. */
export interface Issuer {
  readonly metadata: openid.ServerMetadata;
  readonly tenantId: string;
  /** What tokens are for: the server's own address, which may be another than the one it is reached at. */
  readonly baseUrl: string;
}

/**
 * Reads where a tenant's tokens come from.
 * @param tenant its id or domain; "common": the only one
 * @throws CommandFailure where nothing like Autoclaim answers there
 */
export async function findIssuer(url: string, tenant: string): Promise<Issuer> {
  const address = `${url}/${encodeURIComponent(tenant)}/v2.0/.well-known/openid-configuration`;
  const answer = await reach(url, () => fetch(address, { redirect: 'error' }));
  if (answer.status === 404) {
    throw new CommandFailure(
      tenant === 'common'
        ? `At ${url} there is not exactly one organisation. Name the one that is meant: --tenant <id or domain>.`
        : `There is no organisation ${tenant} at ${url}.`,
      EXIT_NOT_SIGNED_IN,
    );
  }
  const metadata = (await answer.json().catch(() => undefined)) as openid.ServerMetadata | undefined;
  const [, baseUrl, tenantId] = /^(.+)\/([0-9a-f-]{36})\/v2\.0$/.exec(metadata?.issuer ?? '') ?? [];
  if (!metadata || !baseUrl || !tenantId) {
    throw new CommandFailure(
      `${url} is no Autoclaim server: ${address} is not answered as one does.`,
      EXIT_UNAVAILABLE,
    );
  }
  return { metadata: reachedAt(metadata, baseUrl, url), tenantId, baseUrl };
}

/** The endpoints, at the address by which the server was reached. */
function reachedAt(metadata: openid.ServerMetadata, baseUrl: string, url: string): openid.ServerMetadata {
  const moved = Object.entries(metadata).map(([name, value]) => [
    name,
    name.endsWith('_endpoint') && typeof value === 'string' && value.startsWith(`${baseUrl}/`)
      ? url + value.slice(baseUrl.length)
      : value,
  ]);
  return Object.fromEntries(moved) as openid.ServerMetadata;
}

/** What openid-client works with. Who gives an http address has been warned (login.ts). */
function clientOf(issuer: Issuer, clientId: string, authentication: openid.ClientAuth): openid.Configuration {
  const client = new openid.Configuration(issuer.metadata, clientId, {}, authentication);
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- as a server on this machine is called
  if (issuer.metadata.token_endpoint?.startsWith('http:')) openid.allowInsecureRequests(client);
  return client;
}

/** An access token for an app that calls by itself. @throws CommandFailure where the credentials aren't taken */
export async function tokenOfClient(issuer: Issuer, clientId: string, clientSecret: string): Promise<string> {
  const client = clientOf(issuer, clientId, openid.ClientSecretPost(clientSecret));
  const scope = `${issuer.baseUrl}/.default`;
  return (await asked(issuer.baseUrl, () => openid.clientCredentialsGrant(client, { scope }))).access_token;
}

/** What a person's sign-in, or its renewal, gave. */
export type GivenTokens = Omit<PersonTokens, 'userPrincipalName'>;

/**
 * Signs a person in: they type a code in any browser and confirm there that it is theirs (RFC 8628).
 * @param show tells them where and which
 * @throws CommandFailure where they don't within the code's time, or say no
 */
export async function signInByDevice(
  issuer: Issuer,
  show: (code: openid.DeviceAuthorizationResponse) => void,
): Promise<GivenTokens> {
  const client = clientOf(issuer, COMMAND_LINE_CLIENT, openid.None());
  const scope = `openid profile offline_access ${issuer.baseUrl}/.default`;
  return asked(issuer.baseUrl, async () => {
    const begun = await openid.initiateDeviceAuthorization(client, { scope });
    show(begun);
    return given(await openid.pollDeviceAuthorizationGrant(client, begun));
  });
}

/** Renews a person's tokens. @throws CommandFailure where the session is over */
export async function renewTokens(issuer: Issuer, refreshToken: string): Promise<GivenTokens> {
  const client = clientOf(issuer, COMMAND_LINE_CLIENT, openid.None());
  return asked(issuer.baseUrl, async () => given(await openid.refreshTokenGrant(client, refreshToken), refreshToken));
}

function given(tokens: openid.TokenEndpointResponse, refreshToken = ''): GivenTokens {
  return {
    accessToken: tokens.access_token,
    expiresAt: Date.now() + (tokens.expires_in ?? 0) * 1_000,
    refreshToken: tokens.refresh_token ?? refreshToken,
  };
}

/** What an access token says that its bearer may do; the API decides by itself. */
export function permissionsIn(token: string): string[] {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { roles?: string[] };
    return claims.roles?.toSorted() ?? [];
  } catch {
    return [];
  }
}

/** Asks the token endpoint; what it refuses and that it can't be reached are told in words. */
export async function asked<T>(url: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await reach(url, ask);
  } catch (error) {
    if (error instanceof openid.ResponseBodyError) {
      const text = (error.error_description ?? error.error).replace(/\.$/, '');
      throw new CommandFailure(
        REFUSALS[error.error]?.(text) ?? `The server gives no token: ${text}.`,
        error.status >= 500 ? EXIT_UNAVAILABLE : EXIT_NOT_SIGNED_IN,
        { cause: error },
      );
    }
    throw error;
  }
}

const REFUSALS: Readonly<Record<string, (text: string) => string>> = {
  invalid_client: (text) =>
    `The server doesn't take these credentials (${text}). Is the client there, and its secret right and not expired?`,
  invalid_grant: () => 'Your sign-in is over. Sign in again: autoclaim login',
  access_denied: () => 'Nobody was signed in: it was cancelled in the browser.',
  expired_token: () => 'Nobody was signed in: the code was not typed in time.',
};

/** Does what needs the network; where it doesn't carry, that is told. */
export async function reach<T>(url: string, go: () => Promise<T>): Promise<T> {
  try {
    return await go();
  } catch (error) {
    if (error instanceof CommandFailure || error instanceof ApiFailure) throw error;
    const reason = networkReason(error);
    if (reason === undefined) throw error;
    throw new CommandFailure(`The server at ${url} can't be reached: ${reason}.`, EXIT_UNAVAILABLE, { cause: error });
  }
}

/** fetch fails with a TypeError whose cause knows more; openid-client wraps that once again. */
function networkReason(error: unknown): string | undefined {
  for (let at = error as { cause?: unknown; code?: string; message?: string } | undefined; at;) {
    const { code, message } = at;
    if (code && /^(E[A-Z]+|UND_|CERT_|DEPTH_|SELF_|UNABLE_|ERR_TLS)/.test(code))
      return REASONS[code] ?? `${code} ${message ?? ''}`.trim();
    at = at.cause as typeof at;
  }
  return error instanceof TypeError && error.message === 'fetch failed' ? error.message : undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of that name',
  ETIMEDOUT: 'it does not answer',
  ECONNRESET: 'the connection broke off',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "its certificate is self-signed; NODE_EXTRA_CA_CERTS names a file with the certificate's issuer",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate's issuer is not known here; NODE_EXTRA_CA_CERTS names a file with it",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "its certificate's issuer is not known here; NODE_EXTRA_CA_CERTS names a file with it",
};
