const GROUPED = new Intl.NumberFormat();

/** 1234567 → "1,234,567", in the person's locale. */
export function formatNumber(value: number): string {
  return GROUPED.format(value);
}

/** count(1234, 'user') → "1,234 users"; count(1, 'person', 'people') → "1 person". */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${formatNumber(value)} ${value === 1 ? one : many}`;
}
