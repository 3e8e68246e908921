import { v7 as newId } from 'uuid';
import type { HookKind } from '../../../contract/sign-in-hook.ts';
import { generateSecret, keepGenerated } from '../app/secret.ts';
import { changesBetween, recordAudit, type AuditEntry } from '../audit/audit.ts';
import { invalid, notFound } from '../refused.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import { auditedHook, checkHook, hookOf, namesOf, type Hook, type HookValues } from './hook.ts';

/** Each list shows them all; a provider needs one. */
const HOOKS_MAX = 50;

/** A hook and the secret that is shown this once; null where the provider needs none. */
export interface HookWithSecret {
  readonly hookId: string;
  readonly kind: HookKind;
  readonly secretText: string | null;
}

/**
 * Adds a hook.
 * @throws Refused invalid, naming the field
 */
export function createHook(tenancy: Tenancy, kind: HookKind, values: HookValues): Promise<HookWithSecret> {
  checkHook(kind, values);
  return inTenant(tenancy, async (tx) => {
    const { rows } = await tx.client.query<{ count: number }>(
      'select count(*) as count from sign_in_hooks where tenant_id = $1',
      [tx.tenantId],
    );
    if (rows[0]!.count >= HOOKS_MAX) throw invalid('kind', `there are ${HOOKS_MAX} hooks, as many as there may be.`);
    await checkApps(tx, values);
    const { secretText, ...kept } = newSecret(kind);
    const hook: Hook = { ...values, ...kept, tenantId: tx.tenantId, hookId: newId(), kind };
    await tx.query
      .insertInto('sign_in_hooks')
      .values({
        ...columns(hook),
        tenant_id: tx.tenantId,
        hook_id: hook.hookId,
        kind,
        created_at: tx.now,
        secret_hint: kept.secretHint,
      })
      .execute();
    await insertNames(tx, hook);
    const changes = changesBetween({}, { kind, ...auditedHook(hook) });
    await recordAudit(tx, [entry(hook, 'Add sign-in hook', 'Add', { changes })]);
    return { hookId: hook.hookId, kind, secretText };
  });
}

/**
 * Changes a hook.
 * @throws Refused notFound; invalid, naming the field
 */
export function updateHook(tenancy: Tenancy, hookId: string, patch: Partial<HookValues>): Promise<void> {
  return inTenant(tenancy, async (tx) => {
    const before = await lockHook(tx, hookId);
    const after = { ...before, ...patch };
    checkHook(before.kind, after);
    await checkApps(tx, after);
    const changes = changesBetween({ ...auditedHook(before) }, { ...auditedHook(after) });
    if (changes.length === 0) return;
    await writeHook(tx, after);
    await recordAudit(tx, [entry(after, 'Update sign-in hook', 'Update', { changes })]);
  });
}

/**
 * Gives a hook another secret; the one before opens nothing any more, a few seconds later at most.
 * @throws Refused notFound; invalid, where the provider needs no secret
 */
export function rotateHookSecret(tenancy: Tenancy, hookId: string): Promise<HookWithSecret> {
  return inTenant(tenancy, async (tx) => {
    const before = await lockHook(tx, hookId);
    if (before.kind === 'entra') throw invalid('kind', 'Entra ID proves itself by its own tokens: there is no secret.');
    const { secretText, secretHint, ...kept } = newSecret(before.kind);
    const after = { ...before, ...kept };
    await writeHook(tx, after, secretHint);
    await recordAudit(tx, [entry(after, 'Rotate secret of sign-in hook', 'Update', {})]);
    return { hookId: after.hookId, kind: after.kind, secretText };
  });
}

/** @throws Refused notFound */
export function deleteHook(tenancy: Tenancy, hookId: string): Promise<void> {
  return inTenant(tenancy, async (tx) => {
    const hook = await lockHook(tx, hookId);
    await tx.query
      .deleteFrom('sign_in_hooks')
      .where('tenant_id', '=', tx.tenantId)
      .where('hook_id', '=', hook.hookId)
      .execute();
    await deleteNames(tx, hook);
    const changes = changesBetween({ kind: hook.kind, ...auditedHook(hook) }, null);
    await recordAudit(tx, [entry(hook, 'Delete sign-in hook', 'Delete', { changes })]);
  });
}

async function lockHook(tx: TenantTransaction, hookId: string): Promise<Hook> {
  const row = await tx.query
    .selectFrom('sign_in_hooks')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('hook_id', '=', hookId)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw notFound(hookId);
  return hookOf(row);
}

async function writeHook(tx: TenantTransaction, hook: Hook, secretHint?: string | null): Promise<void> {
  await tx.query
    .updateTable('sign_in_hooks')
    .set({ ...columns(hook), ...(secretHint !== undefined && { secret_hint: secretHint }) })
    .where('tenant_id', '=', tx.tenantId)
    .where('hook_id', '=', hook.hookId)
    .execute();
  await deleteNames(tx, hook);
  await insertNames(tx, hook);
}

async function insertNames(tx: TenantTransaction, hook: Hook): Promise<void> {
  const rows = namesOf(hook).map((name) => ({ name, hook_id: hook.hookId, tenant_id: tx.tenantId }));
  await tx.query.insertInto('sign_in_hook_names').values(rows).execute();
}

async function deleteNames(tx: TenantTransaction, { hookId }: Hook): Promise<void> {
  await tx.query
    .deleteFrom('sign_in_hook_names')
    .where('tenant_id', '=', tx.tenantId)
    .where('hook_id', '=', hookId)
    .execute();
}

/** The apps have to be the tenant's: another's is one that isn't there. */
async function checkApps(tx: TenantTransaction, { apps }: HookValues): Promise<void> {
  if (apps.length === 0) return;
  const { rows } = await tx.client.query<{ app_id: string }>(
    'select app_id from apps where tenant_id = $1 and app_id = any($2::uuid[])',
    [tx.tenantId, apps.map(({ appId }) => appId)],
  );
  const there = new Set(rows.map((row) => row.app_id));
  apps.forEach(({ appId }, index) => {
    if (!there.has(appId)) throw invalid(`apps[${index}].appId`, `there is no app ${appId}.`);
  });
}

function newSecret(kind: HookKind) {
  if (kind === 'entra') return { secretText: null, secretHash: null, hmacKey: null, secretHint: null };
  const secretText = generateSecret();
  const { hash, hint } = keepGenerated(secretText);
  return kind === 'keycloak'
    ? { secretText, secretHash: null, hmacKey: secretText, secretHint: hint }
    : { secretText, secretHash: hash, hmacKey: null, secretHint: hint };
}

function columns(hook: Hook) {
  return {
    display_name: hook.displayName,
    is_enabled: hook.isEnabled,
    on_refusal: hook.onRefusal,
    secret_hash: hook.secretHash,
    hmac_key: hook.hmacKey,
    entra_tenant_id: hook.entraTenantId,
    entra_audience: hook.entraAudience,
    entra_cloud: hook.entraCloud,
    user_name_domain: hook.userNameDomain,
    apps: JSON.stringify(hook.apps),
  };
}

function entry(
  { hookId, displayName }: Hook,
  activity: string,
  operation: AuditEntry['operation'],
  more: Pick<AuditEntry, 'changes'>,
): AuditEntry {
  const target = { type: 'SignInHook', id: hookId, name: displayName };
  return { category: 'ApplicationManagement', activity, operation, target, ...more };
}
