import { StoreUnavailable } from '../../db/failures.ts';
import type { Database } from '../../db/open.ts';
import { currentTime } from '../../db/transaction.ts';
import { QUEUED_TOLD_MAX } from '../directory/licensing-queue.ts';
import { SYSTEM } from '../tenant/tenant.ts';
import type { Tenancy } from '../tenant/tenancy.ts';
import { licenseMembers } from './license-members.ts';

/**
 * So many users are licensed in one transaction. Their products' pools are locked meanwhile, and
 * claims wait: some twenty milliseconds at this number.
 */
const USERS_PER_BATCH = 100;

/** Who can't be licensed for a fault of ours is left alone for so long: the fault is logged each time. */
const AGAIN_AFTER_MS = 60_000;

/**
 * Licenses users who have just been queued, at once, for whoever queued them; of more than
 * QUEUED_TOLD_MAX, as several changes of one transaction may come to, none. The queue is durable, so
 * what is too much or can't be done now is done in the background, and the change itself stands either way.
 */
export async function licenseQueued(tenancy: Tenancy, userIds: readonly string[]): Promise<void> {
  try {
    if (userIds.length === 0 || userIds.length > QUEUED_TOLD_MAX) return;
    const { rows } = await tenancy.db.pool.query<{ user_id: string }>(
      'select user_id from group_licensing_queue where tenant_id = $1 and user_id = any($2::uuid[])',
      [tenancy.tenantId, userIds],
    );
    const queued = rows.map((row) => row.user_id).sort();
    for (let at = 0; at < queued.length; at += USERS_PER_BATCH)
      await licenseMembers(tenancy, queued.slice(at, at + USERS_PER_BATCH));
  } catch {
    // The background does it again, and tells what is wrong.
  }
}

/**
 * Works off the queues of all tenants until they are empty; the job that runs on a schedule. Tenants
 * take turns, so that one with a hundred thousand members doesn't keep the others waiting.
 * @throws what kept users from being licensed, once all others are; they stay queued
 */
export async function workOffQueues(db: Database): Promise<void> {
  const now = await currentTime(db.pool);
  const { rows } = await db.pool.query<{ tenant_id: string }>(
    'select distinct tenant_id from group_licensing_queue where queued_at <= $1',
    [now],
  );
  const failures: unknown[] = [];
  let turns = rows.map(({ tenant_id: tenantId }) => ({ tenantId, after: '00000000-0000-0000-0000-000000000000' }));
  while (turns.length > 0) {
    const next: typeof turns = [];
    for (const turn of turns) {
      const userIds = await readQueue(db, turn.tenantId, turn.after, now);
      if (userIds.length === 0) continue;
      const tenancy = { db, tenantId: turn.tenantId, actor: SYSTEM, correlationId: null };
      await licenseApart(tenancy, userIds, failures);
      // On from here, and not from the start: whoever is left queued is for the next run.
      next.push({ ...turn, after: userIds.at(-1)! });
    }
    turns = next;
  }
  if (failures.length > 0) throw failures[0];
}

async function readQueue(db: Database, tenantId: string, after: string, now: Date): Promise<string[]> {
  const { rows } = await db.pool.query<{ user_id: string }>(
    `select user_id from group_licensing_queue where tenant_id = $1 and user_id > $2 and queued_at <= $3
      order by user_id limit ${USERS_PER_BATCH}`,
    [tenantId, after, now],
  );
  return rows.map((row) => row.user_id);
}

/** One who can't be licensed for a fault of ours must not keep the others of the batch from it: halves are tried apart. */
async function licenseApart(tenancy: Tenancy, userIds: readonly string[], failures: unknown[]): Promise<void> {
  try {
    await licenseMembers(tenancy, userIds);
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error;
    if (userIds.length === 1) {
      failures.push(error);
      await putOff(tenancy, userIds[0]!);
      return;
    }
    const half = userIds.length >> 1;
    await licenseApart(tenancy, userIds.slice(0, half), failures);
    await licenseApart(tenancy, userIds.slice(half), failures);
  }
}

async function putOff({ db, tenantId }: Tenancy, userId: string): Promise<void> {
  const until = new Date((await currentTime(db.pool)).getTime() + AGAIN_AFTER_MS);
  await db.pool.query('update group_licensing_queue set queued_at = $3 where tenant_id = $1 and user_id = $2', [
    tenantId,
    userId,
    until,
  ]);
}
