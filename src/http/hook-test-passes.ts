import { randomBytes } from 'node:crypto';

/** The header by which a test event comes in instead of the provider's own proof. */
export const TEST_PASS_HEADER = 'x-autoclaim-test-pass';

const GOOD_FOR_MS = 10_000;

/**
 * Passes for test events: the server sends them to itself and can't prove what only a provider
 * can. Each is for one hook and one event, within seconds, and never leaves the process.
 */
export class HookTestPasses {
  readonly #passes = new Map<string, { readonly hookId: string; readonly until: number }>();

  issue(hookId: string): string {
    const now = performance.now();
    for (const [pass, { until }] of this.#passes) if (until < now) this.#passes.delete(pass);
    const pass = randomBytes(32).toString('base64url');
    this.#passes.set(pass, { hookId, until: now + GOOD_FOR_MS });
    return pass;
  }

  /** Whether a pass is one of the hook; it is none any more. */
  redeem(pass: string, hookId: string): boolean {
    const found = this.#passes.get(pass);
    this.#passes.delete(pass);
    return found !== undefined && found.hookId === hookId && found.until >= performance.now();
  }
}
