import { sql } from 'kysely';
import type { Resource } from '../odata/resource.ts';

// As the API writes times: UTC, with milliseconds.
const TIME = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

// json, not jsonb, which would put the properties into an order of its own.
const PASSWORD_CREDENTIALS = `
  (select coalesce(json_agg(json_build_object(
            'customKeyIdentifier', null, 'displayName', x.display_name, 'endDateTime', ${TIME('x.ends_at')},
            'hint', x.hint, 'keyId', x.key_id, 'secretText', null, 'startDateTime', ${TIME('x.starts_at')})
          order by x.starts_at, x.key_id), '[]')
     from app_secrets x
    where x.tenant_id = a.tenant_id and x.app_id = a.app_id)`;

const KEY_CREDENTIALS = `
  (select coalesce(json_agg(json_build_object(
            'customKeyIdentifier', x.thumbprint, 'displayName', x.display_name, 'endDateTime', ${TIME('x.ends_at')},
            'key', null, 'keyId', x.key_id, 'startDateTime', ${TIME('x.starts_at')},
            'type', 'AsymmetricX509Cert', 'usage', 'Verify')
          order by x.starts_at, x.key_id), '[]')
     from app_certificates x
    where x.tenant_id = a.tenant_id and x.app_id = a.app_id)`;

const redirectUris = (column: string) => sql`json_build_object('redirectUris', ${sql.ref(column)})`;

/** Apps as their lists can be asked for; `a` is the apps table. */
export const APPLICATION_RESOURCE: Resource = {
  name: 'applications',
  key: 'id',
  defaultOrder: 'displayName',
  properties: {
    id: { type: 'guid', sql: sql.ref('a.object_id'), filter: true, sort: true },
    appId: { type: 'guid', sql: sql.ref('a.app_id'), filter: true, sort: true },
    displayName: { type: 'string', sql: sql.ref('a.display_name'), filter: true, sort: true },
    createdDateTime: { type: 'dateTime', sql: sql.ref('a.created_at'), filter: true, sort: true },
    keyCredentials: { type: 'json', sql: sql.raw(KEY_CREDENTIALS) },
    passwordCredentials: { type: 'json', sql: sql.raw(PASSWORD_CREDENTIALS) },
    requiredServicePlanIds: {
      type: 'json',
      sql: sql.ref('a.required_service_plan_ids'),
      collection: {
        elements: { '': { type: 'guid', sql: sql.ref('x.plan'), filter: true } },
        exists: (condition) =>
          sql`exists (select from unnest(a.required_service_plan_ids) as x(plan) where ${condition})`,
      },
    },
    permissions: { type: 'json', sql: sql.ref('a.permissions') },
    onRefusal: { type: 'string', sql: sql.ref('a.on_refusal'), filter: true },
    web: { type: 'json', sql: redirectUris('a.web_redirect_uris') },
    spa: { type: 'json', sql: redirectUris('a.spa_redirect_uris') },
    publicClient: { type: 'json', sql: redirectUris('a.public_client_redirect_uris') },
  },
  search: {
    // Wherever the text stands: a tenant has hundreds of apps, not millions.
    displayName: (text) => sql`strpos(lower(a.display_name), lower(${text}::text)) > 0`,
  },
};
