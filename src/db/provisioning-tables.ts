import type { JSONColumnType } from 'kysely';

export interface ProvisioningClientsTable {
  tenant_id: string;
  client_id: string;
  kind: 'entra' | 'okta' | 'other';
  display_name: string;
  releases_licenses: boolean;
  token_hash: string | null;
  token_hint: string;
  token_created_at: Date;
  revoked_at: Date | null;
  created_at: Date;
  last_used_at: Date | null;
}

export interface ProvisionedUsersTable {
  tenant_id: string;
  client_id: string;
  user_id: string;
  external_id: string | null;
  attributes: JSONColumnType<Record<string, unknown>>;
}
