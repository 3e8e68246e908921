import { v7 as newId } from 'uuid';
import { changesBetween, recordAudit } from '../audit/audit.ts';
import { invalid } from '../refused.ts';
import { lockAllPools } from '../subscription/pools.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import { auditTarget, insertApp, lockApp, type App } from './app.ts';
import { replaceCertificates, type CertificateDraft } from './certificates.ts';
import { refuseOvergrant, type Grantor } from './grantor.ts';
import { refuseInvalidPolicies, refuseWithPolicies } from './policies-of-app.ts';
import { checkRedirectUris, NO_REDIRECT_URIS, type RedirectUris } from './redirect-uris.ts';

/** What can be written of an app; certificates are the whole list. */
export type AppDraft = Pick<App, 'displayName' | 'requiredServicePlanIds' | 'permissions' | 'onRefusal'> & {
  readonly certificates: readonly CertificateDraft[];
  /** Of each kind the whole list; the kinds that are left out stay as they are. */
  readonly redirectUris: Partial<RedirectUris>;
};

/**
 * Registers an app.
 * @param appId for those that must have a certain one (samples); a new GUID otherwise
 * @throws Refused invalid, naming the field; forbidden, for permissions that the grantor can't give
 */
export function createApp(
  tenancy: Tenancy,
  draft: Pick<AppDraft, 'displayName'> & Partial<AppDraft>,
  grantor: Grantor,
  appId: string = newId(),
): Promise<App> {
  return inTenant(tenancy, async (tx) => {
    const app: App = {
      id: newId(),
      appId,
      clientId: appId,
      displayName: draft.displayName,
      requiredServicePlanIds: lowerCased(draft.requiredServicePlanIds ?? []),
      permissions: distinct(draft.permissions ?? []),
      onRefusal: draft.onRefusal ?? 'block',
      redirectUris: { ...NO_REDIRECT_URIS, ...draft.redirectUris },
      createdAt: tx.now,
    };
    checkRedirectUris(app.redirectUris);
    await checkRequiredPlans(tx, app.requiredServicePlanIds, []);
    await refuseOvergrant(tx, grantor, app.permissions);
    await insertApp(tx, app);
    await recordAudit(tx, [
      {
        category: 'ApplicationManagement',
        activity: 'Add application',
        operation: 'Add',
        target: auditTarget(app),
        changes: changesBetween({}, audited(app)),
      },
    ]);
    await replaceCertificates(tx, app, draft.certificates ?? []);
    return app;
  });
}

/**
 * Changes an app.
 * @throws Refused notFound; invalid, naming the field, or the policies that couldn't stand
 *   afterwards; forbidden, for permissions that the grantor can't give
 */
export function updateApp(tenancy: Tenancy, id: string, patch: Partial<AppDraft>, grantor: Grantor): Promise<App> {
  return inTenant(tenancy, async (tx) => {
    // Claims decide by the required plans: none may be in flight while they change.
    if (patch.requiredServicePlanIds) await lockAllPools(tx);
    const before = await lockApp(tx, id);
    const after: App = {
      ...before,
      displayName: patch.displayName ?? before.displayName,
      requiredServicePlanIds: lowerCased(patch.requiredServicePlanIds ?? before.requiredServicePlanIds),
      permissions: distinct(patch.permissions ?? before.permissions),
      onRefusal: patch.onRefusal ?? before.onRefusal,
      redirectUris: { ...before.redirectUris, ...patch.redirectUris },
    };
    if (patch.redirectUris) checkRedirectUris(after.redirectUris);
    if (patch.requiredServicePlanIds) {
      await checkRequiredPlans(tx, after.requiredServicePlanIds, before.requiredServicePlanIds);
      await refuseInvalidPolicies(tx, before.appId, after.requiredServicePlanIds);
    }
    // What it had already isn't given now; new credentials are.
    const isGiven = patch.certificates
      ? after.permissions
      : after.permissions.filter((permission) => !before.permissions.includes(permission));
    await refuseOvergrant(tx, grantor, isGiven);
    await writeChanges(tx, before, after);
    if (patch.certificates) await replaceCertificates(tx, after, patch.certificates);
    return after;
  });
}

/**
 * Deletes an app. Who holds a license that was claimed for it keeps it; its tokens end within seconds.
 * @throws Refused notFound; invalid, where it has policies, naming them
 */
export function deleteApp(tenancy: Tenancy, id: string): Promise<void> {
  return inTenant(tenancy, async (tx) => {
    await lockAllPools(tx);
    const app = await lockApp(tx, id);
    await refuseWithPolicies(tx, app.appId);
    await tx.query.deleteFrom('apps').where('tenant_id', '=', tx.tenantId).where('app_id', '=', app.appId).execute();
    await tx.query
      .deleteFrom('client_ids')
      .where('client_id', '=', app.clientId)
      .where('tenant_id', '=', tx.tenantId)
      .execute();
    await recordAudit(tx, [
      {
        category: 'ApplicationManagement',
        activity: 'Delete application',
        operation: 'Delete',
        target: auditTarget(app),
        changes: changesBetween(audited(app), null),
      },
    ]);
  });
}

async function writeChanges(tx: TenantTransaction, before: App, after: App): Promise<void> {
  const changes = changesBetween(audited(before), audited(after));
  if (changes.length === 0) return;
  await tx.query
    .updateTable('apps')
    .set({
      display_name: after.displayName,
      required_service_plan_ids: [...after.requiredServicePlanIds],
      permissions: [...after.permissions],
      on_refusal: after.onRefusal,
      web_redirect_uris: [...after.redirectUris.web],
      spa_redirect_uris: [...after.redirectUris.spa],
      public_client_redirect_uris: [...after.redirectUris.publicClient],
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('app_id', '=', after.appId)
    .execute();
  await recordAudit(tx, [
    {
      category: 'ApplicationManagement',
      activity: 'Update application',
      operation: 'Update',
      target: auditTarget(after),
      changes,
    },
  ]);
}

/**
 * Required plans must be in the catalogue, each once. Those that the app requires already may have
 * left the catalogue since.
 */
async function checkRequiredPlans(
  tx: TenantTransaction,
  planIds: readonly string[],
  known: readonly string[],
): Promise<void> {
  const repeated = planIds.findIndex((id, index) => planIds.indexOf(id) < index);
  if (repeated >= 0)
    throw invalid(`requiredServicePlanIds[${repeated}]`, `service plan ${planIds[repeated]} is named twice.`);
  const { rows } = await tx.client.query<{ service_plan_id: string }>(
    'select distinct service_plan_id from product_plans where tenant_id = $1 and service_plan_id = any($2::uuid[])',
    [tx.tenantId, planIds],
  );
  const found = new Set([...known, ...rows.map((row) => row.service_plan_id)]);
  const missing = planIds.findIndex((id) => !found.has(id));
  if (missing >= 0)
    throw invalid(
      `requiredServicePlanIds[${missing}]`,
      `no product of the catalogue has the service plan ${planIds[missing]}.`,
    );
}

function audited(app: App): Record<string, unknown> {
  const { displayName, requiredServicePlanIds, permissions, onRefusal, redirectUris } = app;
  const { web, spa, publicClient } = redirectUris;
  return {
    displayName,
    requiredServicePlanIds,
    permissions,
    onRefusal,
    'web.redirectUris': web,
    'spa.redirectUris': spa,
    'publicClient.redirectUris': publicClient,
  };
}

function lowerCased(ids: readonly string[]): string[] {
  return ids.map((id) => id.toLowerCase());
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
