import { useSearchParameters } from '../search-parameter.ts';

/** The periods of the drop-down by the API's names. */
export const PERIODS = {
  D1: 'Past 1 day',
  D7: 'Past 7 days',
  D30: 'Past 30 days',
  D90: 'Past 90 days',
} as const;
const DEFAULT = 'D90';
const CUSTOM = 'custom';
const DAY_MS = 24 * 3_600_000;
/** A custom range begins with this many days, today included. */
const FIRST_RANGE_DAYS = 7;

/** The period that is looked at, as it stands in the page's address. */
export interface PeriodChoice {
  /** D1 to D90, or 'custom'. */
  readonly value: string;
  readonly isCustom: boolean;
  /** The first and the last day of a custom range, in the person's zone: 2026-01-31. */
  readonly from: string;
  readonly to: string;
  /** What is wrong with the custom range. */
  readonly problem: string | undefined;
  /** As the API is asked for it; undefined where the range can't be asked for. */
  readonly options: Readonly<Record<string, string>> | undefined;
  choose(value: string): void;
  setRange(range: { from?: string; to?: string }): void;
}

/** Reads and writes the period in the address: ?period=D7, or ?period=custom&from=2026-01-01&to=2026-01-31. */
export function usePeriod(): PeriodChoice {
  const [search, set] = useSearchParameters();
  const { period, from = '', to = '' } = search;
  const isCustom = period === CUSTOM;
  const value = isCustom || (period !== undefined && Object.hasOwn(PERIODS, period)) ? period : DEFAULT;
  const range = isCustom ? rangeOf(from, to) : undefined;
  return {
    value,
    isCustom,
    from,
    to,
    problem: typeof range === 'string' ? range : undefined,
    options: range === undefined ? { period: value } : typeof range === 'string' ? undefined : range,
    choose: (next) =>
      set(
        next === CUSTOM
          ? { period: CUSTOM, from: dayText(Date.now() - (FIRST_RANGE_DAYS - 1) * DAY_MS), to: dayText(Date.now()) }
          : { period: next === DEFAULT ? undefined : next, from: undefined, to: undefined },
      ),
    setRange: (next) => set(next, { replace: true }),
  };
}

/** A range of days as moments, from the first's beginning to before the beginning of the day after the last; or what is wrong with it. */
function rangeOf(from: string, to: string): { from: string; to: string } | string {
  const [first, last] = [startOfDay(from), startOfDay(to)];
  if (!first || !last) return 'Choose the first and the last day.';
  if (last < first) return 'The last day is before the first.';
  const end = new Date(last);
  end.setDate(end.getDate() + 1);
  return { from: first.toISOString(), to: end.toISOString() };
}

function startOfDay(text: string): Date | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const date = new Date(`${text}T00:00:00`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** The day of a moment in the person's zone, as date boxes have it. */
function dayText(moment: number): string {
  const date = new Date(moment);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
