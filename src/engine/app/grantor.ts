import type { Permission } from '../../../contract/permission.ts';
import { Refused } from '../refused.ts';
import { firstTenant } from '../tenant/create-tenant.ts';
import type { TenantTransaction } from '../tenant/tenancy.ts';

/** Whoever writes apps, and what they may do themselves. */
export interface Grantor {
  readonly permissions: ReadonlySet<string>;
}

/**
 * Whoever may write apps may grant any permission over their own tenant. Making tenants reaches
 * past it: only the first tenant's apps may, and only who may do it gives it, or the credentials
 * with which one could act as an app that may.
 * @throws Refused forbidden
 */
export async function refuseOvergrant(
  tx: TenantTransaction,
  grantor: Grantor,
  granted: readonly Permission[],
): Promise<void> {
  if (!granted.includes('Tenant.Create')) return;
  if (!grantor.permissions.has('Tenant.Create')) {
    throw new Refused(
      'forbidden',
      'permissions: Tenant.Create can only be given by who has it, and so can credentials of an app that has it.',
      'permissions',
    );
  }
  if ((await firstTenant(tx.client)) !== tx.tenantId) {
    throw new Refused('forbidden', "permissions: Tenant.Create is for the first tenant's apps alone.", 'permissions');
  }
}
