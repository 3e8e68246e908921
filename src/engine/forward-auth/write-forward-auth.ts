import { v7 as newId } from 'uuid';
import { isUniqueViolation } from '../../db/failures.ts';
import { generateSecret, keepGenerated } from '../app/secret.ts';
import { changesBetween, recordAudit, type AuditEntry } from '../audit/audit.ts';
import { invalid, notFound } from '../refused.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import {
  auditedForwardAuth,
  checkForwardAuth,
  forwardAuthOf,
  type ForwardAuth,
  type ForwardAuthValues,
} from './forward-auth.ts';

/** What a proxy is set up with; the secret is shown this once. */
export interface ForwardAuthWithSecret {
  readonly forwardAuthId: string;
  readonly appId: string;
  readonly secretText: string;
}

/**
 * Lets proxies ask for an app.
 * @throws Refused invalid, naming the field
 */
export async function createForwardAuth(
  tenancy: Tenancy,
  appId: string,
  values: ForwardAuthValues,
): Promise<ForwardAuthWithSecret> {
  checkForwardAuth(values);
  try {
    return await inTenant(tenancy, async (tx) => {
      const appName = await nameOfApp(tx, appId);
      if (appName === undefined) throw invalid('appId', `there is no app ${appId}.`);
      const secretText = generateSecret();
      const { hash, hint } = keepGenerated(secretText);
      const made: ForwardAuth = { ...values, tenantId: tx.tenantId, forwardAuthId: newId(), appId, secretHash: hash };
      await tx.query
        .insertInto('forward_auth')
        .values({
          ...columns(made),
          tenant_id: tx.tenantId,
          forward_auth_id: made.forwardAuthId,
          app_id: appId,
          secret_hint: hint,
          created_at: tx.now,
        })
        .execute();
      await tx.query.insertInto('forward_auth_names').values({ app_id: appId, tenant_id: tx.tenantId }).execute();
      const changes = changesBetween({}, { appId, ...auditedForwardAuth(made) });
      await recordAudit(tx, [entry(made, appName, 'Add forward auth', 'Add', { changes })]);
      return { forwardAuthId: made.forwardAuthId, appId, secretText };
    });
  } catch (error) {
    if (isUniqueViolation(error)) throw invalid('appId', 'the app has forward auth already: change that one.');
    throw error;
  }
}

/**
 * Changes it; what is changed counts a few seconds later at most.
 * @throws Refused notFound; invalid, naming the field
 */
export function updateForwardAuth(tenancy: Tenancy, id: string, patch: Partial<ForwardAuthValues>): Promise<void> {
  return inTenant(tenancy, async (tx) => {
    const before = await lock(tx, id);
    const after = { ...before, ...patch };
    checkForwardAuth(after);
    const changes = changesBetween({ ...auditedForwardAuth(before) }, { ...auditedForwardAuth(after) });
    if (changes.length === 0) return;
    await write(tx, after);
    const name = await nameOfApp(tx, after.appId);
    await recordAudit(tx, [entry(after, name, 'Update forward auth', 'Update', { changes })]);
  });
}

/**
 * Gives another secret; the one before opens nothing any more, a few seconds later at most.
 * @throws Refused notFound
 */
export function rotateForwardAuthSecret(tenancy: Tenancy, id: string): Promise<ForwardAuthWithSecret> {
  return inTenant(tenancy, async (tx) => {
    const before = await lock(tx, id);
    const secretText = generateSecret();
    const { hash, hint } = keepGenerated(secretText);
    await write(tx, { ...before, secretHash: hash }, hint);
    const name = await nameOfApp(tx, before.appId);
    await recordAudit(tx, [entry(before, name, 'Rotate secret of forward auth', 'Update', {})]);
    return { forwardAuthId: before.forwardAuthId, appId: before.appId, secretText };
  });
}

/** @throws Refused notFound */
export function deleteForwardAuth(tenancy: Tenancy, id: string): Promise<void> {
  return inTenant(tenancy, async (tx) => {
    const before = await lock(tx, id);
    const { forwardAuthId, appId } = before;
    await tx.query
      .deleteFrom('forward_auth')
      .where('tenant_id', '=', tx.tenantId)
      .where('forward_auth_id', '=', forwardAuthId)
      .execute();
    await tx.query
      .deleteFrom('forward_auth_names')
      .where('tenant_id', '=', tx.tenantId)
      .where('app_id', '=', appId)
      .execute();
    const changes = changesBetween({ appId, ...auditedForwardAuth(before) }, null);
    await recordAudit(tx, [entry(before, await nameOfApp(tx, appId), 'Delete forward auth', 'Delete', { changes })]);
  });
}

async function lock(tx: TenantTransaction, id: string): Promise<ForwardAuth> {
  const row = await tx.query
    .selectFrom('forward_auth')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('forward_auth_id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw notFound(id);
  return forwardAuthOf(row);
}

async function write(tx: TenantTransaction, forwardAuth: ForwardAuth, hint?: string): Promise<void> {
  await tx.query
    .updateTable('forward_auth')
    .set({ ...columns(forwardAuth), ...(hint !== undefined && { secret_hint: hint }) })
    .where('tenant_id', '=', tx.tenantId)
    .where('forward_auth_id', '=', forwardAuth.forwardAuthId)
    .execute();
}

async function nameOfApp(tx: TenantTransaction, appId: string): Promise<string | undefined> {
  const row = await tx.query
    .selectFrom('apps')
    .select('display_name')
    .where('tenant_id', '=', tx.tenantId)
    .where('app_id', '=', appId)
    .executeTakeFirst();
  return row?.display_name;
}

function columns({ origins, trustedAddresses, userHeader, secretHash }: ForwardAuth) {
  return {
    origins: [...origins],
    trusted_addresses: [...trustedAddresses],
    user_header: userHeader,
    secret_hash: secretHash,
  };
}

function entry(
  { forwardAuthId, appId }: ForwardAuth,
  appName: string | undefined,
  activity: string,
  operation: AuditEntry['operation'],
  more: Pick<AuditEntry, 'changes'>,
): AuditEntry {
  const target = { type: 'ForwardAuth', id: forwardAuthId, name: appName ?? appId };
  return { category: 'ApplicationManagement', activity, operation, target, ...more };
}
