import type { Provider } from 'oidc-provider';
import { ADMIN_CENTER } from './admin-center.ts';
import { rewriteQuery } from './rewritten-query.ts';

/** Where the provider's requests for a code come in. */
export const AUTHORIZE_PATH = '/oauth2/v2.0/authorize';

type Middleware = Parameters<Provider['use']>[0];

/**
 * The provider drops offline_access of whoever isn't asked for consent (OpenID Connect Core, 11).
 * Here the organisation has consented for all, as at Microsoft, so an app that asks for a refresh
 * token gets one without asking the person.
 */
export const keepOfflineAccess: Middleware = async (ctx, next) => {
  const { scope, prompt, client_id: clientId } = ctx.query;
  const isAsked = ctx.path === AUTHORIZE_PATH && clientId !== ADMIN_CENTER && typeof scope === 'string';
  if (isAsked && scope.split(' ').includes('offline_access') && !Array.isArray(prompt)) {
    const prompts = prompt?.split(' ') ?? [];
    if (!prompts.includes('none') && !prompts.includes('consent')) {
      rewriteQuery(ctx, { ...ctx.query, prompt: [...prompts, 'consent'].join(' ') });
    }
  }
  await next();
};
