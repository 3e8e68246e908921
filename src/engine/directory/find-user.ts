import type { Database } from '../../db/open.ts';
import { notFound } from '../refused.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The id of a user who is named by id or by user principal name, in any case.
 * @throws Refused notFound
 */
export async function findUserId(db: Database, tenantId: string, idOrName: string): Promise<string> {
  const condition = GUID.test(idOrName) ? 'user_id = $2' : 'lower(user_principal_name) = lower($2)';
  const { rows } = await db.pool.query<{ user_id: string }>(
    `select user_id from users where tenant_id = $1 and ${condition}`,
    [tenantId, idOrName],
  );
  if (!rows[0]) throw notFound(idOrName);
  return rows[0].user_id;
}
