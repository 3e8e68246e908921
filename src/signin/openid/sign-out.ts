import { decodeJwt } from 'jose';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Database } from '../../db/open.ts';
import { signedOutPage, signOutPage } from '../pages/message-pages.ts';
import { adminCenterAddresses } from './admin-center.ts';

/** The end of a session, asked for by an app (RP-initiated logout). */
export const SIGN_OUT_PATH = '/oauth2/v2.0/logout';

type Context = Parameters<Parameters<Provider['use']>[0]>[0];

/**
 * At once where the ID token that comes with it is of the very person whose session it is; else
 * after a question, since any page could have sent the browser here.
 */
export function signOutFeature(db: Database, baseUrl: string, tenantId: string) {
  return {
    enabled: true,
    async logoutSource(ctx: KoaContextWithOIDC, form: string) {
      const { session, entities, provider } = ctx.oidc;
      const hint = entities.IdTokenHint as { payload: { sub?: string } } | undefined;
      if (!session || hint?.payload.sub !== session.accountId) {
        ctx.type = 'text/html; charset=utf-8';
        ctx.body = signOutPage(baseUrl, form);
        return;
      }
      const { postLogoutRedirectUri, state } = session.state as { postLogoutRedirectUri?: string; state?: string };
      // What an app may keep without a session (offline_access) isn't of this one.
      const grants = Object.values(session.authorizations ?? {})
        .filter(({ persistsLogout }) => !persistsLogout)
        .flatMap(({ grantId }) => grantId ?? []);
      await endGrants(db, tenantId, grants);
      await session.destroy();
      ctx.cookies.set(provider.cookieName('session'), null, { path: new URL(`${baseUrl}/`).pathname });
      leave(ctx, baseUrl, postLogoutRedirectUri, state);
    },
    postLogoutSuccessSource(ctx: KoaContextWithOIDC) {
      ctx.type = 'text/html; charset=utf-8';
      ctx.body = signedOutPage(baseUrl);
    },
  };
}

/** Who isn't signed in has nothing to end: they are sent on as if they had been. */
export function answerSignedOut(provider: Provider, baseUrl: string) {
  const { postLogout } = adminCenterAddresses(baseUrl);
  return async (ctx: Context, next: () => Promise<unknown>): Promise<void> => {
    if (ctx.path !== SIGN_OUT_PATH || (await provider.Session.get(ctx)).accountId) {
      await next();
      return;
    }
    const { post_logout_redirect_uri: wanted, state, client_id: clientId, id_token_hint: hint } = ctx.query;
    const address = typeof wanted === 'string' ? wanted : undefined;
    const app = typeof clientId === 'string' ? clientId : audienceOf(hint);
    const isTheirs = address !== undefined && (address === postLogout || (await mayLeaveTo(provider, app, address)));
    leave(ctx, baseUrl, isTheirs ? address : undefined, state);
  };
}

async function mayLeaveTo(provider: Provider, clientId: string | undefined, address: string): Promise<boolean> {
  const client = clientId === undefined ? undefined : await provider.Client.find(clientId);
  return client?.postLogoutRedirectUriAllowed(address) ?? false;
}

/** Whose an ID token is, as it says itself: its client's own addresses alone are open by that. */
function audienceOf(idToken: string | string[] | undefined): string | undefined {
  if (typeof idToken !== 'string') return undefined;
  try {
    const { aud } = decodeJwt(idToken);
    return [aud].flat()[0];
  } catch {
    return undefined;
  }
}

function leave(ctx: Context, baseUrl: string, address: string | undefined, state: string | string[] | undefined): void {
  if (address === undefined) {
    ctx.type = 'text/html; charset=utf-8';
    ctx.body = signedOutPage(baseUrl);
    return;
  }
  const url = new URL(address);
  if (typeof state === 'string') url.searchParams.set('state', state);
  ctx.status = 303;
  ctx.redirect(url.href);
}

async function endGrants(db: Database, tenantId: string, grants: readonly string[]): Promise<void> {
  await db.pool.query(
    `delete from openid_artifacts
      where tenant_id = $1 and (grant_id = any($2) or (model = 'Grant' and artifact_id = any($2)))`,
    [tenantId, grants],
  );
}
