import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Operation, OperationThat, Request } from './operation.ts';
import { send, sendList, type Client, type Sent, type SignInRequest } from './send.ts';

const POLL_MS = 20;

/** Does operations and writes them down, on one monotonic clock. */
export class Recorder {
  /** Empty it (`length = 0`) where a new history begins. */
  readonly operations: Operation[] = [];
  readonly #abandoned = new Set<Operation>();
  #count = 0;

  /** The history's clock: milliseconds. */
  readonly now = (): number => performance.now();

  /** Asks a server, and records what came of it. */
  async perform<R extends Request>(url: string, client: Client, request: R): Promise<OperationThat<R['do']>> {
    const invokedAt = this.now();
    return this.#record(client, request, invokedAt, await send(url, client, request));
  }

  /** Sign-ins in one request. */
  async performList(url: string, client: Client, requests: readonly SignInRequest[]): Promise<void> {
    const invokedAt = this.now();
    const answers = await sendList(url, client, requests);
    requests.forEach((request, index) => this.#record(client, request, invokedAt, answers[index]!));
  }

  #record<R extends Request>(client: Client, request: R, invokedAt: number, sent: Sent): OperationThat<R['do']> {
    const outcome = outcomeOf(request, sent);
    const operation: Operation = {
      number: (this.#count += 1),
      tenantId: client.tenantId,
      clientId: client.clientId,
      request,
      invokedAt,
      returnedAt: outcome === 'unknown' ? Infinity : this.now(),
      outcome,
      status: sent.status,
      answer: sent.answer,
      requestId: sent.requestId,
    };
    if (sent.isAbandoned) this.#abandoned.add(operation);
    this.operations.push(operation);
    return operation as OperationThat<R['do']>;
  }

  /**
   * Waits until nothing is under way in the database any more. All that was asked must have been
   * answered or cut, and no server be stopped: then what is unknown is done, or never will be.
   * @param pool a connection to the database that the servers use
   */
  async settle(pool: pg.Pool): Promise<void> {
    for (let quiet = 0; quiet < 3;) {
      await sleep(POLL_MS);
      const { rows } = await pool.query<{ busy: number }>(
        `select count(*)::int as busy from pg_stat_activity
          where datname = current_database() and application_name = 'autoclaim' and pid <> pg_backend_pid() and state <> 'idle'`,
      );
      quiet = rows[0]!.busy === 0 ? quiet + 1 : 0;
    }
    for (const operation of this.operations) {
      if (operation.returnedAt === Infinity && !this.#abandoned.has(operation)) operation.returnedAt = this.now();
    }
  }
}

function outcomeOf(request: Request, { status, answer, isUnheard }: Sent): Operation['outcome'] {
  if (isUnheard) return 'refused';
  if (status === null || status >= 500) return 'unknown';
  if (status >= 400) return 'refused';
  return request.do === 'sign in' && answer.outcome === 'refused' ? 'refused' : 'ok';
}
