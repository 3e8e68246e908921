import { useMemo } from 'react';
import type { PeriodChoice } from './period.ts';

const DAY_MS = 24 * 3_600_000;

/** The moments of a period: those of "Past 7 days" stay what they were when it was chosen. */
export function useMoments({ options }: PeriodChoice): { from: string; to?: string } | undefined {
  const { period, from, to } = options ?? {};
  return useMemo(() => {
    if (period !== undefined) return { from: new Date(Date.now() - Number(period.slice(1)) * DAY_MS).toISOString() };
    return from === undefined ? undefined : { from, to };
  }, [period, from, to]);
}
