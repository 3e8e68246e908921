import type { Database } from '../db/open.ts';
import { currentTime } from '../db/transaction.ts';
import { CHANGES_KEPT_DAYS } from '../engine/report/sequence-changes.ts';

/** Rows a statement deletes at most: a long purge must hold no lock for long. */
const ROWS_PER_STATEMENT = 5_000;
const KEPT_MS = 24 * 3_600_000;

/** Forgets what was answered to Idempotency-Keys more than 24 hours ago, of all tenants, one after the other. */
export async function purgeIdempotentRequests(db: Database): Promise<void> {
  const before = new Date((await currentTime(db.pool)).getTime() - KEPT_MS);
  const { rows } = await db.pool.query<{ tenant_id: string }>(
    'select distinct tenant_id from idempotent_requests where answered_at < $1',
    [before],
  );
  for (const { tenant_id: tenantId } of rows) await purgeRequestsOf(db, tenantId, before);
}

async function purgeRequestsOf(db: Database, tenantId: string, before: Date): Promise<void> {
  for (;;) {
    const { rowCount } = await db.pool.query(
      `delete from idempotent_requests
        where tenant_id = $1 and (client_id, idempotency_key) in (
          select client_id, idempotency_key from idempotent_requests where tenant_id = $1 and answered_at < $2 limit $3)`,
      [tenantId, before, ROWS_PER_STATEMENT],
    );
    if ((rowCount ?? 0) < ROWS_PER_STATEMENT) return;
  }
}

/** Forgets changes that no delta link leads to any more, of all tenants, one after the other. */
export async function purgeDirectoryChanges(db: Database): Promise<void> {
  // A day longer than links: none of them misses what it was promised.
  const before = new Date((await currentTime(db.pool)).getTime() - (CHANGES_KEPT_DAYS + 1) * 24 * 3_600_000);
  const { rows } = await db.pool.query<{ tenant_id: string }>(
    'select distinct tenant_id from directory_changes where recorded_at < $1',
    [before],
  );
  for (const { tenant_id: tenantId } of rows) await purgeChangesOf(db, tenantId, before);
}

async function purgeChangesOf(db: Database, tenantId: string, before: Date): Promise<void> {
  for (;;) {
    const { rowCount } = await db.pool.query(
      `delete from directory_changes
        where tenant_id = $1 and change_id in (
          select change_id from directory_changes where tenant_id = $1 and recorded_at < $2 limit $3)`,
      [tenantId, before, ROWS_PER_STATEMENT],
    );
    if ((rowCount ?? 0) < ROWS_PER_STATEMENT) return;
  }
}
