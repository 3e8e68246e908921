import type { Provider } from 'oidc-provider';

type Context = Parameters<Parameters<Provider['use']>[0]>[0];

/** Lets the provider see another query than the one that came. */
export function rewriteQuery(ctx: Context, query: Context['query']): void {
  // Its own addresses the provider tells by what the whole address has more than the part it sees.
  const request = ctx.req as typeof ctx.req & { originalUrl: string };
  const mount = request.originalUrl.slice(0, -ctx.url.length);
  ctx.query = query;
  request.originalUrl = mount + ctx.url;
}
