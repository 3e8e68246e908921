import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { formatNumber } from '../../ui/number.ts';
import { REASONS } from './reasons.ts';
import type { Summary } from './report-data.ts';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalS },
  line: { display: 'flex', justifyContent: 'space-between', gap: tokens.spacingHorizontalM },
  track: { height: '4px', borderRadius: tokens.borderRadiusMedium, backgroundColor: tokens.colorNeutralBackground5 },
  bar: {
    height: '100%',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorStatusWarningBackground3,
  },
  grey: { color: tokens.colorNeutralForeground3 },
});

interface Properties {
  readonly refusals: Summary['refusals'];
  /** A policy or product is filtered by, of which no refusal is. */
  readonly isOfClaimsOnly: boolean;
}

/** How many sign-ins were refused, by reason. */
export function Refusals({ refusals, isOfClaimsOnly }: Properties) {
  const styles = useStyles();
  const most = Math.max(...refusals.map(({ count }) => count), 1);
  if (isOfClaimsOnly && refusals.length === 0) {
    return (
      <Text className={styles.grey}>
        What is refused is of no policy and no product. Clear these filters to see the refusals.
      </Text>
    );
  }
  if (refusals.length === 0) return <Text className={styles.grey}>Nothing was refused.</Text>;
  return (
    <ul className={styles.list} aria-label="Refusals by reason">
      {refusals.map(({ reason, count }) => (
        <li key={reason}>
          <div className={styles.line}>
            <Text>{REASONS[reason] ?? reason}</Text>
            <Text weight="semibold">{formatNumber(count)}</Text>
          </div>
          <div className={styles.track} aria-hidden>
            <div className={styles.bar} style={{ width: `${(count / most) * 100}%` }} />
          </div>
        </li>
      ))}
    </ul>
  );
}
