import type { Database } from '../../db/open.ts';
import { StoreUnavailable } from '../../db/failures.ts';
import { decideSignIns, type Outcome } from './claim.ts';
import { CorrelationReused } from './deliveries.ts';
import type { Expectation } from './expectation.ts';
import type { SignInLog } from './sign-in-log.ts';
import type { DecidedSignIn, SignIn } from './sign-in.ts';

/** Sign-ins in one set-based call. More gain little and make each wait longer (256: 27,000/s, 1,024: 44,000/s alone). */
const BATCH_MAX = 256;
/**
 * With so many waiting, a second call begins beside the one in flight: while the first writes and
 * commits, the second reads its facts, and the processor that isn't PostgreSQL's answers requests.
 * Fewer together cost more each, and two small calls take longer than one; of three, two would
 * stand waiting for the same pools.
 */
const SECOND_FROM = 64;
const IN_FLIGHT_MAX = 2;
/** Sign-ins that may wait for one tenant. Beyond it a client is told to come back, before memory tells everybody. */
const WAITING_MAX = 20_000;

interface Waiting {
  readonly signIn: SignIn;
  readonly resolve: (decided: DecidedSignIn) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers the sign-ins of each tenant into set-based calls: what arrives while one is in flight is
 * the next. There is no timer, and who comes alone doesn't wait. Tenants don't wait for each other,
 * but for a connection, and for that in turn.
 */
export class SignInBatches {
  readonly #db: Database;
  readonly #log: SignInLog;
  readonly #waiting = new Map<string, Waiting[]>();
  /** How many calls of a tenant are in flight. */
  readonly #inFlight = new Map<string, number>();
  /** Tenants in which a storm of claims is under way. */
  readonly #expected = new Map<string, Expectation>();
  readonly #runs = new Set<Promise<void>>();

  constructor(db: Database, log: SignInLog) {
    this.#db = db;
    this.#log = log;
  }

  /**
   * Answers a sign-in; `claimed` only after a true COMMIT.
   * @throws StoreUnavailable, CorrelationReused
   */
  decide(tenantId: string, signIn: SignIn): Promise<DecidedSignIn> {
    const { promise, resolve, reject } = Promise.withResolvers<DecidedSignIn>();
    const waiting = this.#waiting.get(tenantId) ?? [];
    if (waiting.length >= WAITING_MAX) {
      reject(new StoreUnavailable(`${WAITING_MAX} sign-ins of this tenant are waiting already.`));
      return promise;
    }
    waiting.push({ signIn, resolve, reject });
    this.#waiting.set(tenantId, waiting);
    const inFlight = this.#inFlight.get(tenantId) ?? 0;
    if (inFlight === 0 || (inFlight < IN_FLIGHT_MAX && waiting.length >= SECOND_FROM)) {
      this.#inFlight.set(tenantId, inFlight + 1);
      const run = this.#run(tenantId).finally(() => this.#runs.delete(run));
      this.#runs.add(run);
    }
    return promise;
  }

  /** Returns when all that was asked is answered. */
  async drain(): Promise<void> {
    await Promise.all(this.#runs);
  }

  async #run(tenantId: string): Promise<void> {
    // Through the event loop once, so that what arrived in the same turn comes along, and between
    // batches, so that other tenants' requests are not starved.
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const waiting = this.#waiting.get(tenantId) ?? [];
      const inFlight = this.#inFlight.get(tenantId)!;
      if (waiting.length === 0 || (inFlight > 1 && waiting.length < SECOND_FROM)) {
        // In the same turn as the look at who waits: nobody can come in between, and be left behind.
        if (inFlight > 1) this.#inFlight.set(tenantId, inFlight - 1);
        else {
          this.#inFlight.delete(tenantId);
          this.#waiting.delete(tenantId);
        }
        return;
      }
      await this.#answer(tenantId, waiting.splice(0, BATCH_MAX));
    }
  }

  async #answer(tenantId: string, members: readonly Waiting[]): Promise<void> {
    let outcome: Outcome;
    try {
      outcome = await decideSignIns(
        this.#db,
        tenantId,
        members.map((member) => member.signIn),
        this.#expected.get(tenantId),
      );
      if (outcome.expectation) this.#expected.set(tenantId, outcome.expectation);
      else this.#expected.delete(tenantId);
    } catch (error) {
      if (error instanceof StoreUnavailable || members.length === 1) {
        members.forEach((member) => member.reject(error));
        return;
      }
      // One of them is poison to the statement: halve until it stands alone, and the others go through.
      const middle = Math.ceil(members.length / 2);
      await this.#answer(tenantId, members.slice(0, middle));
      await this.#answer(tenantId, members.slice(middle));
      return;
    }
    this.#log.add(tenantId, outcome.toLog);
    for (const { signIn, resolve, reject } of members) {
      const answer = outcome.answers.get(signIn)!;
      if (answer instanceof CorrelationReused) reject(answer);
      else resolve(answer);
    }
  }
}
