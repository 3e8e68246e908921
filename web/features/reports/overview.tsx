import { makeStyles, Skeleton, SkeletonItem, Subtitle2, Text, tokens } from '@fluentui/react-components';
import { lazy, Suspense, type ReactNode } from 'react';
import { ErrorBoundary } from '../../ui/error-boundary.tsx';
import { formatNumber } from '../../ui/number.ts';
import { ErrorState } from '../../ui/states.tsx';
import { useTheme } from '../../ui/theme.tsx';
import { Refusals } from './refusals.tsx';
import type { useSummary } from './report-data.ts';

const ClaimsChart = lazy(() => import('./claims-chart.tsx').then((module) => ({ default: module.ClaimsChart })));

const useStyles = makeStyles({
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
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  return (
    <div className={styles.row}>
      <Part className={styles.chart} title="Claims per day (UTC)" total={data?.totalClaims}>
        {!data ? (
          <Waiting />
        ) : data.totalClaims === 0 ? (
          <Text className={styles.grey}>No license was claimed.</Text>
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

function Part(properties: { className: string; title: string; total: number | undefined; children: ReactNode }) {
  const { className, title, total, children } = properties;
  const styles = useStyles();
  return (
    <section className={`${styles.part} ${className}`} aria-label={title}>
      <Subtitle2 as="h2" className={styles.heading}>
        {title}
        {total !== undefined && `: ${formatNumber(total)}`}
      </Subtitle2>
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
