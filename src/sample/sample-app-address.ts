import { CLIENT_ID } from '../../sample-app/client-id.ts';
import type { Database } from '../db/open.ts';
import { redirectUriFault } from '../engine/app/redirect-uris.ts';
import { updateApp } from '../engine/app/write-app.ts';
import { SYSTEM } from '../engine/tenant/tenant.ts';

/**
 * Lets sign-ins go back to the sample app where it is now: on every start, since the server's address may be
 * another one. An app that an administrator has made another kind of client, or has deleted, stays so.
 */
export async function ensureSampleAppAddress(db: Database, tenantId: string, baseUrl: string): Promise<void> {
  const app = await db.query
    .selectFrom('apps')
    .select(['object_id', 'web_redirect_uris', 'spa_redirect_uris', 'public_client_redirect_uris'])
    .where('tenant_id', '=', tenantId)
    .where('app_id', '=', CLIENT_ID)
    .executeTakeFirst();
  if (!app || app.web_redirect_uris.length > 0 || app.public_client_redirect_uris.length > 0) return;
  const spa = app.spa_redirect_uris;
  const missing = [`${baseUrl}/sample-app/callback`, `${baseUrl}/sample-app/`].filter(
    (uri) => !spa.includes(uri) && redirectUriFault('spa', uri) === undefined,
  );
  if (missing.length === 0) return;
  const tenancy = { db, tenantId, actor: SYSTEM, correlationId: null };
  await updateApp(tenancy, app.object_id, { redirectUris: { spa: [...spa, ...missing] } }, { permissions: new Set() });
}
