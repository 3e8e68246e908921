import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useApi } from '../../ui/api.ts';

/** How full a pool was on a day, at the moment when most of its licenses were assigned. */
export interface UsedDay {
  /** 2026-01-31, UTC. */
  readonly date: string;
  readonly consumedUnits: number;
  readonly units: number;
  readonly availableUnits: number;
}

export interface PoolUse {
  readonly from: string;
  readonly to: string;
  /** The oldest first; only days that were seen. */
  readonly days: readonly UsedDay[];
}

/** A slot of the chart; without numbers where the day wasn't seen. */
export interface UseSlot {
  readonly date: string;
  readonly day: UsedDay | undefined;
}

const DAY_MS = 24 * 3_600_000;
/** A chart of fewer days would be all bar. */
const SLOTS_MIN = 14;
const REFRESH_MS = 60_000;

export function usePoolUse(skuId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['pools', skuId, 'usage'],
    queryFn: ({ signal }) =>
      api.get<PoolUse>(`/v1.0/subscribedSkus/${encodeURIComponent(skuId)}/usage?period=D90`, signal),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
}

/** Every day from the first that was seen to today, of which some may not have been. */
export function slotsOf({ days, to }: Pick<PoolUse, 'days' | 'to'>): UseSlot[] {
  const last = Date.parse(`${to.slice(0, 10)}T00:00:00Z`);
  const seen = new Map(days.map((day) => [day.date, day]));
  const first = Math.min(Date.parse(days[0]?.date ?? to), last - (SLOTS_MIN - 1) * DAY_MS);
  const slots: UseSlot[] = [];
  for (let moment = first; moment <= last; moment += DAY_MS) {
    const date = new Date(moment).toISOString().slice(0, 10);
    slots.push({ date, day: seen.get(date) });
  }
  return slots;
}

/** The day from which on there are numbers, where that is within the period asked for; else undefined. */
export function seenSince({ from, days }: PoolUse): string | undefined {
  const first = days[0]?.date;
  return first !== undefined && first > from.slice(0, 10) ? first : undefined;
}
