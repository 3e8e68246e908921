import type { Selectable } from 'kysely';
import type { MappedAttribute, ProviderKind } from '../../../contract/identity-provider.ts';
import type { IdentityProvidersTable } from '../../db/doors-schema.ts';
import { invalid } from '../refused.ts';
import type { Actor } from '../tenant/tenancy.ts';

/** An identity provider of a tenant: people sign in by it. */
export interface IdentityProvider {
  readonly tenantId: string;
  readonly providerId: string;
  readonly kind: ProviderKind;
  readonly displayName: string;
  readonly issuer: string;
  readonly clientId: string;
  /** In the clear, since Autoclaim proves with it who it is; told to nobody but the provider. */
  readonly clientSecret: string;
  readonly isEnabled: boolean;
  /** Whose user names it may vouch for, in lower case. */
  readonly domains: readonly string[];
  readonly attributes: Readonly<Partial<Record<MappedAttribute, string>>>;
  readonly groupsClaim: string | null;
  readonly groupMappings: readonly { readonly value: string; readonly groupId: string }[];
}

/** What can be written of one; whose tokens it takes (kind, issuer) stays as it was made. */
export type ProviderValues = Omit<IdentityProvider, 'tenantId' | 'providerId' | 'kind' | 'issuer'>;

export function identityProviderOf(row: Selectable<IdentityProvidersTable>): IdentityProvider {
  return {
    tenantId: row.tenant_id,
    providerId: row.provider_id,
    kind: row.kind,
    displayName: row.display_name,
    issuer: row.issuer,
    clientId: row.client_id,
    clientSecret: row.client_secret,
    isEnabled: row.is_enabled,
    domains: row.domains,
    attributes: row.attributes,
    groupsClaim: row.groups_claim,
    groupMappings: row.group_mappings,
  };
}

/** The provider as the audit shows it where it has vouched for somebody. */
export function providerActor({ providerId, displayName }: IdentityProvider): Actor {
  return { kind: 'application', appId: providerId, displayName: `Identity provider ${displayName}` };
}

/** The values as the audit compares them: that the secret has changed is told, not to what. */
export function auditedProvider(provider: ProviderValues): Omit<ProviderValues, 'clientSecret'> {
  const { displayName, clientId, isEnabled, domains, attributes, groupsClaim, groupMappings } = provider;
  return { displayName, clientId, isEnabled, domains, attributes, groupsClaim, groupMappings };
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Whether an address of a provider may be called: https; plain http on this machine alone, and only
 * where Autoclaim itself is served by plain http, as for tests and development.
 */
export function isCallable(address: string, baseUrl: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return false;
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' && LOOPBACK.test(url.hostname) && baseUrl.startsWith('http:');
}

/** One directory of Entra ID, in any of its clouds: the tenant's own issuer. */
const ENTRA_PATH = /^\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\/v2\.0$/;
const ENTRA_HOSTS = ['login.microsoftonline.com', 'login.microsoftonline.us', 'login.partner.microsoftonline.cn'];
/** Microsoft's own accounts: whoever has a mail address can have one. */
const CONSUMERS = '9188040d-6c67-4c5b-b112-36a304b66dad';
const GOOGLE = 'https://accounts.google.com';

/** The directory (tenant) that an issuer of Entra ID is; undefined where it is none, or all of them. */
export function entraDirectoryOf(issuer: string): string | undefined {
  const directory = URL.canParse(issuer) ? ENTRA_PATH.exec(new URL(issuer).pathname)?.[1] : undefined;
  return directory === CONSUMERS ? undefined : directory;
}

/**
 * @param baseUrl Autoclaim's own
 * @throws Refused invalid, where no provider of this kind has this issuer
 */
export function checkIssuer(kind: ProviderKind, issuer: string, baseUrl: string): void {
  if (!isCallable(issuer, baseUrl)) throw invalid('issuer', 'must be an https address.');
  const url = new URL(issuer);
  if (url.search !== '' || url.hash !== '') throw invalid('issuer', 'must be an address without ? and #.');
  const isEntra = ENTRA_HOSTS.includes(url.hostname);
  if (kind === 'entra' && (!(isEntra || LOOPBACK.test(url.hostname)) || entraDirectoryOf(issuer) === undefined)) {
    throw invalid(
      'issuer',
      'must be https://login.microsoftonline.com/<directory (tenant) id>/v2.0: one directory, not common, organizations or consumers.',
    );
  }
  // By another kind's rules, its mail addresses would be believed.
  if (kind !== 'entra' && (isEntra || url.hostname === 'sts.windows.net'))
    throw invalid('kind', 'must be entra for this issuer.');
  if (kind === 'google' && issuer !== GOOGLE && !LOOPBACK.test(url.hostname))
    throw invalid('issuer', `must be ${GOOGLE}.`);
  if (kind !== 'google' && issuer === GOOGLE) throw invalid('kind', 'must be google for this issuer.');
}
