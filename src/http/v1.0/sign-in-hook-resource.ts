import { sql } from 'kysely';
import { HOOK_PATHS } from '../hooks.routes.ts';
import type { Resource } from '../odata/resource.ts';

/** Hooks as their list can be asked for; `h` is the hooks' table, `u` what came in by them. */
export function signInHookResource(baseUrl: string): Resource {
  const paths = Object.entries(HOOK_PATHS).map(([kind, path]) => sql`when ${kind} then ${baseUrl + path}`);
  return {
    name: 'admin/signInHooks',
    key: 'id',
    defaultOrder: 'displayName',
    properties: {
      id: { type: 'guid', sql: sql.ref('h.hook_id'), filter: true, sort: true },
      kind: { type: 'string', sql: sql.ref('h.kind'), filter: true, sort: true },
      displayName: { type: 'string', sql: sql.ref('h.display_name'), filter: true, sort: true },
      isEnabled: { type: 'boolean', sql: sql.ref('h.is_enabled'), filter: true },
      onRefusal: { type: 'string', sql: sql.ref('h.on_refusal') },
      address: {
        type: 'string',
        sql: sql`(case h.kind ${sql.join(paths, sql` `)} end || '?hook=' || h.hook_id)`,
      },
      secretHint: { type: 'string', sql: sql.ref('h.secret_hint') },
      entraTenantId: { type: 'guid', sql: sql.ref('h.entra_tenant_id') },
      entraAudience: { type: 'string', sql: sql.ref('h.entra_audience') },
      entraCloud: { type: 'string', sql: sql.ref('h.entra_cloud') },
      userNameDomain: { type: 'string', sql: sql.ref('h.user_name_domain') },
      apps: { type: 'json', sql: sql.ref('h.apps') },
      createdDateTime: { type: 'dateTime', sql: sql.ref('h.created_at'), filter: true, sort: true },
      eventCount: { type: 'integer', sql: sql`coalesce(u.events, 0)` },
      lastEventDateTime: { type: 'dateTime', sql: sql.ref('u.last_event_at') },
      refusedCount: { type: 'integer', sql: sql`coalesce(u.refused, 0)` },
      lastRefusedDateTime: { type: 'dateTime', sql: sql.ref('u.last_refused_at') },
      lastRefusal: { type: 'string', sql: sql.ref('u.last_refusal') },
      lastUnmappedClientId: { type: 'string', sql: sql.ref('u.last_unmapped_client_id') },
    },
    search: {
      displayName: (text) => sql`strpos(lower(h.display_name), lower(${text}::text)) > 0`,
    },
  };
}
