import type { DayCount } from './report-data.ts';

/** A product of the chart; several small ones are one, "Other products". */
export interface Series {
  readonly key: string;
  readonly name: string;
}

/** A day, with the claims of each series in its order. */
export interface ChartDay {
  /** 2026-01-31, UTC. */
  readonly date: string;
  readonly counts: readonly number[];
}

const SERIES_MAX = 7;
const OTHER: Series = { key: 'other', name: 'Other products' };
const DAY_MS = 24 * 3_600_000;

/** Every day of the period, with or without claims; the products with most claims first. */
export function chartDays(
  claims: readonly DayCount[],
  from: string,
  to: string,
): { series: Series[]; days: ChartDay[] } {
  const totals = new Map<string, { name: string; total: number }>();
  for (const { skuId, productDisplayName, count } of claims) {
    const before = totals.get(skuId)?.total ?? 0;
    totals.set(skuId, { name: productDisplayName, total: before + count });
  }
  const ranked = [...totals].sort(([, one], [, other]) => other.total - one.total);
  const own = ranked.slice(0, ranked.length > SERIES_MAX + 1 ? SERIES_MAX : ranked.length);
  const series: Series[] = own.map(([key, { name }]) => ({ key, name }));
  if (ranked.length > own.length) series.push(OTHER);
  const indexOf = (skuId: string) => {
    const at = series.findIndex(({ key }) => key === skuId);
    return at >= 0 ? at : series.length - 1;
  };
  const byDay = new Map<string, number[]>();
  // The last day is that of the last moment within: `to` itself isn't.
  const last = Date.parse(to) - 1;
  for (let day = Date.parse(`${from.slice(0, 10)}T00:00:00Z`); day <= last; day += DAY_MS) {
    byDay.set(
      new Date(day).toISOString().slice(0, 10),
      Array.from(series, () => 0),
    );
  }
  for (const { date, skuId, count } of claims) {
    const counts = byDay.get(date);
    if (counts) counts[indexOf(skuId)]! += count;
  }
  return { series, days: [...byDay].map(([date, counts]) => ({ date, counts })) };
}
