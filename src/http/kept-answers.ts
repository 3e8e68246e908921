import type { Database } from '../db/open.ts';
import { asStoreFailure } from '../db/failures.ts';
import type { TenantTransaction } from '../engine/tenant/tenancy.ts';

/** Which request a client means by an Idempotency-Key. */
export interface KeyedRequest {
  readonly tenantId: string;
  readonly clientId: string;
  readonly key: string;
  /** Of all that makes it the same request: the path and the body. */
  readonly hash: string;
  /** This delivery of it, among others of the same key. */
  readonly requestId: string;
}

/** What is known of a key's request. */
export interface KeptAnswer {
  readonly hash: string;
  /** null: it was carried out, and its answer isn't kept: not yet, or never. */
  readonly answer: {
    readonly status: number;
    readonly headers: Record<string, string>;
    readonly body: string | null;
  } | null;
  readonly ageMs: number;
}

/** The status of a request that was carried out and whose answer isn't there. */
const NO_ANSWER = 0;
const KEPT_FOR = '24 hours';

/** What is known of the request that a key stands for; undefined where the key is new, or a day old. */
export async function readKept(
  db: Database,
  { tenantId, clientId, key }: KeyedRequest,
): Promise<KeptAnswer | undefined> {
  const { rows } = await db.pool
    .query<{ hash: string; status: number; headers: Record<string, string>; body: string | null; age: number }>(
      `select request_hash as hash, status, headers - 'request-id' as headers, body,
              (extract(epoch from clock_timestamp() - answered_at) * 1000)::float8 as age
         from idempotent_requests
        where tenant_id = $1 and client_id = $2 and idempotency_key = $3
          and answered_at > clock_timestamp() - $4::interval`,
      [tenantId, clientId, key, KEPT_FOR],
    )
    .catch((error: unknown) => {
      throw asStoreFailure(error);
    });
  const row = rows[0];
  if (!row) return undefined;
  const { hash, status, headers, body, age } = row;
  return { hash, ageMs: age, answer: status === NO_ANSWER ? null : { status, headers, body } };
}

/**
 * Notes in the transaction of a request's effect that it was carried out: neither is there
 * without the other. Another delivery of the key that does so at the same time waits for this
 * transaction's end.
 * @returns false where another delivery was first
 */
export async function noteCarriedOut(tx: TenantTransaction, request: KeyedRequest): Promise<boolean> {
  const { rowCount } = await tx.client.query(
    `insert into idempotent_requests as kept
       (tenant_id, client_id, idempotency_key, request_hash, status, headers, body, answered_at)
     values ($1, $2, $3, $4, $5, jsonb_build_object('request-id', $6::text), null, $7)
     on conflict (tenant_id, client_id, idempotency_key) do update
        set request_hash = excluded.request_hash, status = excluded.status, headers = excluded.headers,
            body = excluded.body, answered_at = excluded.answered_at
      where excluded.answered_at - kept.answered_at >= $8::interval
         or kept.headers -> 'request-id' = excluded.headers -> 'request-id'`,
    [tx.tenantId, request.clientId, request.key, request.hash, NO_ANSWER, request.requestId, tx.now, KEPT_FOR],
  );
  return rowCount === 1;
}

/** Keeps the answer to a request, unless another delivery of the key was first. */
export async function keepAnswer(
  db: Database,
  request: KeyedRequest,
  answer: NonNullable<KeptAnswer['answer']>,
): Promise<void> {
  await db.pool.query(
    `insert into idempotent_requests as kept
       (tenant_id, client_id, idempotency_key, request_hash, status, headers, body, answered_at)
     values ($1, $2, $3, $4, $5, $6::jsonb || jsonb_build_object('request-id', $7::text), $8, clock_timestamp())
     on conflict (tenant_id, client_id, idempotency_key) do update
        set request_hash = excluded.request_hash, status = excluded.status, headers = excluded.headers,
            body = excluded.body, answered_at = excluded.answered_at
      where excluded.answered_at - kept.answered_at >= $9::interval
         or kept.headers -> 'request-id' = excluded.headers -> 'request-id'`,
    [
      request.tenantId,
      request.clientId,
      request.key,
      request.hash,
      answer.status,
      JSON.stringify(answer.headers),
      request.requestId,
      // As a JSON string, byte for byte: jsonb would put the properties into an order of its own.
      answer.body === null ? null : JSON.stringify(answer.body),
      KEPT_FOR,
    ],
  );
}
