import { sql, type Kysely } from 'kysely';
import type { Tables } from '../../db/schema.ts';
import type { Resource } from '../odata/resource.ts';
import { USER_RESOURCE } from './user-resource.ts';

/** What members of a group haven't got of what it gives; `e` is the errors, `users` and `t` (products) beside them. */
export function licenseErrorsOfGroup(query: Kysely<Tables>, tenantId: string, groupId: string) {
  return query
    .selectFrom('group_license_errors as e')
    .innerJoin('users', (on) =>
      on.onRef('users.tenant_id', '=', 'e.tenant_id').onRef('users.user_id', '=', 'e.user_id'),
    )
    .innerJoin('products as t', (on) => on.onRef('t.tenant_id', '=', 'e.tenant_id').onRef('t.sku_id', '=', 'e.sku_id'))
    .where('e.tenant_id', '=', tenantId)
    .where('e.group_id', '=', groupId);
}

/** Members in error, each product by itself. */
export const GROUP_LICENSE_ERROR_RESOURCE: Resource = {
  name: 'groups/licenseErrors',
  key: 'id',
  defaultOrder: 'id',
  properties: {
    id: { type: 'string', sql: sql`e.user_id || '_' || e.sku_id`, sort: true },
    userId: { type: 'guid', sql: sql.ref('e.user_id'), filter: true },
    userPrincipalName: { type: 'string', sql: sql.ref('users.user_principal_name'), filter: true, sort: true },
    userDisplayName: { type: 'string', sql: sql.ref('users.display_name'), filter: true, sort: true },
    skuId: { type: 'guid', sql: sql.ref('e.sku_id'), filter: true },
    productDisplayName: { type: 'string', sql: sql.ref('t.display_name') },
    error: { type: 'string', sql: sql.ref('e.error'), filter: true, sort: true },
    detail: { type: 'string', sql: sql.ref('e.detail') },
    lastUpdatedDateTime: { type: 'dateTime', sql: sql.ref('e.noted_at'), filter: true, sort: true },
  },
  search: { '': USER_RESOURCE.search!['']! },
};

/** The users themselves, each once. */
export function usersInErrorOfGroup(query: Kysely<Tables>, tenantId: string, groupId: string) {
  return query
    .selectFrom('users')
    .where('users.tenant_id', '=', tenantId)
    .where(
      sql<boolean>`exists (select from group_license_errors e
                            where e.tenant_id = users.tenant_id and e.user_id = users.user_id and e.group_id = ${groupId})`,
    );
}
