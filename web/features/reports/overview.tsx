import { Button, makeStyles, Skeleton, SkeletonItem, Subtitle2, Text, tokens } from '@fluentui/react-components';
import { Suspense, useState, type ReactNode } from 'react';
import { DayTable } from '../../ui/day-table.tsx';
import { ErrorBoundary } from '../../ui/error-boundary.tsx';
import { formatNumber } from '../../ui/number.ts';
import { lazyPart } from '../../ui/lazy-part.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { useTheme } from '../../ui/theme.tsx';
import { chartDays } from './chart-days.ts';
import { Refusals } from './refusals.tsx';
import type { Summary, useSummary } from './report-data.ts';

const ClaimsChart = lazyPart(async () => (await import('./claims-chart.tsx')).ClaimsChart);

// Beside the page and its numbers, not after them.
void ClaimsChart.preload();

const CHART_TITLE = 'Claims per day (UTC)';

const useStyles = makeStyles({
  line: { display: 'flex', flexWrap: 'wrap', justifyContent: 'space-between', columnGap: tokens.spacingHorizontalM },
  row: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalXXL, marginBlock: tokens.spacingVerticalL },
  part: { minWidth: 0 },
  chart: { flexGrow: 3, flexBasis: '480px', '@media (max-width: 640px)': { flexBasis: '100%' } },
  refusals: { flexGrow: 1, flexBasis: '280px', '@media (max-width: 640px)': { flexBasis: '100%' } },
  // The chart takes the height that it is given.
  fixed: { height: '280px' },
  heading: { marginTop: 0, marginBottom: tokens.spacingVerticalS, display: 'block' },
  grey: { color: tokens.colorNeutralForeground3 },
});

interface Properties {
  readonly summary: ReturnType<typeof useSummary>;
  readonly isOfClaimsOnly: boolean;
}

/** Claims per day by product, and beside them what was refused. */
export function Overview({ summary: { data, error, refetch }, isOfClaimsOnly }: Properties) {
  const styles = useStyles();
  const { isDark } = useTheme();
  const [isTable, setTable] = useState(false);
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  return (
    <div className={styles.row}>
      <Part
        className={styles.chart}
        title={CHART_TITLE}
        total={data?.totalClaims}
        action={
          data && data.totalClaims > 0 ? (
            <Button size="small" appearance="subtle" onClick={() => setTable(!isTable)}>
              {isTable ? 'Show as a chart' : 'Show as a table'}
            </Button>
          ) : undefined
        }
      >
        {!data ? (
          <Waiting />
        ) : data.totalClaims === 0 ? (
          <Text className={styles.grey}>No license was claimed.</Text>
        ) : isTable ? (
          <ClaimsTable summary={data} />
        ) : (
          <ErrorBoundary fallback={(failure, retry) => <ErrorState error={failure} retry={retry} />}>
            <Suspense fallback={<Waiting />}>
              <div className={styles.fixed}>
                <ClaimsChart summary={data} isDark={isDark} />
              </div>
            </Suspense>
          </ErrorBoundary>
        )}
      </Part>
      <Part className={styles.refusals} title="Refusals" total={data?.totalRefusals}>
        {data ? <Refusals refusals={data.refusals} isOfClaimsOnly={isOfClaimsOnly} /> : <Waiting />}
      </Part>
    </div>
  );
}

function ClaimsTable({ summary }: { summary: Summary }) {
  const { series, days } = chartDays(summary.claims, summary.from, summary.to);
  return (
    <DayTable
      label={CHART_TITLE}
      columns={series.map(({ name }) => name)}
      days={days.map(({ date, counts }) => ({ date, numbers: counts }))}
    />
  );
}

interface PartProperties {
  readonly className: string;
  readonly title: string;
  readonly total: number | undefined;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}

function Part({ className, title, total, action, children }: PartProperties) {
  const styles = useStyles();
  return (
    <section className={`${styles.part} ${className}`} aria-label={title}>
      <div className={styles.line}>
        <Subtitle2 as="h2" className={styles.heading}>
          {title}
          {total !== undefined && `: ${formatNumber(total)}`}
        </Subtitle2>
        {action}
      </div>
      {children}
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
