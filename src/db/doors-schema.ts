import type { JSONColumnType } from 'kysely';

// The tables of what sign-ins come through: hooks, identity providers, reverse proxies.

export interface SignInHooksTable {
  tenant_id: string;
  hook_id: string;
  kind: 'entra' | 'okta' | 'auth0' | 'keycloak';
  display_name: string;
  is_enabled: boolean;
  on_refusal: 'noClaims' | 'reasonClaim';
  secret_hash: string | null;
  hmac_key: string | null;
  secret_hint: string | null;
  entra_tenant_id: string | null;
  entra_audience: string | null;
  entra_cloud: 'global' | 'usGovernment' | 'china' | null;
  user_name_domain: string | null;
  apps: JSONColumnType<{ clientId: string; appId: string }[]>;
  created_at: Date;
}

export interface ForwardAuthTable {
  tenant_id: string;
  forward_auth_id: string;
  app_id: string;
  origins: string[];
  trusted_addresses: string[];
  user_header: string;
  secret_hash: string;
  secret_hint: string;
  created_at: Date;
}

export interface SignInHookUseTable {
  tenant_id: string;
  hook_id: string;
  events: number;
  last_event_at: Date | null;
  refused: number;
  last_refused_at: Date | null;
  last_refusal: string | null;
  last_unmapped_client_id: string | null;
}

export interface IdentityProvidersTable {
  tenant_id: string;
  provider_id: string;
  kind: 'entra' | 'okta' | 'keycloak' | 'google' | 'oidc';
  display_name: string;
  issuer: string;
  client_id: string;
  client_secret: string;
  secret_hint: string;
  is_enabled: boolean;
  domains: string[];
  attributes: JSONColumnType<Record<string, string>>;
  groups_claim: string | null;
  group_mappings: JSONColumnType<{ value: string; groupId: string }[]>;
  created_at: Date;
}

export interface ExternalIdentitiesTable {
  tenant_id: string;
  provider_id: string;
  subject: string;
  user_id: string;
  linked_at: Date;
}
