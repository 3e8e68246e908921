import { sql } from 'kysely';
import type { Resource } from '../odata/resource.ts';

/** What the proxy of an app asks. */
export function forwardAuthAddress(baseUrl: string, appId: string): string {
  return `${baseUrl}/forward-auth?app=${appId}`;
}

/** Forward auth as its list can be asked for; `f` is its table, `a` the apps'. */
export function forwardAuthResource(baseUrl: string): Resource {
  return {
    name: 'admin/forwardAuth',
    key: 'id',
    defaultOrder: 'appDisplayName',
    properties: {
      id: { type: 'guid', sql: sql.ref('f.forward_auth_id'), filter: true, sort: true },
      appId: { type: 'guid', sql: sql.ref('f.app_id'), filter: true },
      appDisplayName: { type: 'string', sql: sql.ref('a.display_name'), filter: true, sort: true },
      address: { type: 'string', sql: sql`(${forwardAuthAddress(baseUrl, '')}::text || f.app_id)` },
      origins: { type: 'json', sql: sql`to_jsonb(f.origins)` },
      trustedAddresses: { type: 'json', sql: sql`to_jsonb(f.trusted_addresses)` },
      userHeader: { type: 'string', sql: sql.ref('f.user_header') },
      secretHint: { type: 'string', sql: sql.ref('f.secret_hint') },
      createdDateTime: { type: 'dateTime', sql: sql.ref('f.created_at'), filter: true, sort: true },
    },
    search: {
      appDisplayName: (text) => sql`strpos(lower(a.display_name), lower(${text}::text)) > 0`,
    },
  };
}
