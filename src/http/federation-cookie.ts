import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** As long as a person may be at their provider. */
const SECONDS = 15 * 60;

/** The cookie that ties what was begun to this browser: one for each, so that two tabs don't harm each other. */
function nameOf(key: string): string {
  return `autoclaim_federation_${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
}

export function setFederationCookie(
  reply: FastifyReply,
  baseUrl: string,
  tenantId: string,
  key: string,
  browser: string,
): void {
  void reply.header('set-cookie', cookieText(baseUrl, tenantId, key, browser, SECONDS));
}

export function clearFederationCookie(reply: FastifyReply, baseUrl: string, tenantId: string, key: string): void {
  void reply.header('set-cookie', cookieText(baseUrl, tenantId, key, '', 0));
}

/** What only the browser that began it has; empty where this is another one. */
export function readFederationCookie(request: FastifyRequest, key: string): string {
  const name = nameOf(key);
  const cookies = (request.headers.cookie ?? '').split(';').map((text) => text.trim());
  return cookies.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}

function cookieText(baseUrl: string, tenantId: string, key: string, value: string, seconds: number): string {
  const path = `${new URL(`${baseUrl}/`).pathname}${tenantId}/federation`;
  // Lax: it has to come with the redirect from the provider.
  const secure = baseUrl.startsWith('https:') ? '; Secure' : '';
  return `${nameOf(key)}=${value}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
}
