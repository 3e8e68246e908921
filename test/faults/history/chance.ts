/** Chance that comes of a seed: the same draws for the same seed (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to 1, without 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0, less than count. */
  upTo(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** Whether something happens that does in so many of 100 cases. */
  percent(share: number): boolean {
    return this.next() * 100 < share;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.upTo(choices.length)]!;
  }

  /** By weight. */
  weighed<T>(choices: readonly (readonly [weight: number, choice: T])[]): T {
    let at = this.next() * choices.reduce((total, [weight]) => total + weight, 0);
    return choices.find(([weight]) => (at -= weight) < 0)?.[1] ?? choices[0]![1];
  }

  /** Some of these, at least one, in any order. */
  some<T>(choices: readonly T[], most: number): T[] {
    const left = [...choices];
    const count = 1 + this.upTo(Math.min(most, left.length));
    return Array.from({ length: count }, () => left.splice(this.upTo(left.length), 1)[0]!);
  }
}
