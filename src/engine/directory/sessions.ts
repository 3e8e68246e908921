import type { TenantTransaction } from '../tenant/tenancy.ts';

/**
 * Ends everything that people have got by signing in: sessions, and the codes and refresh tokens
 * of them. Access tokens end with their session (person.ts). A request that is under way writes its
 * session once more; that one is too old then (IS_SESSION_ON).
 * @param except the uid of a session that goes on
 */
export async function endSessions(tx: TenantTransaction, userIds: readonly string[], except?: string): Promise<void> {
  await tx.client.query(
    `delete from openid_artifacts
      where tenant_id = $1 and payload ? 'accountId' and payload ->> 'accountId' = any($2::text[])
        and ($3::text is null or (session_uid is distinct from $3 and payload ->> 'sessionUid' is distinct from $3
             and not (model = 'Grant' and artifact_id in (
               select a.value ->> 'grantId' from openid_artifacts s, jsonb_each(s.payload -> 'authorizations') a
                where s.tenant_id = $1 and s.model = 'Session' and s.session_uid = $3))))`,
    [tx.tenantId, userIds, except ?? null],
  );
  await tx.client.query('update users set sessions_ended_at = $3 where tenant_id = $1 and user_id = any($2::uuid[])', [
    tx.tenantId,
    userIds,
    tx.now,
  ]);
  if (except === undefined) return;
  // As if signed in now: the person has just proved who they are.
  await tx.client.query(
    `update openid_artifacts set payload = jsonb_set(payload, '{loginTs}', to_jsonb($3::bigint))
      where tenant_id = $1 and session_uid = $2`,
    [tx.tenantId, except, Math.floor(tx.now.getTime() / 1000)],
  );
}

/**
 * SQL: whether a session, a row s of openid_artifacts with an account, began after its user's
 * sessions were last ended. A session knows its beginning to the second.
 */
export const IS_SESSION_ON = `not exists (
  select from users e
   where e.tenant_id = s.tenant_id and e.user_id = (s.payload ->> 'accountId')::uuid
     and to_timestamp((s.payload ->> 'loginTs')::bigint) < date_trunc('second', e.sessions_ended_at))`;

/** Ends the sessions of users who are blocked now. */
export async function endSessionsOfBlocked(tx: TenantTransaction): Promise<void> {
  const { rows } = await tx.client.query<{ user_id: string }>(
    `select distinct u.user_id from openid_artifacts a
       join users u on u.tenant_id = $1 and u.user_id = (a.payload ->> 'accountId')::uuid
      where a.tenant_id = $1 and a.payload ? 'accountId' and not u.is_account_enabled`,
    [tx.tenantId],
  );
  await endSessions(
    tx,
    rows.map((row) => row.user_id),
  );
}
