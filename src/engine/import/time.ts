const FORM = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)? ?(Z|[+-]\d\d:?\d\d)?)?$/i;

/** Year 1: what Microsoft's exports write for "never", and where ISO 8601's years begin. */
const FIRST_MOMENT = Date.parse('0001-01-01T00:00:00Z');

/**
 * A time as exports write it: 2022-03-18 19:49:35Z, also with T, fractions or an offset. Without a
 * zone it is UTC, a date alone is its midnight.
 * @returns undefined for what is no such text, or isn't on the calendar
 */
export function parseTime(text: string): Date | undefined {
  const parts = FORM.exec(text);
  if (!parts) return undefined;
  const [year, month, day, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map((part?: string) => Number(part ?? 0));
  const time = new Date(0);
  time.setUTCFullYear(year!, month! - 1, day);
  time.setUTCHours(hour, minute, second, Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3)));
  const isOnCalendar = time.getUTCMonth() === month! - 1 && time.getUTCDate() === day;
  if (!isOnCalendar || hour > 23 || minute > 59 || second > 59) return undefined;
  const offset = offsetMinutes(parts[8]);
  if (Math.abs(offset) > 14 * 60) return undefined;
  const utc = new Date(time.getTime() - offset * 60_000);
  return utc.getTime() < FIRST_MOMENT ? undefined : utc;
}

function offsetMinutes(zone: string | undefined): number {
  if (zone === undefined || /^z$/i.test(zone)) return 0;
  const digits = zone.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return zone.startsWith('-') ? -minutes : minutes;
}
