import { LRUCache } from 'lru-cache';
import type { Config } from '../config.ts';
import { asStoreFailure } from '../db/failures.ts';
import type { Database } from '../db/open.ts';
import { readPersonInSession } from '../engine/directory/person.ts';
import { scopesOf } from '../engine/directory/roles.ts';
import type { KeyRing } from '../signin/openid/key-ring.ts';
import type { AuthenticateToken, Principal } from './access.ts';
import { createTokenVerification, type PersonClaims } from './token-verification.ts';

/** What an app may do now; read again this often, so a removed app or permission soon stops working. */
const APP_FRESH_FOR_MS = 10_000;
const APPS_MAX = 10_000;

interface AppNow {
  readonly displayName: string;
  readonly permissions: ReadonlySet<string>;
}

/**
 * Reads access tokens. A token counts only where everything fits: signed with RS256 by one of the
 * very tenant's own keys that it claims to be of, of the type at+jwt (an ID token isn't one), with
 * that tenant's issuer, for this API, not expired; for an app that still is there, of whose
 * permissions in it those count that the app still has; or for a person whose session lasts, who
 * may do what the roles let them that they hold now.
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
  /** As whom a token's client called last, which holds while what is known of its app is the same. */
  const principals = new WeakMap<object, { readonly app: AppNow; readonly principal: Principal }>();

  return async (token) => {
    const claims = await verify(token);
    if (!claims) return undefined;
    if (claims.kind === 'person') return personNow(db, claims);
    const app = await appNow(claims.tid, claims.appid);
    if (!app) return undefined;
    const known = principals.get(claims);
    if (known?.app === app) return known.principal;
    const principal: Principal = {
      tenantId: claims.tid,
      clientId: claims.client_id,
      appId: claims.appid,
      callerId: claims.client_id,
      person: undefined,
      permissions: new Set(claims.roles.filter((role) => app.permissions.has(role))),
      actor: { kind: 'application', appId: claims.appid, displayName: app.displayName },
    };
    principals.set(claims, { app, principal });
    return principal;
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

/** As whom a token's person calls: with the roles that they hold at this moment, while their session lasts. */
async function personNow(db: Database, claims: PersonClaims): Promise<Principal | undefined> {
  const { tid, oid, sid, client_id: clientId } = claims;
  const person = await readPersonInSession(db, tid, oid, sid).catch((error: unknown) => {
    throw asStoreFailure(error);
  });
  if (!person) return undefined;
  const { userId, userPrincipalName, displayName, roleIds } = person;
  return {
    tenantId: tid,
    clientId,
    appId: clientId,
    callerId: `user:${userId}`,
    person: { userId, sessionUid: sid, roleIds },
    permissions: scopesOf(roleIds),
    actor: { kind: 'user', userId, userPrincipalName, displayName },
  };
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
