import type { Selectable } from 'kysely';
import { v7 as newId } from 'uuid';
import type { ProvisioningClientsTable } from '../../db/provisioning-tables.ts';
import { generateSecret, keepGenerated } from '../app/secret.ts';
import { changesBetween, recordAudit, type AuditEntry, type Change } from '../audit/audit.ts';
import { invalid, notFound } from '../refused.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import type { ClientWithToken, NewProvisioningClient, ProvisioningClientValues } from './client.ts';

/** An identity provider needs one. */
const CLIENTS_MAX = 50;

type Row = Selectable<ProvisioningClientsTable>;

/**
 * Adds a provisioning client.
 * @throws Refused invalid, naming the field
 */
export function createProvisioningClient(tenancy: Tenancy, draft: NewProvisioningClient): Promise<ClientWithToken> {
  return inTenant(tenancy, async (tx) => {
    const { rows } = await tx.client.query<{ count: number }>(
      'select count(*) as count from provisioning_clients where tenant_id = $1',
      [tx.tenantId],
    );
    if (rows[0]!.count >= CLIENTS_MAX)
      throw invalid('kind', `there are ${CLIENTS_MAX} provisioning clients, as many as there may be.`);
    const clientId = newId();
    const { tokenText, hash, hint } = newToken();
    await tx.query
      .insertInto('provisioning_clients')
      .values({
        tenant_id: tx.tenantId,
        client_id: clientId,
        kind: draft.kind,
        display_name: draft.displayName,
        releases_licenses: draft.releasesLicenses,
        token_hash: hash,
        token_hint: hint,
        token_created_at: tx.now,
        created_at: tx.now,
      })
      .execute();
    await insertToken(tx, clientId, hash);
    await recordAudit(tx, [
      entry(clientId, draft.displayName, 'Add provisioning client', 'Add', changesBetween({}, { ...draft })),
    ]);
    return { clientId, tokenText };
  });
}

/**
 * Changes a provisioning client.
 * @throws Refused notFound
 */
export function updateProvisioningClient(
  tenancy: Tenancy,
  clientId: string,
  patch: Partial<ProvisioningClientValues>,
): Promise<void> {
  return inTenant(tenancy, async (tx) => {
    const before = valuesOf(await lockClient(tx, clientId));
    const after = { ...before, ...patch };
    const changes = changesBetween({ ...before }, { ...after });
    if (changes.length === 0) return;
    await tx.query
      .updateTable('provisioning_clients')
      .set({ display_name: after.displayName, releases_licenses: after.releasesLicenses })
      .where('tenant_id', '=', tx.tenantId)
      .where('client_id', '=', clientId)
      .execute();
    await recordAudit(tx, [entry(clientId, after.displayName, 'Update provisioning client', 'Update', changes)]);
  });
}

/**
 * Gives a client another token, also where it had been revoked. The one before opens nothing any
 * more, a few seconds later at most.
 * @throws Refused notFound
 */
export function rotateProvisioningToken(tenancy: Tenancy, clientId: string): Promise<ClientWithToken> {
  return inTenant(tenancy, async (tx) => {
    const client = await lockClient(tx, clientId);
    const { tokenText, hash, hint } = newToken();
    await deleteToken(tx, client);
    await insertToken(tx, client.client_id, hash);
    await tx.query
      .updateTable('provisioning_clients')
      .set({ token_hash: hash, token_hint: hint, token_created_at: tx.now, revoked_at: null })
      .where('tenant_id', '=', tx.tenantId)
      .where('client_id', '=', clientId)
      .execute();
    const activity = 'Rotate token of provisioning client';
    await recordAudit(tx, [entry(client.client_id, client.display_name, activity, 'Update')]);
    return { clientId: client.client_id, tokenText };
  });
}

/**
 * Takes a client's token away: a few seconds later at most it opens nothing any more. What the
 * client has told of users and groups stays.
 * @throws Refused notFound
 */
export function revokeProvisioningToken(tenancy: Tenancy, clientId: string): Promise<void> {
  return inTenant(tenancy, async (tx) => {
    const client = await lockClient(tx, clientId);
    if (client.token_hash === null) return;
    await deleteToken(tx, client);
    await tx.query
      .updateTable('provisioning_clients')
      .set({ token_hash: null, revoked_at: tx.now })
      .where('tenant_id', '=', tx.tenantId)
      .where('client_id', '=', clientId)
      .execute();
    const activity = 'Revoke token of provisioning client';
    await recordAudit(tx, [entry(client.client_id, client.display_name, activity, 'Update')]);
  });
}

/**
 * Deletes a client and what it calls users and groups; they themselves stay.
 * @throws Refused notFound
 */
export function deleteProvisioningClient(tenancy: Tenancy, clientId: string): Promise<void> {
  return inTenant(tenancy, async (tx) => {
    const client = await lockClient(tx, clientId);
    await deleteToken(tx, client);
    await tx.query
      .deleteFrom('provisioning_clients')
      .where('tenant_id', '=', tx.tenantId)
      .where('client_id', '=', clientId)
      .execute();
    const changes = changesBetween({ kind: client.kind, ...valuesOf(client) }, null);
    await recordAudit(tx, [
      entry(client.client_id, client.display_name, 'Delete provisioning client', 'Delete', changes),
    ]);
  });
}

async function lockClient(tx: TenantTransaction, clientId: string): Promise<Row> {
  const row = await tx.query
    .selectFrom('provisioning_clients')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('client_id', '=', clientId)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw notFound(clientId);
  return row;
}

function newToken() {
  const tokenText = generateSecret();
  return { tokenText, ...keepGenerated(tokenText) };
}

async function insertToken(tx: TenantTransaction, clientId: string, hash: string): Promise<void> {
  await tx.query
    .insertInto('provisioning_tokens')
    .values({ token_hash: hash, client_id: clientId, tenant_id: tx.tenantId })
    .execute();
}

async function deleteToken(tx: TenantTransaction, { client_id: clientId }: Row): Promise<void> {
  await tx.query
    .deleteFrom('provisioning_tokens')
    .where('tenant_id', '=', tx.tenantId)
    .where('client_id', '=', clientId)
    .execute();
}

function valuesOf(row: Row): ProvisioningClientValues {
  return { displayName: row.display_name, releasesLicenses: row.releases_licenses };
}

function entry(
  id: string,
  name: string,
  activity: string,
  operation: AuditEntry['operation'],
  changes: readonly Change[] = [],
): AuditEntry {
  const target = { type: 'ProvisioningClient', id, name };
  return { category: 'ApplicationManagement', activity, operation, target, changes };
}
