import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/**
 * The headers that tell browsers what no answer of ours may do. Helmet makes them once: they are the
 * same for every answer, and making them anew was a tenth of what an answer cost.
 */
export function securityHeaders(baseUrl: string): Readonly<Record<string, string>> {
  const isHttps = baseUrl.startsWith('https:');
  const middleware = helmet({
    contentSecurityPolicy: {
      directives: {
        'script-src': ["'self'"],
        'style-src': ["'self'", "'unsafe-inline'"],
        'font-src': ["'self'", 'data:'],
        // Nobody shows these pages inside their own.
        'frame-ancestors': ["'none'"],
        // Over plain HTTP, browsers would ask for the pages' own files by https.
        ...(!isHttps && { 'upgrade-insecure-requests': null }),
      },
    },
    // For this host alone: whoever runs Autoclaim doesn't speak for the hosts below it.
    xFrameOptions: { action: 'deny' },
    hsts: isHttps && { includeSubDomains: false },
  });
  const headers: Record<string, string> = {};
  const answer = {
    setHeader: (name: string, value: string) => (headers[name.toLowerCase()] = value),
    removeHeader: () => undefined,
  };
  middleware(undefined as unknown as IncomingMessage, answer as unknown as ServerResponse, (error) => {
    if (error) throw error;
  });
  // A Helmet that took its time would leave them out.
  if (!headers['content-security-policy']) throw new Error('Helmet has not made its headers at once.');
  return headers;
}
