import type { Database } from '../../db/open.ts';
import { currentTime } from '../../db/transaction.ts';
import type { Hook } from './hook.ts';

/** What came in by a hook: an event, or what was refused and why; or a client that no app is mapped to. */
export interface HookOccurrence {
  readonly refusal?: string;
  readonly unmappedClientId?: string;
}

interface Counted {
  readonly hook: Pick<Hook, 'tenantId' | 'hookId'>;
  events: number;
  refused: number;
  lastRefusal: string | null;
  lastUnmappedClientId: string | null;
}

/** So often it is written, so that a sign-in waits for none of it and a storm is one row's one change. */
const WRITTEN_EACH_MS = 500;

/**
 * Counts what hooks bring, and writes it in the background: it tells an admin how a hook does. A
 * crash may lose the last moment of it.
 */
export class HookUse {
  readonly #db: Database;
  readonly #onFailure: (error: unknown) => void;
  #counted = new Map<string, Counted>();
  #timer: NodeJS.Timeout | undefined;

  constructor(db: Database, onFailure: (error: unknown) => void) {
    this.#db = db;
    this.#onFailure = onFailure;
  }

  note(hook: Pick<Hook, 'tenantId' | 'hookId'>, { refusal, unmappedClientId }: HookOccurrence): void {
    const counted = this.#counted.get(hook.hookId) ?? {
      hook,
      events: 0,
      refused: 0,
      lastRefusal: null,
      lastUnmappedClientId: null,
    };
    if (refusal === undefined) counted.events += 1;
    else {
      counted.refused += 1;
      counted.lastRefusal = refusal;
    }
    counted.lastUnmappedClientId = unmappedClientId ?? counted.lastUnmappedClientId;
    this.#counted.set(hook.hookId, counted);
    this.#timer ??= setTimeout(() => void this.flush(), WRITTEN_EACH_MS).unref();
  }

  /** Writes what has been counted. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const counted = this.#counted;
    this.#counted = new Map();
    for (const one of counted.values()) await this.#write(one).catch(this.#onFailure);
  }

  async #write({ hook, events, refused, lastRefusal, lastUnmappedClientId }: Counted): Promise<void> {
    const now = await currentTime(this.#db.pool);
    // From the hook's own row: of a hook that was deleted meanwhile nothing is kept.
    await this.#db.pool.query(
      `insert into sign_in_hook_use as u (tenant_id, hook_id, events, last_event_at, refused, last_refused_at,
                                          last_refusal, last_unmapped_client_id)
       select h.tenant_id, h.hook_id, $3::bigint, case when $3::bigint > 0 then $7::timestamptz end,
              $4::bigint, case when $4::bigint > 0 then $7::timestamptz end, $5::text, $6::text
         from sign_in_hooks h where h.tenant_id = $1 and h.hook_id = $2
       on conflict (tenant_id, hook_id) do update
          set events = u.events + excluded.events,
              last_event_at = coalesce(excluded.last_event_at, u.last_event_at),
              refused = u.refused + excluded.refused,
              last_refused_at = coalesce(excluded.last_refused_at, u.last_refused_at),
              last_refusal = coalesce(excluded.last_refusal, u.last_refusal),
              last_unmapped_client_id = coalesce(excluded.last_unmapped_client_id, u.last_unmapped_client_id)`,
      [hook.tenantId, hook.hookId, events, refused, lastRefusal, lastUnmappedClientId, now],
    );
  }
}
