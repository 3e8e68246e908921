import { join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Server } from './server.ts';
import { WebFiles, type WebFile } from './web-files.ts';

/** Where `npm run build:web` puts the admin center. */
const BUILD = join(import.meta.dirname, '..', '..', 'web', 'dist');

/** The addresses of the admin center's pages; each has pages below it, too. */
const PAGES = [
  '/homepage',
  '/users',
  '/groups',
  '/products',
  '/licenses',
  '/reports',
  '/settings',
  '/audit',
  '/my-licenses',
];

const NOT_BUILT = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>Autoclaim</title></head>
  <body>
    <h1>The admin center is not built</h1>
    <p>Run <code>npm run build:web</code> and load this page again. (<code>npm start</code> does it by itself.)</p>
    <p>The API is there: see <a href="/docs">its reference</a>.</p>
  </body>
</html>
`;

/** A year; a changed file has another name. */
const FOREVER = 'public, max-age=31536000, immutable';

/**
 * The admin center: one page for all its addresses, and the files that it names. They are nobody's
 * secret: what a person may see, the API decides.
 *
 * The content security policy is the server's (server.ts): no script but these files. Styles are
 * 'unsafe-inline', since Fluent UI writes its rules and its popovers' places into the page as they
 * are needed; a nonce would have to be told to the page's scripts, and so keep out nobody who can
 * run one, and style attributes can have none. Nothing that people type becomes CSS.
 */
export function webRoutes(server: Server, folder = BUILD): void {
  const files = new WebFiles(folder);
  const options = { config: { access: 'anyone' as const }, schema: { hide: true } };

  const sendPage = async (request: FastifyRequest, reply: FastifyReply) => {
    const page = await files.find('index.html');
    if (!page)
      return reply.status(503).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(NOT_BUILT);
    return send(page, request, reply.header('cache-control', 'no-cache'));
  };
  const addresses = ['/', '/auth/callback', ...PAGES.flatMap((path) => [path, `${path}/*`])];
  for (const address of addresses) server.get(address, options, sendPage);

  // A mistyped address in a browser is answered by the page that says so, with its menu.
  server.addHook('onRequest', async (request, reply) => {
    if (request.is404 && isPersonsAddress(request)) return sendPage(request, reply.status(404));
    return undefined;
  });

  server.get('/assets/:file', options, async (request, reply) => {
    const file = await files.find(`assets/${(request.params as { file: string }).file}`);
    if (!file) {
      reply.callNotFound();
      return reply;
    }
    return send(file, request, reply.header('cache-control', FOREVER));
  });
  server.get('/favicon.svg', options, async (request, reply) => {
    const file = await files.find('favicon.svg');
    if (!file) {
      reply.callNotFound();
      return reply;
    }
    return send(file, request, reply.header('cache-control', 'public, max-age=86400'));
  });
}

/** Whether somebody has opened this in a browser, and not a program asked for it. */
function isPersonsAddress({ method, url, headers }: FastifyRequest): boolean {
  return (
    method === 'GET' && /\btext\/html\b/.test(headers.accept ?? '') && !/^\/(v1\.0|docs|assets|openapi)\b/.test(url)
  );
}

function send(file: WebFile, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.headers({ etag: file.etag, vary: 'accept-encoding' }).type(file.type);
  if (request.headers['if-none-match'] === file.etag) return reply.status(304).send();
  const takesGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  return takesGzip ? reply.header('content-encoding', 'gzip').send(file.gzipped) : reply.send(file.bytes);
}
