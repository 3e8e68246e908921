import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { letFormsLeadTo } from '../signin/pages/forms-lead-to.ts';
import { errorPage } from '../signin/pages/message-pages.ts';
import { toApiError } from './errors.ts';

/** Sign-in forms are short. */
const FORM_BYTES_MAX = 16 * 1024;

/**
 * Answers with a page that nobody keeps: it may name a person.
 * @param goesOnTo where the answer to the page's form sends the browser in the end
 */
export function answerPage(reply: FastifyReply, status: number, page: string, goesOnTo?: string): FastifyReply {
  const policy = reply.getHeader('content-security-policy');
  if (goesOnTo !== undefined && typeof policy === 'string') {
    reply.header('content-security-policy', letFormsLeadTo(policy, goesOnTo));
  }
  return reply.status(status).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(page);
}

/**
 * Makes a scope of the server one of pages: forms come in, and errors are told as pages.
 * @param pageOf the page of an error
 */
export function servePages(
  scope: FastifyInstance,
  baseUrl: string,
  pageOf = (message: string) => errorPage(baseUrl, message),
): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_BYTES_MAX },
    (_request, body, done) => done(null, new URLSearchParams(body as string)),
  );
  scope.setErrorHandler((error, request, reply) => {
    const known = toApiError(error);
    if (!known || known.status >= 500) request.log.error({ err: error }, 'page failed');
    const message = known?.message ?? 'Something went wrong on our side. Try again.';
    return answerPage(reply.headers(known?.headers ?? {}), known?.status ?? 500, pageOf(message));
  });
}

/** A field of a form; empty where it isn't there. PostgreSQL has no text with a NUL: so nobody is called so. */
export function formField(request: FastifyRequest, name: string): string {
  const value = request.body instanceof URLSearchParams ? request.body.get(name) : null;
  return value?.replaceAll('\0', '') ?? '';
}
