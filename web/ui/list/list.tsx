import { Button, makeStyles, Skeleton, SkeletonItem, Spinner, Text, tokens } from '@fluentui/react-components';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useApi, type Page } from '../api.ts';
import { count, formatNumber } from '../number.ts';
import { EmptyState, ErrorState } from '../states.tsx';
import { useIsNarrow } from '../use-is-narrow.ts';
import type { RowsProperties } from './columns.ts';
import type { ListState } from './list-state.ts';
import { ListToolbar } from './list-toolbar.tsx';
import { RowCards } from './row-cards.tsx';
import { RowTable } from './row-table.tsx';

interface Properties<T> extends Omit<RowsProperties<T>, 'rows'> {
  /** Begins with the noun, as all query keys do; the path is added. */
  readonly queryKey: readonly string[];
  /** The first page, with $search, $filter, $orderby, $top and $count made of the state. */
  readonly path: string;
  readonly state: ListState;
  /** One and many of what is listed, for the count: ['user', 'users']. */
  readonly noun: readonly [string, string];
  readonly searchLabel?: string;
  readonly filters?: ReactNode;
  readonly actions?: ReactNode;
  /** Shown when there is nothing at all; a search that finds nothing says so by itself. */
  readonly empty: ReactNode;
  /** How often it refreshes by itself while it is looked at. */
  readonly refreshEveryMs?: number;
  /** In small places (a pane) rows are always cards. */
  readonly layout?: 'auto' | 'cards';
}

const useStyles = makeStyles({
  skeleton: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalM,
    paddingBlock: tokens.spacingVerticalM,
  },
  more: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalM,
    paddingBlock: tokens.spacingVerticalM,
  },
  grey: { color: tokens.colorNeutralForeground3 },
  stale: { opacity: 0.6 },
});

/**
 * A list of the API's: read page by page as it is asked for, searched, sorted and filtered by the
 * server, with its state in the address. A table; cards where the window is narrow.
 */
export function List<T>(properties: Properties<T>) {
  const { queryKey, path, state, noun, searchLabel, filters, actions, refreshEveryMs } = properties;
  const api = useApi();
  const found = useInfiniteQuery({
    queryKey: [...queryKey, path],
    initialPageParam: path,
    queryFn: ({ pageParam, signal }) => api.get<Page<T>>(pageParam, signal),
    getNextPageParam: (page) => page['@odata.nextLink'],
    placeholderData: keepPreviousData,
    refetchInterval: refreshEveryMs,
  });
  const styles = useStyles();
  const rows = found.data?.pages.flatMap((page) => page.value) ?? [];
  const total = found.data?.pages[0]?.['@odata.count'];
  return (
    <section aria-label={properties.label}>
      <ListToolbar state={state} searchLabel={searchLabel} filters={filters} actions={actions} />
      {found.isError && <ErrorState error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <Loading />}
      {found.data && rows.length === 0 && !found.isError && <NothingFound {...properties} />}
      {rows.length > 0 && (
        <div className={found.isPlaceholderData ? styles.stale : undefined}>
          <Rows {...properties} rows={rows} />
          <div className={styles.more}>
            <Text role="status" size={200} className={styles.grey}>
              {total !== undefined && total > rows.length
                ? `${formatNumber(rows.length)} of ${count(total, ...noun)}`
                : count(total ?? rows.length, ...noun) + (found.hasNextPage && total === undefined ? ' so far' : '')}
            </Text>
            {found.hasNextPage && (
              <Button disabledFocusable={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                {found.isFetchingNextPage ? <Spinner size="tiny" label="Load more" /> : 'Load more'}
              </Button>
            )}
          </div>
        </div>
      )}
    </section>
  );
}

function Rows<T>({ layout = 'auto', ...properties }: Properties<T> & { readonly rows: readonly T[] }) {
  const isNarrow = useIsNarrow();
  return layout === 'cards' || isNarrow ? <RowCards {...properties} /> : <RowTable {...properties} />;
}

function NothingFound<T>({ state, empty, noun }: Properties<T>) {
  if (!state.isNarrowed) return <>{empty}</>;
  return (
    <EmptyState
      title={`No ${noun[1]} match`}
      action={<Button onClick={() => state.clear()}>Clear search and filters</Button>}
    >
      Nothing fits the search and the filters together.
    </EmptyState>
  );
}

function Loading() {
  const styles = useStyles();
  return (
    <Skeleton aria-label="Loading" className={styles.skeleton}>
      {Array.from({ length: 8 }, (_, at) => (
        <SkeletonItem key={at} size={24} />
      ))}
    </Skeleton>
  );
}
