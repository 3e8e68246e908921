import type pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';

const COUNTED_WITHIN_SECONDS = 600;

/** Waits for the server's job that counts claims by the hour. @returns how long it took, from now */
export async function untilCounted(pool: pg.Pool): Promise<number> {
  const from = performance.now();
  for (;;) {
    const { rowCount } = await pool.query(
      "select from claim_counting where counted_until > clock_timestamp() - interval '4 hours'",
    );
    const seconds = (performance.now() - from) / 1_000;
    if (rowCount === 1) return seconds;
    if (seconds > COUNTED_WITHIN_SECONDS) throw new Error('The claims are not counted.');
    await sleep(500);
  }
}
