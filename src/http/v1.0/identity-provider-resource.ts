import { sql } from 'kysely';
import { callbackAddress } from '../../signin/pages/addresses.ts';
import type { Resource } from '../odata/resource.ts';

/** Identity providers as their list can be asked for; `p` is their table. The secret is no property. */
export function identityProviderResource(baseUrl: string, tenantId: string): Resource {
  return {
    name: 'admin/identityProviders',
    key: 'id',
    defaultOrder: 'displayName',
    properties: {
      id: { type: 'guid', sql: sql.ref('p.provider_id'), filter: true, sort: true },
      kind: { type: 'string', sql: sql.ref('p.kind'), filter: true, sort: true },
      displayName: { type: 'string', sql: sql.ref('p.display_name'), filter: true, sort: true },
      issuer: { type: 'string', sql: sql.ref('p.issuer'), filter: true },
      clientId: { type: 'string', sql: sql.ref('p.client_id') },
      secretHint: { type: 'string', sql: sql.ref('p.secret_hint') },
      redirectUri: { type: 'string', sql: sql`${callbackAddress(baseUrl, tenantId)}::text` },
      isEnabled: { type: 'boolean', sql: sql.ref('p.is_enabled'), filter: true },
      domains: { type: 'json', sql: sql`to_jsonb(p.domains)` },
      attributes: { type: 'json', sql: sql.ref('p.attributes') },
      groupsClaim: { type: 'string', sql: sql.ref('p.groups_claim') },
      groupMappings: { type: 'json', sql: sql.ref('p.group_mappings') },
      linkedUserCount: {
        type: 'integer',
        sql: sql`(select count(*) from external_identities e
                   where e.tenant_id = p.tenant_id and e.provider_id = p.provider_id)`,
      },
      createdDateTime: { type: 'dateTime', sql: sql.ref('p.created_at'), filter: true, sort: true },
    },
    search: {
      displayName: (text) => sql`strpos(lower(p.display_name), lower(${text}::text)) > 0`,
    },
  };
}
