import type pg from 'pg';

/** Where claims leave rows. */
export const CLAIM_TABLES = ['licenses', 'assignment_paths', 'claims', 'sign_ins', 'audit_entries'] as const;

/** Takes everybody's licenses and what was written about them. */
export async function forgetClaims(pool: pg.Pool): Promise<void> {
  await pool.query(`truncate ${CLAIM_TABLES.join()}, counted_claims, claim_counting`);
  await pool.query('update pools set consumed = 0');
}
