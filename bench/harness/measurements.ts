/** What a figure or ratio is to reach; docs/performance.md says where it comes from. */
export interface Aim {
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** What was measured under one name, a value for each repetition. */
export interface Figure {
  readonly name: string;
  /** Of the values: '/s', 's', or '×' for a ratio. */
  readonly unit: string;
  readonly values: readonly number[];
  readonly aim: Aim | undefined;
}

/**
 * Collects what a bench measures. Absolute figures drift on a shared machine, so what counts are
 * ratios of two figures of the same repetition, and their median over the repetitions.
 */
export class Measurements {
  readonly #figures = new Map<string, { unit: string; values: number[]; aim: Aim | undefined }>();

  /** Adds this repetition's value of a figure. */
  add(name: string, unit: string, value: number, aim?: Aim): void {
    const figure = this.#figures.get(name) ?? { unit, values: [], aim };
    figure.values.push(value);
    this.#figures.set(name, figure);
  }

  /** Adds this repetition's ratio of two figures; both must have been added in it. */
  addRatio(name: string, figure: string, toFigure: string, aim?: Aim): void {
    this.add(name, '×', this.#latest(figure) / this.#latest(toFigure), aim);
  }

  /** In the order in which they were first added. */
  get figures(): Figure[] {
    return [...this.#figures].map(([name, figure]) => ({ name, ...figure }));
  }

  #latest(name: string): number {
    const value = this.#figures.get(name)?.values.at(-1);
    if (value === undefined) throw new Error(`${name} was not measured.`);
    return value;
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function isReached(value: number, { atLeast = -Infinity, atMost = Infinity }: Aim): boolean {
  return value >= atLeast && value <= atMost;
}
