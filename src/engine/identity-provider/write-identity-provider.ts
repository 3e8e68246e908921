import { v7 as newId } from 'uuid';
import type { ProviderKind } from '../../../contract/identity-provider.ts';
import { changesBetween, recordAudit, type AuditEntry } from '../audit/audit.ts';
import { invalid, notFound } from '../refused.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import {
  auditedProvider,
  checkIssuer,
  identityProviderOf,
  type IdentityProvider,
  type ProviderValues,
} from './identity-provider.ts';
import { guardWaysIn, lockWaysIn } from './ways-in.ts';

/** Each has its button on the sign-in page. */
const PROVIDERS_MAX = 50;
const HINT_LENGTH = 3;
/** How few characters a secret may show. */
const HINTED_LENGTH_MIN = 16;

/**
 * Adds an identity provider.
 * @param baseUrl Autoclaim's own
 * @returns its id
 * @throws Refused invalid, naming the field
 */
export function createIdentityProvider(
  tenancy: Tenancy,
  { kind, issuer }: { readonly kind: ProviderKind; readonly issuer: string },
  values: ProviderValues,
  baseUrl: string,
): Promise<string> {
  checkIssuer(kind, issuer, baseUrl);
  return inTenant(tenancy, async (tx) => {
    await lockWaysIn(tx);
    const { rows } = await tx.client.query<{ count: number }>(
      'select count(*) as count from identity_providers where tenant_id = $1',
      [tx.tenantId],
    );
    if (rows[0]!.count >= PROVIDERS_MAX) {
      throw invalid('kind', `there are ${PROVIDERS_MAX} identity providers, as many as there may be.`);
    }
    const provider = { ...values, tenantId: tx.tenantId, providerId: newId(), kind, issuer };
    await checkValues(tx, provider);
    await tx.query
      .insertInto('identity_providers')
      .values({
        ...columns(provider),
        tenant_id: tx.tenantId,
        provider_id: provider.providerId,
        kind,
        issuer,
        created_at: tx.now,
      })
      .execute();
    const changes = changesBetween({}, { kind, issuer, ...auditedProvider(provider) });
    await recordAudit(tx, [entry(provider, 'Add identity provider', 'Add', { changes })]);
    return provider.providerId;
  });
}

/**
 * Changes an identity provider.
 * @throws Refused notFound; invalid, naming the field, or where nobody could administrate any more
 */
export function updateIdentityProvider(
  tenancy: Tenancy,
  providerId: string,
  patch: Partial<ProviderValues>,
): Promise<void> {
  return inTenant(tenancy, async (tx) => {
    await lockWaysIn(tx);
    const before = await lockProvider(tx, providerId);
    const after = { ...before, ...patch };
    await checkValues(tx, after);
    const changes = changesBetween({ ...auditedProvider(before) }, { ...auditedProvider(after) });
    const hasNewSecret = after.clientSecret !== before.clientSecret;
    if (changes.length === 0 && !hasNewSecret) return;
    await tx.query
      .updateTable('identity_providers')
      .set(columns(after))
      .where('tenant_id', '=', tx.tenantId)
      .where('provider_id', '=', after.providerId)
      .execute();
    await guardWaysIn(tx);
    const details = hasNewSecret ? { clientSecret: 'replaced' } : undefined;
    await recordAudit(tx, [
      entry(after, 'Update identity provider', 'Update', { changes, ...(details && { details }) }),
    ]);
  });
}

/**
 * Deletes an identity provider, and whose its identities were.
 * @throws Refused notFound; invalid, where nobody could administrate any more
 */
export function deleteIdentityProvider(tenancy: Tenancy, providerId: string): Promise<void> {
  return inTenant(tenancy, async (tx) => {
    await lockWaysIn(tx);
    const provider = await lockProvider(tx, providerId);
    await tx.query
      .deleteFrom('identity_providers')
      .where('tenant_id', '=', tx.tenantId)
      .where('provider_id', '=', provider.providerId)
      .execute();
    await guardWaysIn(tx);
    const { kind, issuer } = provider;
    const changes = changesBetween({ kind, issuer, ...auditedProvider(provider) }, null);
    await recordAudit(tx, [entry(provider, 'Delete identity provider', 'Delete', { changes })]);
  });
}

/**
 * Takes a user's identity of a provider away: the next one who comes with their name is linked anew.
 * @throws Refused notFound; invalid, where nobody could administrate any more
 */
export function unlinkUser(tenancy: Tenancy, providerId: string, userId: string): Promise<void> {
  return inTenant(tenancy, async (tx) => {
    await lockWaysIn(tx);
    const provider = await lockProvider(tx, providerId);
    const user = await tx.query
      .selectFrom('users')
      .select('user_principal_name')
      .where('tenant_id', '=', tx.tenantId)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    const gone = await tx.query
      .deleteFrom('external_identities')
      .where('tenant_id', '=', tx.tenantId)
      .where('provider_id', '=', provider.providerId)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    if (!user || gone.numDeletedRows === 0n) throw notFound(userId);
    await guardWaysIn(tx);
    await recordAudit(tx, [
      {
        category: 'UserManagement',
        activity: 'Unlink external identity',
        operation: 'Update',
        target: { type: 'User', id: userId, name: user.user_principal_name },
        details: { identityProvider: provider.displayName },
      },
    ]);
  });
}

async function lockProvider(tx: TenantTransaction, providerId: string): Promise<IdentityProvider> {
  const row = await tx.query
    .selectFrom('identity_providers')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('provider_id', '=', providerId)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw notFound(providerId);
  return identityProviderOf(row);
}

/** A domain leads to one provider, and one alone vouches for its names; groups are the tenant's. */
async function checkValues(tx: TenantTransaction, provider: IdentityProvider): Promise<void> {
  const { domains, groupMappings, providerId } = provider;
  const { rows } = await tx.client.query<{ domain: string; name: string }>(
    `select d.domain, p.display_name as name from identity_providers p, unnest(p.domains) as d(domain)
      where p.tenant_id = $1 and p.provider_id <> $2 and d.domain = any($3::text[]) limit 1`,
    [tx.tenantId, providerId, domains],
  );
  if (rows[0]) throw invalid('domains', `${rows[0].domain} belongs to ${rows[0].name}.`);
  const wanted = [...new Set(groupMappings.map(({ groupId }) => groupId))];
  const { rows: groups } = await tx.client.query<{ group_id: string }>(
    'select group_id from groups where tenant_id = $1 and group_id = any($2::uuid[])',
    [tx.tenantId, wanted],
  );
  const missing = wanted.find((id) => !groups.some(({ group_id }) => group_id === id));
  if (missing !== undefined) throw invalid('groupMappings', `there is no group ${missing}.`);
}

function columns(provider: IdentityProvider) {
  const { clientSecret } = provider;
  return {
    display_name: provider.displayName,
    client_id: provider.clientId,
    client_secret: clientSecret,
    secret_hint: clientSecret.length < HINTED_LENGTH_MIN ? '' : clientSecret.slice(0, HINT_LENGTH),
    is_enabled: provider.isEnabled,
    domains: [...provider.domains],
    attributes: JSON.stringify(provider.attributes),
    groups_claim: provider.groupsClaim,
    group_mappings: JSON.stringify(provider.groupMappings),
  };
}

function entry(
  { providerId, displayName }: IdentityProvider,
  activity: string,
  operation: AuditEntry['operation'],
  more: Pick<AuditEntry, 'changes' | 'details'>,
): AuditEntry {
  const target = { type: 'IdentityProvider', id: providerId, name: displayName };
  return { category: 'ApplicationManagement', activity, operation, target, ...more };
}
