/** What a subscription's licenses may be used for: Enabled and Warning are usable, Suspended keeps what is assigned, Deleted ends it. */
export type SubscriptionStatus = 'Enabled' | 'Warning' | 'Suspended' | 'Deleted';

export const SUBSCRIPTION_STATUSES = ['Enabled', 'Warning', 'Suspended', 'Deleted'] as const;

const DAY_MS = 24 * 3_600_000;
/** After its end a subscription stays usable for 30 days (FACTS.md, "Lifecycle"). */
export const WARNING_MS = 30 * DAY_MS;
/** Then nothing new is assigned for 90 days; then it is deleted. */
export const SUSPENDED_MS = 90 * DAY_MS;

/** The state at a moment. It follows from the end alone, so that it is right whether or not a job has run. */
export function statusAt(endsAt: Date | null, now: Date): SubscriptionStatus {
  if (endsAt === null) return 'Enabled';
  const since = now.getTime() - endsAt.getTime();
  if (since < 0) return 'Enabled';
  if (since < WARNING_MS) return 'Warning';
  if (since < WARNING_MS + SUSPENDED_MS) return 'Suspended';
  return 'Deleted';
}

/** When the state changes next; null where it never does. */
export function nextLifecycleChange(endsAt: Date | null, now: Date): Date | null {
  if (endsAt === null) return null;
  const end = endsAt.getTime();
  const next = [end, end + WARNING_MS, end + WARNING_MS + SUSPENDED_MS].find((at) => at > now.getTime());
  return next === undefined ? null : new Date(next);
}

/** The end that puts a subscription into a state from now on, as if it had run out so long ago. */
export function endFor(status: SubscriptionStatus, now: Date): Date | null {
  switch (status) {
    case 'Enabled':
      return null;
    case 'Warning':
      return now;
    case 'Suspended':
      return new Date(now.getTime() - WARNING_MS);
    case 'Deleted':
      return new Date(now.getTime() - WARNING_MS - SUSPENDED_MS);
  }
}

// The same in SQL. Hours and not days, so that no time zone's summer time stretches them.
const WARNING_END = `interval '${WARNING_MS / 3_600_000} hours'`;
const SUSPENDED_END = `interval '${(WARNING_MS + SUSPENDED_MS) / 3_600_000} hours'`;

/** statusAt as SQL, of an end and a moment that are SQL too. */
export function statusSql(endsAt: string, now: string): string {
  return `case when ${endsAt} is null or ${endsAt} > ${now} then 'Enabled'
               when ${endsAt} + ${WARNING_END} > ${now} then 'Warning'
               when ${endsAt} + ${SUSPENDED_END} > ${now} then 'Suspended' else 'Deleted' end`;
}

/** nextLifecycleChange as SQL. */
export function nextLifecycleChangeSql(endsAt: string, now: string): string {
  return `case when ${endsAt} > ${now} then ${endsAt}
               when ${endsAt} + ${WARNING_END} > ${now} then ${endsAt} + ${WARNING_END}
               when ${endsAt} + ${SUSPENDED_END} > ${now} then ${endsAt} + ${SUSPENDED_END} end`;
}
