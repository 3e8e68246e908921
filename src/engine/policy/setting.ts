import { changesBetween, recordAudit } from '../audit/audit.ts';
import { queueUsersInError } from '../directory/licensing-queue.ts';
import { lockAllPools } from '../subscription/pools.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';

/** The tenant's auto-claim setting: the switch, and what goes with it. */
export interface AutoClaimSetting {
  readonly isEnabled: boolean;
  /** Trusted doors (OpenID Connect, hooks) may create users on their first sign-in … */
  readonly createUsersOnSignIn: boolean;
  /** … whose mail domain is one of these. */
  readonly allowedDomains: readonly string[];
  /** Stands in where a user has no usage location. */
  readonly defaultUsageLocation: string | null;
}

export function readSetting(tenancy: Tenancy): Promise<AutoClaimSetting> {
  return inTenant(tenancy, readSettingIn);
}

/**
 * Writes the setting. All the tenant's pools are locked first, as a claim does before it reads
 * the switch: when this has answered "off", no claim that began later is granted, on any server.
 */
export function writeSetting(tenancy: Tenancy, patch: Partial<AutoClaimSetting>): Promise<AutoClaimSetting> {
  return inTenant(tenancy, async (tx) => {
    await lockAllPools(tx);
    const before = await readSettingIn(tx);
    const after = { ...before, ...patch };
    await tx.query
      .updateTable('tenants')
      .set({
        is_auto_claim_enabled: after.isEnabled,
        create_users_on_sign_in: after.createUsersOnSignIn,
        allowed_domains: [...after.allowedDomains],
        default_usage_location: after.defaultUsageLocation,
      })
      .where('tenant_id', '=', tx.tenantId)
      .execute();
    const changes = changesBetween({ ...before }, { ...after });
    if (before.defaultUsageLocation !== after.defaultUsageLocation) await queueUsersInError(tx);
    if (changes.length > 0) {
      const target = { type: 'Setting', id: tx.tenantId, name: 'Auto-claim' };
      await recordAudit(tx, [
        { category: 'Policy', activity: 'Update auto-claim setting', operation: 'Update', target, changes },
      ]);
    }
    return after;
  });
}

/** The same inside a transaction. */
export async function readSettingIn(tx: TenantTransaction): Promise<AutoClaimSetting> {
  const row = await tx.query
    .selectFrom('tenants')
    .select(['is_auto_claim_enabled', 'create_users_on_sign_in', 'allowed_domains', 'default_usage_location'])
    .where('tenant_id', '=', tx.tenantId)
    .executeTakeFirstOrThrow();
  return {
    isEnabled: row.is_auto_claim_enabled,
    createUsersOnSignIn: row.create_users_on_sign_in,
    allowedDomains: row.allowed_domains,
    defaultUsageLocation: row.default_usage_location,
  };
}
