import { Button, makeStyles, Skeleton, SkeletonItem, Subtitle2, Text, tokens } from '@fluentui/react-components';
import { Suspense, useEffect, useState } from 'react';
import { DayTable } from '../../ui/day-table.tsx';
import { ErrorBoundary } from '../../ui/error-boundary.tsx';
import { lazyPart } from '../../ui/lazy-part.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { useTheme } from '../../ui/theme.tsx';
import { seenSince, usePoolUse } from './pool-use.ts';

const PoolUseChart = lazyPart(async () => (await import('./pool-use-chart.tsx')).PoolUseChart);
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });
const TITLE = 'Use per day, past 90 days (UTC)';

const useStyles = makeStyles({
  section: { marginBottom: tokens.spacingVerticalXL },
  line: { display: 'flex', flexWrap: 'wrap', justifyContent: 'space-between', columnGap: tokens.spacingHorizontalM },
  heading: { marginTop: 0, marginBottom: tokens.spacingVerticalXS },
  // The chart takes the height that it is given.
  fixed: { height: '240px' },
  grey: { display: 'block', color: tokens.colorNeutralForeground3 },
});

/** A pool's use over time: of each day the moment at which most licenses were assigned. */
export function PoolUseSection({ skuId }: { skuId: string }) {
  const styles = useStyles();
  const { isDark } = useTheme();
  const [isTable, setTable] = useState(false);
  // Beside the numbers, not after them.
  useEffect(() => void PoolUseChart.preload(), []);
  const { data, error, refetch } = usePoolUse(skuId);
  const since = data && seenSince(data);
  return (
    <section className={styles.section} aria-label={TITLE}>
      <div className={styles.line}>
        <Subtitle2 as="h3" className={styles.heading}>
          {TITLE}
        </Subtitle2>
        <Button size="small" appearance="subtle" onClick={() => setTable(!isTable)}>
          {isTable ? 'Show as a chart' : 'Show as a table'}
        </Button>
      </div>
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && (
        <div className={styles.fixed}>
          <Waiting />
        </div>
      )}
      {data && (
        <>
          <Text size={200} className={styles.grey}>
            Each day at its fullest.{' '}
            {since && `Recorded since ${DATE.format(Date.parse(since))}; nothing is known of the days before.`}
          </Text>
          {isTable ? (
            <DayTable
              label={TITLE}
              columns={['Assigned', 'Licenses', 'Available']}
              days={data.days.map(({ date, consumedUnits, units, availableUnits }) => ({
                date,
                numbers: [consumedUnits, units, availableUnits],
              }))}
            />
          ) : (
            <ErrorBoundary fallback={(failure, retry) => <ErrorState error={failure} retry={retry} />}>
              <div className={styles.fixed}>
                <Suspense fallback={<Waiting />}>
                  <PoolUseChart use={data} isDark={isDark} />
                </Suspense>
              </div>
            </ErrorBoundary>
          )}
        </>
      )}
    </section>
  );
}

function Waiting() {
  return (
    <Skeleton aria-label="Loading">
      <SkeletonItem size={128} />
    </Skeleton>
  );
}
