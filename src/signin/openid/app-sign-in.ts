import type { AccountClaims } from 'oidc-provider';
import type { Database } from '../../db/open.ts';
import type { Client } from '../../engine/app/client.ts';
import type { SignInBatches } from '../../engine/claim/batch.ts';
import type { Entitlement } from '../../engine/claim/decision.ts';
import { readEntitlement } from '../../engine/claim/read-entitlement.ts';
import type { DecidedSignIn } from '../../engine/claim/sign-in.ts';

/** What decides the sign-ins of a tenant's apps. */
export interface AppSignIns {
  readonly db: Database;
  readonly signIns: SignInBatches;
  readonly tenantId: string;
}

/**
 * Decides the sign-in of a person to an app by OpenID Connect: a seat is claimed where one is due. Each
 * request is a sign-in of its own.
 * @returns undefined where the app requires no license: there is nothing to decide
 * @throws StoreUnavailable
 */
export async function decideAppSignIn(
  { signIns, tenantId }: AppSignIns,
  app: Client,
  userId: string,
  requestId: string | null,
): Promise<DecidedSignIn | undefined> {
  if (!app.needsLicense) return undefined;
  return signIns.decide(tenantId, {
    appId: app.appId,
    userId,
    userPrincipalName: null,
    clientId: app.appId,
    correlationId: null,
    door: 'openIdConnect',
    actor: { kind: 'application', appId: app.appId, displayName: app.displayName },
    requestId,
  });
}

/** What licenses the person for the app now; undefined where nothing does, or where nothing is required. */
export async function entitlementOf(
  { db, tenantId }: AppSignIns,
  app: Client,
  userId: string,
): Promise<Entitlement | undefined> {
  if (!app.needsLicense) return undefined;
  return readEntitlement(db, tenantId, { appId: app.appId, userId, userPrincipalName: null });
}

/** Whether a person who has this entitlement is let in, by the app's own choice. */
export function isLetIn(app: Client, entitlement: Entitlement | null | undefined): boolean {
  return !app.needsLicense || app.onRefusal === 'continue' || Boolean(entitlement);
}

/** The claims of a license: the product, and the app's required plans that it turns on; none without one. */
export function licenseClaims(entitlement: Entitlement | undefined): AccountClaims | object {
  if (!entitlement) return {};
  const { skuPartNumber, skuId, servicePlans } = entitlement;
  return { licenses: [{ skuPartNumber, skuId }], service_plans: [...servicePlans] };
}
