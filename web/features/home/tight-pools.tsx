import { makeStyles, ProgressBar, Text, tokens } from '@fluentui/react-components';
import { AppLink } from '../../ui/app-link.tsx';
import { count, formatNumber } from '../../ui/number.ts';
import { Card } from './card.tsx';
import type { Overview } from './overview.ts';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalM },
  line: {
    display: 'flex',
    flexWrap: 'wrap',
    justifyContent: 'space-between',
    columnGap: tokens.spacingHorizontalM,
    marginBottom: tokens.spacingVerticalXS,
    overflowWrap: 'anywhere',
  },
  grey: { color: tokens.colorNeutralForeground3 },
});

/** The products with the fewest licenses left. */
export function TightPools({ overview: { pools } }: { overview: Overview }) {
  const styles = useStyles();
  return (
    <Card title="Products that run low" action={<AppLink to="/licenses">See all licenses</AppLink>}>
      {pools.total === 0 ? (
        <Text className={styles.grey}>There are no licenses yet.</Text>
      ) : pools.fullest.length === 0 ? (
        <Text className={styles.grey}>
          None: of each of your {count(pools.total, 'product')} more than a tenth is free.
        </Text>
      ) : (
        <ul className={styles.list}>
          {pools.fullest.map(({ skuId, displayName, units, consumedUnits, availableUnits }) => (
            <li key={skuId}>
              <div className={styles.line}>
                <Text>{displayName}</Text>
                <Text className={styles.grey}>
                  {availableUnits === 0 ? 'None' : formatNumber(availableUnits)} of {formatNumber(units)} left
                </Text>
              </div>
              <ProgressBar
                value={Math.min(consumedUnits / units, 1)}
                color={availableUnits === 0 ? 'error' : 'warning'}
                aria-label={`${displayName}: assigned`}
              />
            </li>
          ))}
        </ul>
      )}
      {pools.nearlyEmpty > pools.fullest.length && (
        <Text className={styles.grey}>And {count(pools.nearlyEmpty - pools.fullest.length, 'more product')}.</Text>
      )}
    </Card>
  );
}
