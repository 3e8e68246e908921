import type { Selectable } from 'kysely';
import type { EntraCloud, HookKind } from '../../../contract/sign-in-hook.ts';
import type { SignInHooksTable } from '../../db/doors-schema.ts';
import { invalid } from '../refused.ts';
import type { Actor } from '../tenant/tenancy.ts';

/** What an identity provider calls an app, and which of ours it is. */
export interface HookApp {
  readonly clientId: string;
  readonly appId: string;
}

/** A hook: one identity provider of a tenant that tells of its sign-ins. */
export interface Hook {
  readonly tenantId: string;
  readonly hookId: string;
  readonly kind: HookKind;
  readonly displayName: string;
  readonly isEnabled: boolean;
  readonly onRefusal: 'noClaims' | 'reasonClaim';
  readonly secretHash: string | null;
  readonly hmacKey: string | null;
  readonly entraTenantId: string | null;
  readonly entraAudience: string | null;
  readonly entraCloud: EntraCloud | null;
  readonly userNameDomain: string | null;
  readonly apps: readonly HookApp[];
}

/** What can be written of one. */
export type HookValues = Pick<
  Hook,
  | 'displayName'
  | 'isEnabled'
  | 'onRefusal'
  | 'entraTenantId'
  | 'entraAudience'
  | 'entraCloud'
  | 'userNameDomain'
  | 'apps'
>;

export function hookOf(row: Selectable<SignInHooksTable>): Hook {
  return {
    tenantId: row.tenant_id,
    hookId: row.hook_id,
    kind: row.kind,
    displayName: row.display_name,
    isEnabled: row.is_enabled,
    onRefusal: row.on_refusal,
    secretHash: row.secret_hash,
    hmacKey: row.hmac_key,
    entraTenantId: row.entra_tenant_id,
    entraAudience: row.entra_audience,
    entraCloud: row.entra_cloud,
    userNameDomain: row.user_name_domain,
    apps: row.apps,
  };
}

/** The hook as the audit shows it where it has done something. */
export function hookActor({ hookId, displayName }: Pick<Hook, 'hookId' | 'displayName'>): Actor {
  return { kind: 'application', appId: hookId, displayName: `Sign-in hook ${displayName}` };
}

/** The values as the audit compares them. */
export function auditedHook(hook: HookValues): HookValues {
  const { displayName, isEnabled, onRefusal, entraTenantId, entraAudience, entraCloud, userNameDomain, apps } = hook;
  return { displayName, isEnabled, onRefusal, entraTenantId, entraAudience, entraCloud, userNameDomain, apps };
}

/**
 * What no schema can say of a hook.
 * @throws Refused invalid, naming the field
 */
export function checkHook(kind: HookKind, hook: HookValues): void {
  const entra = { entraTenantId: hook.entraTenantId, entraAudience: hook.entraAudience, entraCloud: hook.entraCloud };
  for (const [name, value] of Object.entries(entra)) {
    if (kind === 'entra' && value === null) throw invalid(name, 'must be given for a hook of Entra ID.');
    if (kind !== 'entra' && value !== null) throw invalid(name, 'is for hooks of Entra ID alone.');
  }
  const seen = new Set<string>();
  hook.apps.forEach(({ clientId }, index) => {
    if (seen.has(clientId)) throw invalid(`apps[${index}].clientId`, `${clientId} is there twice.`);
    seen.add(clientId);
  });
}

/**
 * By what a hook is found before its tenant is known. What isn't a hook's own invention (whose
 * Entra tokens it takes) may be two hooks': then the address has to name the hook.
 */
export function namesOf(hook: Pick<Hook, 'hookId' | 'secretHash' | 'entraTenantId' | 'entraAudience'>): string[] {
  return [
    nameById(hook.hookId),
    ...(hook.secretHash === null ? [] : [nameBySecret(hook.secretHash)]),
    ...(hook.entraTenantId === null ? [] : [nameByEntra(hook.entraTenantId, hook.entraAudience!)]),
  ];
}

export const nameById = (hookId: string) => `id:${hookId.toLowerCase()}`;
export const nameBySecret = (secretHash: string) => `secret:${secretHash}`;
export const nameByEntra = (tenantId: string, audience: string) => `entra:${tenantId.toLowerCase()}:${audience}`;
