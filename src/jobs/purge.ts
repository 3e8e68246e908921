import type { Database } from '../db/open.ts';

/** Rows a statement deletes at most: a long purge must hold no lock for long. */
const ROWS_PER_STATEMENT = 5_000;

/** Forgets what was answered to Idempotency-Keys more than 24 hours ago, of all tenants. */
export async function purgeIdempotentRequests(db: Database): Promise<void> {
  for (;;) {
    const { rowCount } = await db.pool.query(
      `delete from idempotent_requests
        where (tenant_id, client_id, idempotency_key) in (
          select tenant_id, client_id, idempotency_key from idempotent_requests
           where answered_at < clock_timestamp() - interval '24 hours' limit $1)`,
      [ROWS_PER_STATEMENT],
    );
    if ((rowCount ?? 0) < ROWS_PER_STATEMENT) return;
  }
}
