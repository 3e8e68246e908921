import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Database } from '../../db/open.ts';
import { currentTime } from '../../db/transaction.ts';
import { Refused } from '../refused.ts';
import type { DecidedSignIn, SignIn } from './sign-in.ts';

// The same sign-in (same client, same correlationId, within 24 h) delivered twice gives the same
// decision (PRODUCT.md, "What must always hold"): what was answered is kept with what it did.

/** How long an answer is kept for a repeated delivery. */
const KEPT_HOURS = 24;

/** Another server answers the same delivery in this very moment: this one is to be begun again. */
export class DeliveredMeanwhile extends Error {
  override readonly name = 'DeliveredMeanwhile';
}

/** A correlationId came again with another question. */
export class CorrelationReused extends Refused {
  constructor() {
    super(
      'reused',
      'correlationId: it was used within the last 24 hours for a sign-in with another body.',
      'correlationId',
    );
  }
}

interface DeliveryRow {
  client_id: string;
  correlation_id: string;
  request_hash: string;
  decision: Omit<DecidedSignIn, 'decidedAt'> & { decidedAt: string };
}

/** What tells two bodies under one correlationId apart. */
export function requestHash({ appId, userId, userPrincipalName }: SignIn): string {
  return createHash('sha256')
    .update(JSON.stringify([appId, userId, userPrincipalName]))
    .digest('base64url');
}

/** What was answered to these sign-ins before, by their place in the list. */
export async function readDelivered(
  client: Pick<pg.ClientBase, 'query'>,
  tenantId: string,
  signIns: readonly SignIn[],
): Promise<Map<SignIn, DecidedSignIn | CorrelationReused>> {
  const correlated = signIns.filter((signIn) => signIn.correlationId !== null);
  if (correlated.length === 0) return new Map();
  const { rows } = await client.query<DeliveryRow>({
    name: 'read-delivered',
    text: `select d.client_id, d.correlation_id, d.request_hash, d.decision
             from unnest($2::text[], $3::text[]) as a(client_id, correlation_id),
                  lateral (select * from sign_in_deliveries s
                            where s.tenant_id = $1 and s.client_id = a.client_id and s.correlation_id = a.correlation_id
                              and s.decided_at > clock_timestamp() - make_interval(hours => ${KEPT_HOURS})) d`,
    values: [tenantId, correlated.map((one) => one.clientId), correlated.map((one) => one.correlationId)],
  });
  const found = new Map(rows.map((row) => [keyOf(row.client_id, row.correlation_id), row]));
  const answers = new Map<SignIn, DecidedSignIn | CorrelationReused>();
  for (const signIn of correlated) {
    const row = found.get(keyOf(signIn.clientId, signIn.correlationId!));
    if (!row) continue;
    const isSame = row.request_hash === requestHash(signIn);
    answers.set(
      signIn,
      isSame ? { ...row.decision, decidedAt: new Date(row.decision.decidedAt) } : new CorrelationReused(),
    );
  }
  return answers;
}

/**
 * Keeps the answers to the sign-ins that have a correlationId, in one statement.
 * @param tx the transaction that writes what they did; where they did nothing, the statement stands alone
 * @returns those that are not kept, since another server keeps its own answer to the same delivery
 */
export async function keepDelivered<T extends { readonly asked: SignIn; readonly decided: DecidedSignIn }>(
  tx: { readonly tenantId: string; readonly client: Pick<pg.ClientBase, 'query'> },
  decided: readonly T[],
  at: Date,
): Promise<T[]> {
  const correlated = decided.filter(({ asked }) => asked.correlationId !== null);
  if (correlated.length === 0) return [];
  const { rows } = await tx.client.query<{ client_id: string; correlation_id: string }>({
    name: 'keep-delivered',
    text: `insert into sign_in_deliveries as kept (tenant_id, client_id, correlation_id, request_hash, decision, decided_at)
           select $1, d.client_id, d.correlation_id, d.request_hash, d.decision, $3::timestamptz
             from jsonb_to_recordset($2::jsonb) as d(client_id text, correlation_id text, request_hash text, decision jsonb)
            order by d.client_id, d.correlation_id
           on conflict (tenant_id, client_id, correlation_id) do update
              set request_hash = excluded.request_hash, decision = excluded.decision, decided_at = excluded.decided_at
            where kept.decided_at <= $4::timestamptz
           returning client_id, correlation_id`,
    values: [
      tx.tenantId,
      JSON.stringify(
        correlated.map(({ asked, decided: decision }) => ({
          client_id: asked.clientId,
          correlation_id: asked.correlationId,
          request_hash: requestHash(asked),
          decision,
        })),
      ),
      at,
      // Reckoned here: in ON CONFLICT a distributed database takes what is immutable alone.
      new Date(at.getTime() - KEPT_HOURS * 3_600_000),
    ],
  });
  const kept = new Set(rows.map((row) => keyOf(row.client_id, row.correlation_id)));
  return correlated.filter(({ asked }) => !kept.has(keyOf(asked.clientId, asked.correlationId!)));
}

/** Removes answers that have been kept long enough, of all tenants. */
export async function purgeDelivered(db: Database): Promise<void> {
  const now = await currentTime(db.pool);
  await db.pool.query('delete from sign_in_deliveries where decided_at < $1', [
    new Date(now.getTime() - KEPT_HOURS * 3_600_000),
  ]);
}

/** Client ids and correlation ids are free text: a separator that can't be in either. */
export function keyOf(clientId: string, correlationId: string): string {
  return JSON.stringify([clientId, correlationId]);
}
