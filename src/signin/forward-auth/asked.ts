import type { IncomingHttpHeaders } from 'node:http';

/** Below this path of an app's own host its proxy leads to Autoclaim. */
export const GUARD_PATH = '/autoclaim-forward-auth';

/** Longer addresses aren't gone back to: they would not go through the sign-in's own addresses. */
const URI_LENGTH_MAX = 2_000;

/** What a browser has asked the app for, as the proxy tells it. */
export interface Asked {
  /** Scheme, host and port; undefined where the proxy doesn't say, or where it makes no sense. */
  readonly origin: string | undefined;
  /** Path and query at the app; '/' where it isn't known. */
  readonly uri: string;
  /** Whether the proxy hands any answer on to the browser (Traefik, Caddy); nginx knows 2xx, 401 and 403 alone. */
  readonly mayRedirect: boolean;
  /** Whether it is a page that a person waits for, which can be somewhere else first; no picture, no script's call. */
  readonly isNavigation: boolean;
}

/**
 * Reads X-Original-URL (nginx) or else X-Forwarded-Proto, -Host and -Uri (Traefik, Caddy).
 * @param onlyOrigin the app's origin where it has one alone, for a proxy that says nothing
 */
export function readAsked(headers: IncomingHttpHeaders, onlyOrigin: string | undefined): Asked {
  const original = textOf(headers, 'x-original-url');
  const [scheme, host] = [textOf(headers, 'x-forwarded-proto'), textOf(headers, 'x-forwarded-host')];
  const forwardedUri = textOf(headers, 'x-forwarded-uri');
  const whole = original ?? (scheme && host ? `${scheme}://${host}${forwardedUri ?? '/'}` : undefined);
  const [, base, path] = /^(https?:\/\/[^/?#\\@\s]+)(\/.*)?$/.exec(whole ?? '') ?? [];
  const origin = whole === undefined ? onlyOrigin : base === undefined ? undefined : URL.parse(base)?.origin;
  return {
    origin,
    uri: origin === undefined ? '/' : uriWithin(origin, path),
    mayRedirect: original === undefined && forwardedUri !== undefined,
    isNavigation: isNavigation(headers),
  };
}

/** A path and query that lead to this origin and to nowhere else; '/' for any other, and for our own addresses. */
export function uriWithin(origin: string, uri: string | undefined): string {
  if (uri === undefined || !uri.startsWith('/') || uri.length > URI_LENGTH_MAX) return '/';
  const url = URL.parse(origin + uri);
  if (url?.origin !== origin || url.pathname.startsWith('//') || url.pathname.startsWith(`${GUARD_PATH}/`)) return '/';
  return url.pathname + url.search;
}

/** A cookie's value; undefined where it isn't there. */
export function readCookie(headers: IncomingHttpHeaders, name: string): string | undefined {
  const cookies = (headers.cookie ?? '').split(';').map((text) => text.trim());
  return cookies.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1);
}

function isNavigation(headers: IncomingHttpHeaders): boolean {
  const mode = textOf(headers, 'sec-fetch-mode');
  return mode === undefined ? (headers.accept ?? '').includes('text/html') : mode === 'navigate';
}

function textOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
