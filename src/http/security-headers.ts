import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/**
 * What browsers are told with every answer. They are the same for all, so helmet makes them once:
 * made for each request they were a tenth of what a request costs.
 */
export function securityHeaders(isHttps: boolean): Readonly<Record<string, string>> {
  const makeHeaders = helmet({
    contentSecurityPolicy: {
      directives: {
        'script-src': ["'self'"],
        'style-src': ["'self'", "'unsafe-inline'"],
        'font-src': ["'self'", 'data:'],
        // Over plain HTTP, browsers would ask for the pages' own files by https.
        ...(!isHttps && { 'upgrade-insecure-requests': null }),
      },
    },
    // For this host alone: whoever runs Autoclaim doesn't speak for the hosts below it.
    hsts: isHttps && { includeSubDomains: false },
  });
  const headers: Record<string, string> = {};
  // As much of a request and of an answer as helmet looks at.
  const [request, answer]: unknown[] = [
    {},
    {
      setHeader(name: string, value: string) {
        headers[name.toLowerCase()] = value;
      },
      removeHeader() {},
    },
  ];
  makeHeaders(request as IncomingMessage, answer as ServerResponse, (error) => {
    if (error) throw error as Error;
  });
  return Object.freeze(headers);
}
