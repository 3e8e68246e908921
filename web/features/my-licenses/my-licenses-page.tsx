import { Card, makeStyles, Skeleton, SkeletonItem, Subtitle2, Text, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useApi, type Page } from '../../ui/api.ts';
import { DateTime } from '../../ui/date-time.tsx';
import { PageTitle } from '../../ui/page-title.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';

/** A product that the person holds, as GET /me/licenses has it. */
interface OwnLicense {
  readonly skuId: string;
  readonly displayName: string;
  readonly assignedDateTime: string;
  readonly isUsable: boolean;
  readonly paths: readonly OwnPath[];
  readonly servicePlans: readonly { readonly servicePlanId: string; readonly friendlyName: string }[];
  readonly apps: readonly { readonly appId: string; readonly displayName: string }[];
}

interface OwnPath {
  readonly kind: 'direct' | 'group' | 'policy';
  readonly groupDisplayName: string | null;
  readonly throughGroups: readonly { readonly displayName: string }[];
  readonly appDisplayName: string | null;
}

const useStyles = makeStyles({
  list: {
    listStyleType: 'none',
    margin: 0,
    padding: 0,
    display: 'grid',
    gap: tokens.spacingVerticalL,
    gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 360px), 1fr))',
  },
  card: { height: '100%', overflowWrap: 'anywhere' },
  name: { margin: 0 },
  plans: { margin: 0, paddingLeft: tokens.spacingHorizontalL },
  summary: { cursor: 'pointer' },
});

/** What whoever is signed in holds, since when and why, and which apps it opens. */
export function MyLicensesPage() {
  const styles = useStyles();
  const api = useApi();
  const { data, error, refetch } = useQuery({
    queryKey: ['me', 'licenses'],
    queryFn: async ({ signal }) => (await api.get<Page<OwnLicense>>('/v1.0/me/licenses', signal)).value,
  });
  return (
    <>
      <PageTitle title="My licenses" />
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && (
        <Skeleton aria-label="Loading">
          <SkeletonItem size={128} />
        </Skeleton>
      )}
      {data?.length === 0 && (
        <EmptyState title="You have no licenses yet">
          You may get one by yourself the first time that you sign in to an app that needs it. If that doesn’t work, ask
          your admin.
        </EmptyState>
      )}
      {data && data.length > 0 && (
        <ul className={styles.list} aria-label="My licenses">
          {data.map((license) => (
            <li key={license.skuId}>
              <License license={license} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function License({
  license: { displayName, assignedDateTime, isUsable, paths, servicePlans, apps },
}: {
  license: OwnLicense;
}) {
  const styles = useStyles();
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2" className={styles.name}>
        {displayName}
      </Subtitle2>
      {!isUsable && <StatusBadge tone="warning">The subscription has run out</StatusBadge>}
      <Text>
        Since <DateTime value={assignedDateTime} show="date" />: {paths.map(pathText).join('; ')}.
      </Text>
      {apps.length > 0 && <Text>Opens {apps.map((app) => app.displayName).join(', ')}.</Text>}
      <details>
        <summary className={styles.summary}>Apps and services ({servicePlans.length})</summary>
        <ul className={styles.plans}>
          {servicePlans.map(({ servicePlanId, friendlyName }) => (
            <li key={servicePlanId}>{friendlyName}</li>
          ))}
        </ul>
      </details>
    </Card>
  );
}

/** Why they hold it, in their own words. */
function pathText({ kind, groupDisplayName, throughGroups, appDisplayName }: OwnPath): string {
  if (kind === 'direct') return 'your admin gave it to you';
  if (kind === 'group') {
    const way = throughGroups.map(({ displayName }) => displayName).join(' › ');
    return `you are in the group ${groupDisplayName ?? 'of your admin'}${way === '' ? '' : `, through ${way}`}`;
  }
  return `you got it by signing in to ${appDisplayName ?? 'an app'}`;
}
