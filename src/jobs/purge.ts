import type { Database } from '../db/open.ts';
import type { Job } from './schedule.ts';

const MINUTE_MS = 60_000;
/** Rows a statement deletes at most: a long purge must hold no lock for long. */
const ROWS_PER_STATEMENT = 5_000;

// Each table with what has outlived its use. API.md: a delivery gives the same answer for 24 hours.
const OUTLIVED: readonly { table: string; key: string; condition: string }[] = [
  {
    table: 'sign_in_deliveries',
    key: 'tenant_id, client_id, correlation_id',
    condition: "decided_at < $1::timestamptz - interval '24 hours'",
  },
  {
    table: 'idempotent_requests',
    key: 'tenant_id, client_id, idempotency_key',
    condition: "answered_at < $1::timestamptz - interval '24 hours'",
  },
];

/** Deletes the answers that are remembered for a repeated request, once their time is over. */
export function purgeAnswersJob(db: Database): Job {
  return {
    name: 'purge remembered answers',
    everyMs: 10 * MINUTE_MS,
    async run() {
      const { rows } = await db.pool.query<{ now: Date }>('select clock_timestamp() as now');
      for (const outlived of OUTLIVED) await purge(db, outlived, rows[0]!.now);
    },
  };
}

async function purge(db: Database, { table, key, condition }: (typeof OUTLIVED)[number], now: Date): Promise<void> {
  for (;;) {
    const { rowCount } = await db.pool.query(
      `delete from ${table}
        where (${key}) in (select ${key} from ${table} where ${condition} limit ${ROWS_PER_STATEMENT})`,
      [now],
    );
    if ((rowCount ?? 0) < ROWS_PER_STATEMENT) return;
  }
}
