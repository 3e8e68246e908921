import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Database } from '../../db/open.ts';
import { currentTime } from '../../db/transaction.ts';
import { IS_SESSION_ON } from '../../engine/directory/sessions.ts';

/** How many expired rows one statement of the purge takes, so that it never holds many locks. */
const PURGED_AT_ONCE = 5_000;
/** How long after its end a row is there at least. */
const PURGED_AFTER_MS = 3_600_000;

/** What the OpenID Provider keeps of one kind, in PostgreSQL; what has expired isn't found. */
export function artifactAdapter(db: Database, tenantId: string, model: string): Adapter {
  const find = async (column: 'artifact_id' | 'session_uid' | 'user_code', value: string) => {
    const { rows } = await db.pool.query<{ payload: AdapterPayload; consumed_at: Date | null }>(
      `select s.payload, s.consumed_at from openid_artifacts s
        where s.tenant_id = $1 and s.model = $2 and s.${column} = $3
          and (s.expires_at is null or s.expires_at > clock_timestamp())${model === 'Session' ? ` and ${IS_SESSION_ON}` : ''}`,
      [tenantId, model, value],
    );
    const row = rows[0];
    if (!row) return undefined;
    return { ...row.payload, ...(row.consumed_at && { consumed: Math.floor(row.consumed_at.getTime() / 1000) }) };
  };
  return {
    find: (id) => find('artifact_id', id),
    findByUid: (uid) => find('session_uid', uid),
    findByUserCode: (userCode) => find('user_code', userCode),
    async upsert(id, payload, expiresIn) {
      await db.pool.query(
        `insert into openid_artifacts (tenant_id, model, artifact_id, payload, grant_id, user_code, session_uid, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp() + make_interval(secs => $8))
         on conflict (tenant_id, model, artifact_id) do update
            set payload = excluded.payload, grant_id = excluded.grant_id, user_code = excluded.user_code,
                session_uid = excluded.session_uid, expires_at = excluded.expires_at`,
        [
          tenantId,
          model,
          id,
          JSON.stringify(payload),
          payload.grantId ?? null,
          payload.userCode ?? null,
          payload.uid ?? null,
          expiresIn || null,
        ],
      );
    },
    async consume(id) {
      await db.pool.query(
        'update openid_artifacts set consumed_at = $4 where tenant_id = $1 and model = $2 and artifact_id = $3',
        [tenantId, model, id, new Date()],
      );
    },
    async destroy(id) {
      await db.pool.query('delete from openid_artifacts where tenant_id = $1 and model = $2 and artifact_id = $3', [
        tenantId,
        model,
        id,
      ]);
    },
    async revokeByGrantId(grantId) {
      await db.pool.query('delete from openid_artifacts where tenant_id = $1 and grant_id = $2', [tenantId, grantId]);
    },
  };
}

/**
 * Notes that a client's assertion was used. One statement decides, so of two that come at once
 * one alone is the first.
 * @param expiresIn seconds until it can't be used any more by its own exp
 * @returns false where it was used before
 */
export async function noteFirstUse(
  db: Database,
  tenantId: string,
  issuer: string,
  jti: string,
  expiresIn: number,
): Promise<boolean> {
  const { rowCount } = await db.pool.query(
    `insert into openid_artifacts (tenant_id, model, artifact_id, payload, expires_at)
     values ($1, 'ReplayDetection', encode(sha256(convert_to($2, 'UTF8')), 'hex'), '{}', clock_timestamp() + make_interval(secs => $3))
     on conflict do nothing`,
    [tenantId, JSON.stringify([issuer, jti]), Math.max(expiresIn, 0)],
  );
  return rowCount === 1;
}

/** Deletes what has expired, for the jobs. An expired row is never found, so this only frees space. */
export async function purgeOpenidArtifacts(db: Database): Promise<number> {
  const before = new Date((await currentTime(db.pool)).getTime() - PURGED_AFTER_MS);
  const { rows } = await db.pool.query<{ tenant_id: string }>(
    'select distinct tenant_id from openid_artifacts where expires_at < $1',
    [before],
  );
  let purged = 0;
  for (const { tenant_id: tenantId } of rows) purged += await purgeArtifactsOf(db, tenantId, before);
  return purged;
}

async function purgeArtifactsOf(db: Database, tenantId: string, before: Date): Promise<number> {
  for (let purged = 0; ;) {
    const { rowCount } = await db.pool.query(
      `delete from openid_artifacts
        where tenant_id = $1 and (model, artifact_id) in (
          select model, artifact_id from openid_artifacts where tenant_id = $1 and expires_at < $2 limit $3)`,
      [tenantId, before, PURGED_AT_ONCE],
    );
    purged += rowCount ?? 0;
    if ((rowCount ?? 0) < PURGED_AT_ONCE) return purged;
  }
}
