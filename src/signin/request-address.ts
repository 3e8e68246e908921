import type { IncomingMessage } from 'node:http';

/**
 * The network address that a request comes from. Where it came through a proxy on this machine,
 * the one that the proxy saw: the last that was added, since whoever calls may write the others.
 */
export function addressOf(request: Pick<IncomingMessage, 'socket' | 'headers'>): string {
  const peer = request.socket.remoteAddress ?? '';
  const isLocal = /^(127\.|::1$|::ffff:127\.)/.test(peer);
  const forwarded = [request.headers['x-forwarded-for']].flat().join(',').split(',').at(-1)?.trim();
  return isLocal && forwarded ? forwarded.slice(0, 64) : peer;
}
