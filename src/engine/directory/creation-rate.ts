import type { Database } from '../../db/open.ts';
import { currentTime } from '../../db/transaction.ts';
import type { TenantTransaction } from '../tenant/tenancy.ts';

/**
 * How many users a tenant's trusted doors may create: so many at once, and one more each so many
 * seconds. Enough for the newcomers of a morning, too few to drain a pool before someone looks.
 */
export const CREATION_RATE = { atOnce: 100, secondsEach: 5 } as const;

/** How long an admin is told that somebody was refused for the rate. */
const TOLD_HOURS = 24;
/** Who is refused for the rate is noted at most so often: under an attack each note would wait for the one before. */
const NOTED_EACH_SECONDS = 10;

const STEP_MS = CREATION_RATE.secondsEach * 1_000;

/** Whether the rate is spent, without a lock: most of a flood is turned away here. */
export async function isCreationRateSpent(db: Database, tenantId: string): Promise<boolean> {
  const { rows } = await db.pool.query<{ is_spent: boolean }>(
    `select spent_until > clock_timestamp() + make_interval(secs => $2) as is_spent
       from user_creation where tenant_id = $1`,
    [tenantId, (CREATION_RATE.atOnce - 1) * CREATION_RATE.secondsEach],
  );
  return rows[0]?.is_spent ?? false;
}

/** Locks the tenant's rate: whoever creates users waits for whoever does. */
export async function lockCreationRate({ client, tenantId, now }: TenantTransaction): Promise<Date> {
  const { rows } = await client.query<{ spent_until: Date }>(
    `insert into user_creation as c (tenant_id, spent_until) values ($1, $2)
     on conflict (tenant_id) do update set spent_until = greatest(c.spent_until, excluded.spent_until)
     returning spent_until`,
    [tenantId, now],
  );
  return rows[0]!.spent_until;
}

/**
 * Takes one creation from a locked rate.
 * @returns false where none is left: then nothing was taken
 */
export async function takeCreation({ client, tenantId, now }: TenantTransaction, spentUntil: Date): Promise<boolean> {
  const next = new Date(spentUntil.getTime() + STEP_MS);
  if (next.getTime() > now.getTime() + CREATION_RATE.atOnce * STEP_MS) return false;
  await client.query('update user_creation set spent_until = $2 where tenant_id = $1', [tenantId, next]);
  return true;
}

/** Notes that somebody was refused for the rate, so that an admin is told. */
export async function noteCreationRefused(db: Database, tenantId: string): Promise<void> {
  const now = await currentTime(db.pool);
  await db.pool.query(
    `update user_creation set refused_at = $2 where tenant_id = $1 and (refused_at is null or refused_at < $3)`,
    [tenantId, now, new Date(now.getTime() - NOTED_EACH_SECONDS * 1_000)],
  );
}

/** When somebody was last refused for the rate, where an admin should still be told. */
export async function readCreationRefused(db: Database, tenantId: string): Promise<Date | null> {
  const { rows } = await db.pool.query<{ refused_at: Date }>(
    `select c.refused_at from user_creation c join tenants t on t.tenant_id = $1
      where c.tenant_id = $1 and t.create_users_on_sign_in
        and c.refused_at > clock_timestamp() - make_interval(hours => ${TOLD_HOURS})`,
    [tenantId],
  );
  return rows[0]?.refused_at ?? null;
}
