import { sql, type SqlBool } from 'kysely';
import type { Resource } from '../odata/resource.ts';
import { GROUP_LICENSE_PROPERTIES } from './group-license-properties.ts';

const column = (name: string) => sql.ref(`groups.${name}`);

/** Groups as their lists can be asked for; the tables' name is groups. */
export const GROUP_RESOURCE: Resource = {
  name: 'groups',
  key: 'id',
  defaultOrder: 'displayName',
  properties: {
    id: { type: 'guid', sql: column('group_id'), filter: true, sort: true },
    ...GROUP_LICENSE_PROPERTIES,
    createdDateTime: { type: 'dateTime', sql: column('created_at'), filter: true, sort: true },
    description: { type: 'string', sql: column('description'), filter: true },
    displayName: { type: 'string', sql: column('display_name'), filter: true, sort: true },
    groupTypes: {
      type: 'json',
      sql: column('group_types'),
      collection: {
        elements: { '': { type: 'string', sql: sql.ref('one'), filter: true } },
        exists: (condition) => sql<SqlBool>`exists (select from unnest(groups.group_types) as one where ${condition})`,
      },
    },
    // Groups have no mailboxes here; Graph's clients read these by default.
    mail: { type: 'string', sql: sql`null::text` },
    mailEnabled: { type: 'boolean', sql: column('is_mail_enabled'), filter: true },
    mailNickname: { type: 'string', sql: column('mail_nickname'), filter: true, sort: true },
    proxyAddresses: { type: 'json', sql: sql`'{}'::text[]` },
    securityEnabled: { type: 'boolean', sql: column('is_security_enabled'), filter: true },
    visibility: { type: 'string', sql: column('visibility'), filter: true },
  },
  search: { '': contains('display_name'), displayName: contains('display_name'), description: contains('description') },
};

/** Wherever the text stands: an organisation has thousands of groups, not millions. */
function contains(name: string) {
  return (text: string) => sql<SqlBool>`strpos(lower(${column(name)}), lower(${text}::text)) > 0`;
}
