import type { Selectable } from 'kysely';
import type { Permission } from '../../../contract/permission.ts';
import type { AppsTable } from '../../db/schema.ts';
import { duplicate, notFound } from '../refused.ts';
import type { TenantTransaction } from '../tenant/tenancy.ts';
import type { RedirectUris } from './redirect-uris.ts';

/** What people sign in to, and what calls the API. */
export interface App {
  /** The object id: what Graph's paths name. */
  readonly id: string;
  readonly appId: string;
  /** What it calls itself at the token endpoint: the appId, unless an operator chose another. */
  readonly clientId: string;
  readonly displayName: string;
  /** It opens for whoever holds any one of these. */
  readonly requiredServicePlanIds: readonly string[];
  readonly permissions: readonly Permission[];
  /** What happens to a person who is refused a license. */
  readonly onRefusal: 'block' | 'continue';
  /** Where its sign-ins may go back to; all empty where nobody signs in to it by OpenID Connect. */
  readonly redirectUris: RedirectUris;
  readonly createdAt: Date;
}

/** Writes a new app and takes its client id, which is unique over all tenants. */
export async function insertApp(tx: TenantTransaction, app: App): Promise<void> {
  const taken = await tx.query
    .insertInto('client_ids')
    .values({ client_id: app.clientId, tenant_id: tx.tenantId })
    .onConflict((conflict) => conflict.column('client_id').doNothing())
    .returning('client_id')
    .executeTakeFirst();
  if (!taken) throw duplicate('appId');
  await tx.query
    .insertInto('apps')
    .values({
      tenant_id: tx.tenantId,
      app_id: app.appId,
      object_id: app.id,
      client_id: app.clientId,
      display_name: app.displayName,
      required_service_plan_ids: [...app.requiredServicePlanIds],
      permissions: [...app.permissions],
      on_refusal: app.onRefusal,
      web_redirect_uris: [...app.redirectUris.web],
      spa_redirect_uris: [...app.redirectUris.spa],
      public_client_redirect_uris: [...app.redirectUris.publicClient],
      created_at: app.createdAt,
    })
    .execute();
}

/**
 * Reads an app by its object id and holds it against every other change of it, and against new
 * policies over it, until the transaction ends.
 * @throws Refused notFound
 */
export async function lockApp(tx: TenantTransaction, id: string): Promise<App> {
  const row = await tx.query
    .selectFrom('apps')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('object_id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw notFound(id);
  return appOf(row);
}

/** All apps of the tenant; there are hundreds at most. */
export async function readApps(tx: TenantTransaction): Promise<App[]> {
  const rows = await tx.query.selectFrom('apps').selectAll().where('tenant_id', '=', tx.tenantId).execute();
  return rows.map(appOf);
}

/** How the audit names an app. */
export function auditTarget(app: Pick<App, 'id' | 'displayName'>) {
  return { type: 'Application', id: app.id, name: app.displayName };
}

function appOf(row: Selectable<AppsTable>): App {
  return {
    id: row.object_id,
    appId: row.app_id,
    clientId: row.client_id,
    displayName: row.display_name,
    requiredServicePlanIds: row.required_service_plan_ids,
    permissions: row.permissions as Permission[],
    onRefusal: row.on_refusal,
    redirectUris: {
      web: row.web_redirect_uris,
      spa: row.spa_redirect_uris,
      publicClient: row.public_client_redirect_uris,
    },
    createdAt: row.created_at,
  };
}
