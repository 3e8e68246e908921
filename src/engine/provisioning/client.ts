import type { ProvisioningKind } from '../../../contract/provisioning-client.ts';
import type { Actor } from '../tenant/tenancy.ts';

/** Who keeps users and groups of one tenant by SCIM. */
export interface ProvisioningClient {
  readonly tenantId: string;
  readonly clientId: string;
  readonly displayName: string;
  /** Whether a user whom it deactivates loses direct and policy licenses at once. */
  readonly releasesLicenses: boolean;
}

/** What can be written of one. */
export interface ProvisioningClientValues {
  readonly displayName: string;
  readonly releasesLicenses: boolean;
}

/** A client's token, which is shown this once. */
export interface ClientWithToken {
  readonly clientId: string;
  readonly tokenText: string;
}

export type NewProvisioningClient = ProvisioningClientValues & { readonly kind: ProvisioningKind };

/** The client as the audit shows it where it has done something. */
export function provisioningActor({
  clientId,
  displayName,
}: Pick<ProvisioningClient, 'clientId' | 'displayName'>): Actor {
  return { kind: 'application', appId: clientId, displayName: `Provisioning client ${displayName}` };
}
