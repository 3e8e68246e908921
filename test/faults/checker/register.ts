/** A value that was written, some time between begin and end. */
interface Write<T> {
  readonly begin: number;
  readonly end: number;
  readonly value: T;
  readonly isCertain: boolean;
}

/**
 * Something that has one value at a time, as it is known from outside: who writes it is seen to
 * begin and to have ended, and when in between it took effect is anyone's guess.
 */
export class Register<T> {
  readonly #writes: Write<T>[];

  /** @param initial what it may have been in the beginning: one of these */
  constructor(...initial: readonly T[]) {
    this.#writes = initial.map((value) => ({ begin: -Infinity, end: -Infinity, value, isCertain: false }));
  }

  /** @param isCertain false: it may have never taken effect */
  write(value: T, { begin, end }: { begin: number; end: number }, isCertain = true): void {
    this.#writes.push({ begin, end, value, isCertain });
  }

  /** Every value that may have been in force at some moment from `from` to `to`; never too few. */
  possible(from: number, to = from): T[] {
    if (this.#writes.length === 1) return [this.#writes[0]!.value];
    return this.#writes
      .filter((write) => write.begin <= to && !this.#writes.some((later) => overwrites(later, write, from)))
      .map(({ value }) => value);
  }

  /** Whether it may have been so at some moment. */
  may(from: number, to: number, fits: (value: T) => boolean): boolean {
    return this.possible(from, to).some(fits);
  }

  /** Whether it was so at every moment. */
  must(from: number, to: number, fits: (value: T) => boolean): boolean {
    return this.possible(from, to).every(fits);
  }

  /** The moments at which what is known of it changes. */
  get moments(): number[] {
    return this.#writes.flatMap(({ begin, end }) => [begin, end]);
  }
}

/** For certain, and before a moment. */
function overwrites<T>(later: Write<T>, write: Write<T>, before: number): boolean {
  return later.isCertain && later !== write && later.begin >= write.end && later.end <= before;
}
