import type { Database } from '../../db/open.ts';
import { currentTime } from '../../db/transaction.ts';

/** Who tries to sign in: what they typed as their name, and the network address they come from. */
export interface Attempt {
  readonly userName: string;
  readonly address: string;
}

/** Wrong passwords in a row until the next one has to wait; an office may share one address. */
const FREE = { account: 5, address: 50 };
/** The first wait; each further failure doubles it. */
const WAIT_SECONDS = 30;
const WAIT_SECONDS_MAX = 15 * 60;
/** After so long a rest, failures count from one again. */
const FORGOTTEN_AFTER_HOURS = 24;

/**
 * Counts an attempt as a failure before its password is looked at, so that many at once are many;
 * forgiveAttempt takes it back. Names that nobody has are counted and made to wait like others.
 * @returns how many seconds to wait, where one has to: then nothing was counted
 */
export async function countAttempt(db: Database, tenantId: string, attempt: Attempt): Promise<number | undefined> {
  return (
    (await count(db, tenantId, 'address', attempt.address)) ?? (await count(db, tenantId, 'account', attempt.userName))
  );
}

async function count(
  db: Database,
  tenantId: string,
  kind: keyof typeof FREE,
  subject: string,
): Promise<number | undefined> {
  // lower() stays the database's: names are equal here exactly where users' names are.
  const key = [tenantId, kind, subject];
  const subjectHash = `encode(sha256(convert_to(lower($3), 'UTF8')), 'hex')`;
  const wait = `make_interval(secs =>
    case when a.failures < ${FREE[kind]} then 0
         else least(${WAIT_SECONDS} * power(2, least(a.failures - ${FREE[kind]}, 20)), ${WAIT_SECONDS_MAX}) end)`;
  const { rowCount } = await db.pool.query(
    `insert into sign_in_attempts as a (tenant_id, kind, subject, failures, last_failed_at)
     values ($1, $2, ${subjectHash}, 1, clock_timestamp())
     on conflict (tenant_id, kind, subject) do update
        set failures = case when excluded.last_failed_at - a.last_failed_at > interval '${FORGOTTEN_AFTER_HOURS} hours'
                            then 1 else a.failures + 1 end,
            last_failed_at = excluded.last_failed_at
      where a.failures < ${FREE[kind]} or excluded.last_failed_at - a.last_failed_at >= ${wait}`,
    key,
  );
  if (rowCount === 1) return undefined;
  const { rows } = await db.pool.query<{ seconds: number }>(
    `select greatest(1, ceil(extract(epoch from a.last_failed_at + ${wait} - clock_timestamp())))::int as seconds
       from sign_in_attempts a where a.tenant_id = $1 and a.kind = $2 and a.subject = ${subjectHash}`,
    key,
  );
  return rows[0]?.seconds ?? 1;
}

/** Takes an attempt back: its password was right. The account's failures are over, the address keeps its others. */
export async function forgiveAttempt(db: Database, tenantId: string, attempt: Attempt): Promise<void> {
  await db.pool.query(
    `update sign_in_attempts set failures = case kind when 'account' then 0 else greatest(failures - 1, 0) end
      where tenant_id = $1
        and ((kind = 'account' and subject = encode(sha256(convert_to(lower($2), 'UTF8')), 'hex'))
          or (kind = 'address' and subject = encode(sha256(convert_to(lower($3), 'UTF8')), 'hex')))`,
    [tenantId, attempt.userName, attempt.address],
  );
}

/** Deletes what is forgotten, for the jobs. */
export async function purgeSignInAttempts(db: Database): Promise<void> {
  const now = await currentTime(db.pool);
  await db.pool.query('delete from sign_in_attempts where last_failed_at < $1', [
    new Date(now.getTime() - FORGOTTEN_AFTER_HOURS * 3_600_000),
  ]);
}
