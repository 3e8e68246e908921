import { invalid } from '../refused.ts';

/** from ≤ time < to, in milliseconds; without `to` everything since. */
export interface Period {
  readonly from: Date;
  readonly to: Date | null;
}

const DAYS: Readonly<Record<string, number>> = { D1: 1, D7: 7, D30: 30, D90: 90 };
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
    const days = DAYS[period ?? DEFAULT];
    if (days === undefined) throw invalid('period', `must be one of ${Object.keys(DAYS).join(', ')}.`);
    return { from: new Date(now.getTime() - days * DAY_MS), to: null };
  }
  if (period !== undefined) throw invalid('period', 'goes without from and to.');
  if (from === undefined) throw invalid('from', 'is missing; to needs it.');
  const bounds = { from: dateTime('from', from), to: to === undefined ? null : dateTime('to', to) };
  if (bounds.to && bounds.to <= bounds.from) throw invalid('to', 'must be later than from.');
  return bounds;
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/i;

function dateTime(name: string, text: string): Date {
  const date = new Date(text);
  if (!DATE_TIME.test(text) || Number.isNaN(date.getTime())) {
    throw invalid(name, 'must be a date and time with a zone (RFC 3339), such as 2026-01-31T00:00:00Z.');
  }
  return date;
}
