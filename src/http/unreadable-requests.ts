import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError, FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, clientRequestId, errorBody } from './errors.ts';

// What is refused before there is a route to refuse it: answered in the same form as all else.

const NO_ADDRESS = new ApiError(400, 'Request_BadRequest', 'The address is not percent-encoded UTF-8.');
const ADDRESS_ERRORS: Record<string, ApiError> = {
  FST_ERR_MAX_PARAM_LENGTH: new ApiError(414, 'Request_BadRequest', 'A part of the address is too long.'),
};
const CONNECTION_ERRORS: Record<string, ApiError> = {
  ERR_HTTP_REQUEST_TIMEOUT: new ApiError(408, 'Request_BadRequest', 'The request was sent too slowly.'),
  HPE_HEADER_OVERFLOW: new ApiError(431, 'Request_BadRequest', 'The headers, address included, are too large.'),
};
const NO_HTTP = new ApiError(400, 'Request_BadRequest', 'The request is not HTTP/1.1 as it should be.');

/** The headers of an answer that no hook has seen. */
function headersOf(request: Parameters<typeof clientRequestId>[0]): Record<string, string> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'request-id': request.id,
    'client-request-id': clientRequestId(request),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'",
  };
}

/** Fastify's frameworkErrors: an address that no route can be looked up by. */
export function answerUnreadableAddress(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const known = ADDRESS_ERRORS[error.code] ?? NO_ADDRESS;
  void reply
    .status(known.status)
    .headers(headersOf(request))
    .send(JSON.stringify(errorBody(known, request)));
}

/** Node's clientError: bytes that are no request. */
export function answerUnreadableConnection(error: ConnectionError, socket: Socket): void {
  const { _httpMessage: underWay } = socket as { _httpMessage?: { headersSent?: boolean } | null };
  // An answer that has begun can't become another.
  if (!socket.writable || underWay?.headersSent) {
    socket.destroy();
    return;
  }
  const known = CONNECTION_ERRORS[error.code] ?? NO_HTTP;
  const request = { id: randomUUID(), headers: {} };
  const body = JSON.stringify(errorBody(known, request));
  const headers = { ...headersOf(request), 'content-length': Buffer.byteLength(body), connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/1.1 ${known.status} ${STATUS_CODES[known.status]}`, ...lines, '', ''].join('\r\n');
  socket.end(head + body, () => socket.destroy());
}
