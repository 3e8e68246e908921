import { makeStyles, Skeleton, SkeletonItem, tokens } from '@fluentui/react-components';
import { AppLink } from '../../ui/app-link.tsx';
import { formatNumber } from '../../ui/number.ts';
import { PageTitle } from '../../ui/page-title.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Attention } from './attention.tsx';
import { Card, Figure } from './card.tsx';
import { isSetUp, NextSteps } from './next-steps.tsx';
import { useOverview, type Overview } from './overview.ts';
import { TightPools } from './tight-pools.tsx';

const useStyles = makeStyles({
  cards: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(min(320px, 100%), 1fr))',
    gap: tokens.spacingHorizontalL,
    alignItems: 'stretch',
  },
});

/** How the organisation stands, and what to do about it; it refreshes by itself. */
export function HomePage() {
  const styles = useStyles();
  const { data, error, isPending, refetch } = useOverview();
  return (
    <>
      <PageTitle title="Home" />
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && (
        <Skeleton aria-label="Loading" className={styles.cards}>
          {[1, 2, 3].map((card) => (
            <SkeletonItem key={card} style={{ height: '200px' }} />
          ))}
        </Skeleton>
      )}
      {data && (
        <div className={styles.cards}>
          {!isSetUp(data) && <NextSteps overview={data} />}
          {data.activity && <Claims activity={data.activity} />}
          <TightPools overview={data} />
          {(isSetUp(data) ||
            (data.activity?.refusals.length ?? 0) > 0 ||
            data.userCreationRefusedDateTime !== null) && <Attention overview={data} />}
        </div>
      )}
    </>
  );
}

function Claims({ activity }: { activity: NonNullable<Overview['activity']> }) {
  return (
    <Card title="Claims today" action={<AppLink to="/reports/auto-claim">View report</AppLink>}>
      <Figure
        value={formatNumber(activity.claims)}
        label={activity.claims === 1 ? 'license was claimed since midnight' : 'licenses were claimed since midnight'}
      />
    </Card>
  );
}
