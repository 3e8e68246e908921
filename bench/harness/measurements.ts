/** What a figure or ratio is to reach; docs/performance.md says where it comes from. */
export interface Aim {
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** What was measured under one name, a value for each repetition. */
export interface Figure {
  readonly name: string;
  /** What else was measured of the same: how slow, how costly; undefined for the figure itself. */
  readonly detail: string | undefined;
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
  readonly #figures = new Map<string, Figure & { values: number[] }>();

  /** Adds this repetition's value of a figure. */
  add(name: string, unit: string, value: number, aim?: Aim): void {
    this.#add({ name, detail: undefined, unit, aim }, value);
  }

  /** Adds this repetition's value of a detail of a figure. */
  addDetail(name: string, detail: string, unit: string, value: number): void {
    this.#add({ name, detail, unit, aim: undefined }, value);
  }

  /** Adds this repetition's ratio of two figures; both must have been added in it. */
  addRatio(name: string, figure: string, toFigure: string, aim?: Aim): void {
    this.add(name, '×', this.#latest(figure) / this.#latest(toFigure), aim);
  }

  /** In the order in which they were first added. */
  get figures(): Figure[] {
    return [...this.#figures.values()];
  }

  #add(figure: Omit<Figure, 'values'>, value: number): void {
    const key = JSON.stringify([figure.name, figure.detail]);
    this.#figures.getOrInsertComputed(key, () => ({ ...figure, values: [] })).values.push(value);
  }

  #latest(name: string): number {
    const value = this.#figures.get(JSON.stringify([name, undefined]))?.values.at(-1);
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
