import type { Database } from '../../db/open.ts';
import { patternRows } from '../patterned-rows.ts';
import type { LoggedSignIn } from './sign-in.ts';

/** Refusals and repeats reach the log within this time; a crash may lose as much, never a claim. */
const FLUSH_AFTER_MS = 250;
/** Kept in memory while the store can't be written; the oldest go first beyond it. */
const KEPT_MAX = 50_000;
const ROWS_PER_STATEMENT_MAX = 1_000;

interface Entry extends LoggedSignIn {
  readonly tenantId: string;
}

/** The log of sign-ins that claimed nothing, written in batches of its own. (A claim's is written with the claim.) */
export class SignInLog {
  readonly #db: Database;
  readonly #onFailure: (error: unknown) => void;
  #entries: Entry[] = [];
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(db: Database, onFailure: (error: unknown) => void) {
    this.#db = db;
    this.#onFailure = onFailure;
  }

  add(tenantId: string, entries: readonly LoggedSignIn[]): void {
    for (const entry of entries) this.#entries.push({ ...entry, tenantId });
    if (this.#entries.length > KEPT_MAX) this.#entries.splice(0, this.#entries.length - KEPT_MAX);
    if (this.#entries.length > 0) this.#timer ??= setTimeout(() => void this.flush(), FLUSH_AFTER_MS);
  }

  /** Writes what is waiting, so that a read that follows on this server sees it. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  async #write(): Promise<void> {
    while (this.#entries.length > 0) {
      const part = this.#entries.splice(0, ROWS_PER_STATEMENT_MAX);
      try {
        // One statement for each tenant, as every statement has one.
        for (const [tenantId, entries] of Map.groupBy(part, (entry) => entry.tenantId)) {
          await insert(this.#db, tenantId, entries);
        }
      } catch (error) {
        this.#onFailure(error);
        this.#entries.unshift(...part);
        this.#timer ??= setTimeout(() => void this.flush(), FLUSH_AFTER_MS * 4);
        return;
      }
    }
  }
}

async function insert(db: Database, tenantId: string, entries: readonly LoggedSignIn[]): Promise<void> {
  const { rows, patterns } = patternRows(entries.map(rowOf));
  await db.pool.query({
    name: 'log-sign-ins',
    text: `
      insert into sign_ins (tenant_id, sign_in_id, decided_at, user_id, user_principal_name, user_display_name, app_id,
                            app_display_name, client_id, correlation_id, outcome, reason, sku_id, policy_id, claim_id, door)
      select $1, sign_in_id, decided_at, user_id, user_principal_name, user_display_name, app_id,
             app_display_name, client_id, correlation_id, outcome, reason, sku_id, policy_id, claim_id, door
        from json_to_recordset($2::json) as r(
               pattern integer, sign_in_id uuid, user_id uuid, user_principal_name text, user_display_name text,
               correlation_id text, claim_id uuid)
        join jsonb_to_recordset($3::jsonb) as p(
               pattern integer, decided_at timestamptz, app_id uuid, app_display_name text, client_id text,
               outcome text, reason text, sku_id uuid, policy_id uuid, door text)
       using (pattern)
      on conflict do nothing`,
    values: [tenantId, rows, patterns],
  });
}

function rowOf({ decided, asked, user, app }: LoggedSignIn) {
  return {
    own: {
      sign_in_id: decided.signInId,
      user_id: decided.userId,
      user_principal_name: user?.userPrincipalName ?? asked.userPrincipalName,
      user_display_name: user?.displayName ?? null,
      correlation_id: asked.correlationId,
      claim_id: decided.entitlement?.claimId ?? null,
    },
    pattern: {
      decided_at: decided.decidedAt,
      app_id: decided.appId,
      app_display_name: app?.displayName ?? null,
      client_id: asked.clientId,
      door: asked.door,
      outcome: decided.outcome,
      reason: decided.reason,
      sku_id: decided.entitlement?.skuId ?? null,
      policy_id: decided.entitlement?.policyId ?? null,
    },
  };
}
