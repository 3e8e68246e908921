import { makeStyles } from '@fluentui/react-components';

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const DATE_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

const useStyles = makeStyles({ time: { whiteSpace: 'nowrap' } });

interface Properties {
  /** As the API has it (ISO 8601, UTC); null and undefined show a dash. */
  readonly value: string | null | undefined;
  readonly show?: 'date' | 'dateTime';
}

/** A moment in the person's locale and zone; the whole of it, with the zone, as its title. */
export function DateTime({ value, show = 'dateTime' }: Properties) {
  const styles = useStyles();
  if (!value) return <>–</>;
  const moment = new Date(value);
  return (
    <time className={styles.time} dateTime={value} title={FULL.format(moment)}>
      {formatDateTime(value, show)}
    </time>
  );
}

/** The same as a text, for sentences and charts. */
export function formatDateTime(value: string, show: 'date' | 'dateTime' = 'dateTime'): string {
  return (show === 'date' ? DATE : DATE_TIME).format(new Date(value));
}
