import { v7 as newId } from 'uuid';
import { PERMISSIONS, type Permission } from '../../../contract/permission.ts';
import type { Database } from '../../db/open.ts';
import { recordAudit } from '../audit/audit.ts';
import { invalid } from '../refused.ts';
import { firstTenant } from '../tenant/create-tenant.ts';
import { inTenant, type TenantTransaction } from '../tenant/tenancy.ts';
import { SYSTEM } from '../tenant/tenant.ts';
import { auditTarget, insertApp, type App } from './app.ts';
import { insertSecret, yearsAfter } from './passwords.ts';
import { NO_REDIRECT_URIS } from './redirect-uris.ts';
import { generateSecret, keepChosen, keepGenerated, matchesSecret, type KeptSecret } from './secret.ts';

/** What a client proves itself with. The secret can't be read again later. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Secrets that Autoclaim hands out at the start are good for two years, as at Microsoft at most. */
const FIRST_SECRET_YEARS = 2;
/** An operator's own secret ends when the operator takes it away. */
const NEVER = new Date('9999-12-31T23:59:59Z');
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PRINTABLE = /^[\x20-\x7e]{1,200}$/;

/** Makes a client with every permission that the tenant's clients may have, for a newcomer. */
export function createFirstClient(db: Database, tenantId: string): Promise<Credentials> {
  return inTenant({ db, tenantId, actor: SYSTEM, correlationId: null }, addFirstClient);
}

/** The same, inside a transaction of the tenant. */
export async function addFirstClient(tx: TenantTransaction): Promise<Credentials> {
  const secret = generateSecret();
  const app = await addFullClient(tx, newId(), 'First client');
  await insertSecret(tx, app.appId, {
    ...keepGenerated(secret),
    keyId: newId(),
    displayName: 'First secret',
    startsAt: tx.now,
    endsAt: yearsAfter(tx.now, FIRST_SECRET_YEARS),
  });
  return { clientId: app.clientId, clientSecret: secret };
}

/**
 * The client that an operator named in the settings, with every permission. On a restart with
 * another secret, the new one counts alone.
 */
export async function ensureBootstrapClient(
  db: Database,
  tenantId: string,
  given: { id: string; secret: string },
): Promise<void> {
  if (!PRINTABLE.test(given.id))
    throw invalid('AUTOCLAIM_BOOTSTRAP_CLIENT_ID', 'must be 1 to 200 printable ASCII characters');
  const clientId = GUID.test(given.id) ? given.id.toLowerCase() : given.id;
  const kept = await keepChosen(given.secret);
  await inTenant({ db, tenantId, actor: SYSTEM, correlationId: null }, async (tx) => {
    await tx.client.query('select 1 from tenants where tenant_id = $1 for no key update', [tenantId]);
    const existing = await tx.query
      .selectFrom('apps')
      .select(['app_id as appId', 'object_id as id', 'display_name as displayName', 'permissions'])
      .where('tenant_id', '=', tenantId)
      .where('client_id', '=', clientId)
      .executeTakeFirst();
    const app = existing ?? (await addFullClient(tx, clientId, 'Bootstrap client'));
    await grantEverything(tx, app);
    await replaceSecret(tx, app, given.secret, kept);
  });
}

type BootstrapApp = Pick<App, 'appId' | 'id' | 'displayName'> & { readonly permissions: readonly string[] };

async function addFullClient(tx: TenantTransaction, clientId: string, displayName: string): Promise<App> {
  const app: App = {
    id: newId(),
    appId: GUID.test(clientId) ? clientId : newId(),
    clientId,
    displayName,
    requiredServicePlanIds: [],
    permissions: await allPermissions(tx),
    onRefusal: 'block',
    redirectUris: NO_REDIRECT_URIS,
    createdAt: tx.now,
  };
  await insertApp(tx, app);
  await recordAudit(tx, [
    {
      category: 'ApplicationManagement',
      activity: 'Add application',
      operation: 'Add',
      target: auditTarget(app),
      changes: [{ name: 'permissions', before: null, after: app.permissions }],
    },
  ]);
  return app;
}

/** Every permission; Tenant.Create only in the first tenant. */
async function allPermissions(tx: TenantTransaction): Promise<Permission[]> {
  const isFirst = (await firstTenant(tx.client)) === tx.tenantId;
  return PERMISSIONS.filter((permission) => isFirst || permission !== 'Tenant.Create');
}

async function grantEverything(tx: TenantTransaction, app: BootstrapApp): Promise<void> {
  const permissions = await allPermissions(tx);
  if (permissions.every((permission) => app.permissions.includes(permission))) return;
  await tx.query
    .updateTable('apps')
    .set({ permissions })
    .where('tenant_id', '=', tx.tenantId)
    .where('app_id', '=', app.appId)
    .execute();
  await recordAudit(tx, [
    {
      category: 'ApplicationManagement',
      activity: 'Update application',
      operation: 'Update',
      target: auditTarget(app),
      changes: [{ name: 'permissions', before: app.permissions, after: permissions }],
    },
  ]);
}

async function replaceSecret(
  tx: TenantTransaction,
  app: BootstrapApp,
  secret: string,
  kept: KeptSecret,
): Promise<void> {
  const existing = await tx.query
    .selectFrom('app_secrets')
    .select(['key_id', 'secret_hash'])
    .where('tenant_id', '=', tx.tenantId)
    .where('app_id', '=', app.appId)
    .execute();
  if (existing.length === 1 && (await matchesSecret(secret, existing[0]!.secret_hash))) return;
  await tx.query
    .deleteFrom('app_secrets')
    .where('tenant_id', '=', tx.tenantId)
    .where('app_id', '=', app.appId)
    .execute();
  const keyId = newId();
  await insertSecret(tx, app.appId, {
    ...kept,
    keyId,
    displayName: 'From the settings',
    startsAt: tx.now,
    endsAt: NEVER,
  });
  await recordAudit(tx, [
    {
      category: 'ApplicationManagement',
      activity: 'Replace application passwords',
      operation: 'Update',
      target: auditTarget(app),
      details: { keyId },
    },
  ]);
}
