import type { TenantTransaction } from '../tenant/tenancy.ts';

/**
 * Ends everything that people have got by signing in: sessions, and the codes and refresh tokens
 * of them. Access tokens end with their session (person.ts).
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
}

/** Ends the sessions of users who are blocked now. */
export async function endSessionsOfBlocked(tx: TenantTransaction): Promise<void> {
  await tx.client.query(
    `delete from openid_artifacts a using users u
      where a.tenant_id = $1 and a.payload ? 'accountId' and u.tenant_id = $1
        and u.user_id::text = a.payload ->> 'accountId' and not u.is_account_enabled`,
    [tx.tenantId],
  );
}
