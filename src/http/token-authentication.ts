import { LRUCache } from 'lru-cache';
import type { Config } from '../config.ts';
import { asStoreFailure } from '../db/failures.ts';
import type { Database } from '../db/open.ts';
import type { KeyRing } from '../signin/openid/key-ring.ts';
import type { AuthenticateToken, Principal } from './access.ts';
import { createTokenVerification } from './token-verification.ts';

/** What an app may do now; read again this often, so a removed app or permission soon stops working. */
const APP_FRESH_FOR_MS = 10_000;
const APPS_MAX = 10_000;

interface AppNow {
  readonly displayName: string;
  readonly permissions: ReadonlySet<string>;
}

/**
 * Reads access tokens. A token counts only where everything fits (token-verification.ts), for an
 * app that still is there. Of the permissions in it, those count that the app still has.
 */
export function createTokenAuthentication(
  db: Database,
  config: Pick<Config, 'baseUrl'>,
  keyRing: KeyRing,
): AuthenticateToken {
  const apps = new LRUCache<string, { readonly app: Promise<AppNow | undefined> }>({
    max: APPS_MAX,
    ttl: APP_FRESH_FOR_MS,
  });

  const verify = createTokenVerification(config.baseUrl, keyRing);

  return async (token) => {
    const claims = await verify(token);
    if (!claims) return undefined;
    const app = await appNow(claims.tid, claims.appid);
    if (!app) return undefined;
    return {
      tenantId: claims.tid,
      clientId: claims.client_id,
      appId: claims.appid,
      permissions: new Set(claims.roles.filter((role) => app.permissions.has(role))),
      actor: { kind: 'application', appId: claims.appid, displayName: app.displayName },
    } satisfies Principal;
  };

  function appNow(tenantId: string, appId: string): Promise<AppNow | undefined> {
    const key = `${tenantId}/${appId}`;
    const held = apps.get(key);
    if (held) return held.app;
    const app = readApp(db, tenantId, appId);
    apps.set(key, { app });
    app.catch(() => apps.delete(key));
    return app;
  }
}

async function readApp(db: Database, tenantId: string, appId: string): Promise<AppNow | undefined> {
  const { rows } = await db.pool
    .query<{ display_name: string; permissions: string[] }>(
      'select display_name, permissions from apps where tenant_id = $1 and app_id = $2',
      [tenantId, appId],
    )
    .catch((error: unknown) => {
      throw asStoreFailure(error);
    });
  const row = rows[0];
  return row && { displayName: row.display_name, permissions: new Set(row.permissions) };
}
