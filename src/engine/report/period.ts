import { invalid } from '../refused.ts';

/** from ≤ time < to, in milliseconds; without `to` everything since. */
export interface Period {
  readonly from: Date;
  readonly to: Date | null;
}

const DAYS = new Map([
  ['D1', 1],
  ['D7', 7],
  ['D30', 30],
  ['D90', 90],
]);
const DEFAULT = 'D90';
const DAY_MS = 24 * 3_600_000;

/**
 * The period that a report's options name: Dn is the n × 24 hours before now, and from and to are
 * dates and times (API.md, "Auto-claim").
 * @throws Refused naming the option
 */
export function periodOf(options: { period?: string; from?: string; to?: string }, now: Date): Period {
  const { period, from, to } = options;
  if (from === undefined && to === undefined) {
    const days = DAYS.get(period ?? DEFAULT);
    if (days === undefined) throw invalid('period', `must be one of ${[...DAYS.keys()].join(', ')}.`);
    return { from: new Date(now.getTime() - days * DAY_MS), to: null };
  }
  if (period !== undefined) throw invalid('period', 'goes without from and to.');
  if (from === undefined) throw invalid('from', 'is missing; to needs it.');
  const bounds = { from: dateTime('from', from), to: to === undefined ? null : dateTime('to', to) };
  // from = to is a period in which nothing can be: an answer without rows, and no mistake.
  if (bounds.to && bounds.to < bounds.from) throw invalid('to', 'must not be before from.');
  return bounds;
}

const DATE_TIME = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)$/i;

/**
 * A bound, to the millisecond that claims have. A finer one is the next millisecond: no claim is
 * between the two, and `from ≤ time < to` stays what it says.
 */
function dateTime(name: string, text: string): Date {
  const [, day, , , fraction = ''] = DATE_TIME.exec(text) ?? [];
  const date = new Date(text);
  if (day === undefined || Number.isNaN(date.getTime()) || !isOnCalendar(day)) {
    throw invalid(name, 'must be a date and time with a zone (RFC 3339), such as 2026-01-31T00:00:00Z.');
  }
  return Number(fraction.slice(3)) > 0 ? new Date(date.getTime() + 1) : date;
}

/** JavaScript takes the 30th of February for the 2nd of March. */
function isOnCalendar(day: string): boolean {
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}
