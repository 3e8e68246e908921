import { setTimeout as sleep } from 'node:timers/promises';

/** Who doesn't answer within this is left out. */
const ANSWER_WITHIN_MS = 1_000;

/** Questions to other processes that were sent and not yet answered. */
export class Questions {
  readonly #open = new Map<number, (answer: unknown) => void>();
  #last = 0;

  /** @returns the answer; undefined where none came in time */
  async ask<T>(send: (question: number) => void): Promise<T | undefined> {
    const question = (this.#last += 1);
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#open.set(question, resolve);
    send(question);
    const answer = await Promise.race([promise, sleep(ANSWER_WITHIN_MS, undefined, { ref: false })]);
    this.#open.delete(question);
    return answer as T | undefined;
  }

  answer(question: number, answer: unknown): void {
    this.#open.get(question)?.(answer);
  }
}
