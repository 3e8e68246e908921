import type { Database } from '../../db/open.ts';
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
          await this.#db.query
            .insertInto('sign_ins')
            .values(entries.map((entry) => rowOf(tenantId, entry)))
            .onConflict((conflict) => conflict.doNothing())
            .execute();
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

function rowOf(tenantId: string, { decided, asked, user, app }: LoggedSignIn) {
  return {
    tenant_id: tenantId,
    sign_in_id: decided.signInId,
    decided_at: decided.decidedAt,
    user_id: decided.userId,
    user_principal_name: user?.userPrincipalName ?? asked.userPrincipalName,
    user_display_name: user?.displayName ?? null,
    app_id: decided.appId,
    app_display_name: app?.displayName ?? null,
    client_id: asked.clientId,
    correlation_id: asked.correlationId,
    outcome: decided.outcome,
    reason: decided.reason,
    sku_id: decided.entitlement?.skuId ?? null,
    policy_id: decided.entitlement?.policyId ?? null,
    claim_id: decided.entitlement?.claimId ?? null,
  };
}
