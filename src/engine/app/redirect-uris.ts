import { invalid } from '../refused.ts';

/**
 * Where an app's sign-ins may go back to, by the kind of client that it is (as Graph's application
 * has them): a web app, which keeps a secret; a page in a browser; an installed program.
 */
export interface RedirectUris {
  readonly web: readonly string[];
  readonly spa: readonly string[];
  readonly publicClient: readonly string[];
}

export const NO_REDIRECT_URIS: RedirectUris = { web: [], spa: [], publicClient: [] };

export type ClientKind = keyof RedirectUris;

const KINDS: readonly ClientKind[] = ['web', 'spa', 'publicClient'];
const LOOPBACKS = new Set(['localhost', '127.0.0.1', '[::1]']);
// RFC 3986's characters: what is outside them, browsers and servers read in different ways.
const URI = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()+,;=%]+$/;
/** RFC 8252, 7.1: a program's own scheme is a domain name that its maker holds, turned around. */
const OWN_SCHEME = /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/;

/** What kind of client an app is; undefined where nobody signs in to it by OpenID Connect. */
export function clientKindOf(uris: RedirectUris): ClientKind | undefined {
  return KINDS.find((kind) => uris[kind].length > 0);
}

/**
 * Checks all redirect URIs of an app.
 * @throws Refused invalid, naming the field
 */
export function checkRedirectUris(uris: RedirectUris): void {
  const [kind, other] = KINDS.filter((one) => uris[one].length > 0);
  if (other) {
    throw invalid(
      `${other}.redirectUris`,
      `the app has redirect URIs under ${kind} already, and is one kind of client. Register another app for the other kind.`,
    );
  }
  if (!kind) return;
  uris[kind].forEach((uri, index) => {
    const field = `${kind}.redirectUris[${index}]`;
    const fault = redirectUriFault(kind, uri);
    if (fault !== undefined) throw invalid(field, fault);
    if (uris[kind].indexOf(uri) < index) throw invalid(field, `${uri} is named twice.`);
  });
}

/** What is wrong with a redirect URI; undefined where nothing is. */
export function redirectUriFault(kind: ClientKind, uri: string): string | undefined {
  if (!URI.test(uri)) return 'a redirect URI has no characters but those of a URI (RFC 3986), and no wildcard.';
  if (!URL.canParse(uri)) return `'${uri}' is no absolute URI, such as https://app.contoso.example/signed-in.`;
  if (uri.includes('#')) return 'a redirect URI has no fragment.';
  const { protocol, hostname, username, password } = new URL(uri);
  if (username || password) return 'a redirect URI has no user name or password.';
  if (protocol === 'https:') {
    return kind === 'publicClient' && LOOPBACKS.has(hostname)
      ? `a program on the same machine is called by http://${hostname}, without TLS.`
      : undefined;
  }
  if (protocol === 'http:') {
    return LOOPBACKS.has(hostname) ? undefined : 'http: is for localhost, 127.0.0.1 and [::1] alone. Use https:.';
  }
  if (kind !== 'publicClient') return `a redirect URI begins with https:, not with ${protocol}`;
  return OWN_SCHEME.test(protocol)
    ? undefined
    : `a program's own scheme is a domain name turned around, such as com.contoso.app:, not ${protocol}`;
}
