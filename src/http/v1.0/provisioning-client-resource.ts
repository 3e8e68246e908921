import { sql } from 'kysely';
import type { Resource } from '../odata/resource.ts';
import { SCIM_PATH } from '../scim/address.ts';

/** Provisioning clients as their list can be asked for; `c` is their table. */
export function provisioningClientResource(baseUrl: string): Resource {
  const known = (table: 'provisioned_users' | 'provisioned_groups') =>
    sql`(select count(*) from ${sql.table(table)} k where k.tenant_id = c.tenant_id and k.client_id = c.client_id)`;
  return {
    name: 'admin/provisioningClients',
    key: 'id',
    defaultOrder: 'displayName',
    properties: {
      id: { type: 'guid', sql: sql.ref('c.client_id'), filter: true, sort: true },
      kind: { type: 'string', sql: sql.ref('c.kind'), filter: true, sort: true },
      displayName: { type: 'string', sql: sql.ref('c.display_name'), filter: true, sort: true },
      releasesLicenses: { type: 'boolean', sql: sql.ref('c.releases_licenses'), filter: true },
      address: { type: 'string', sql: sql`${baseUrl + SCIM_PATH}::text` },
      isRevoked: { type: 'boolean', sql: sql`(c.token_hash is null)`, filter: true },
      tokenHint: { type: 'string', sql: sql.ref('c.token_hint') },
      tokenCreatedDateTime: { type: 'dateTime', sql: sql.ref('c.token_created_at') },
      revokedDateTime: { type: 'dateTime', sql: sql.ref('c.revoked_at') },
      createdDateTime: { type: 'dateTime', sql: sql.ref('c.created_at'), filter: true, sort: true },
      lastUsedDateTime: { type: 'dateTime', sql: sql.ref('c.last_used_at') },
      userCount: { type: 'integer', sql: known('provisioned_users') },
      groupCount: { type: 'integer', sql: known('provisioned_groups') },
    },
    search: {
      displayName: (text) => sql`strpos(lower(c.display_name), lower(${text}::text)) > 0`,
    },
  };
}
