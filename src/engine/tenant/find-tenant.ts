import type { Database } from '../../db/open.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** What stands for the tenant where there is just one. */
const ANY_TENANT = ['common', 'organizations'];

/**
 * The tenant that an address names: by its id, by a verified domain, or, where there is exactly
 * one tenant, as "common" or "organizations".
 */
export async function findTenant(db: Database, name: string): Promise<string | undefined> {
  const { rows } = await db.pool.query<{ tenant_id: string }>(
    ANY_TENANT.includes(name)
      ? 'select tenant_id from tenants limit 2'
      : GUID.test(name)
        ? { text: 'select tenant_id from tenants where tenant_id = $1', values: [name] }
        : { text: 'select tenant_id from verified_domains where domain = lower($1)', values: [name] },
  );
  return rows.length === 1 ? rows[0]!.tenant_id : undefined;
}
