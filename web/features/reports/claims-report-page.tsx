import { Button, makeStyles, Spinner, Text, tokens } from '@fluentui/react-components';
import { ArrowDownloadRegular } from '@fluentui/react-icons';
import { useMutation } from '@tanstack/react-query';
import { DateTime } from '../../ui/date-time.tsx';
import { useDownload } from '../../ui/download.ts';
import type { Column } from '../../ui/list/columns.ts';
import { ListFilter } from '../../ui/list/list-toolbar.tsx';
import { useListState } from '../../ui/list/list-state.ts';
import { List } from '../../ui/list/list.tsx';
import { PageTitle } from '../../ui/page-title.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { Overview } from './overview.tsx';
import { PeriodPicker } from '../../ui/period/period-picker.tsx';
import { usePeriod } from '../../ui/period/period.ts';
import {
  filterOf,
  FILTERS,
  REFRESH_MS,
  reportPath,
  useFilterChoices,
  useSummary,
  type ReportRow,
} from './report-data.ts';

const LABELS = { policyId: 'Policy', appId: 'App', skuId: 'Product' } as const;
const FILE_NAME = 'auto-claim-policy-report.csv';

const COLUMNS: readonly Column<ReportRow>[] = [
  { id: 'user', label: 'User', cell: (row) => <Person {...row} />, width: '24%' },
  { id: 'policy', label: 'Policy', cell: (row) => row.policyDisplayName },
  { id: 'app', label: 'App', cell: (row) => row.appDisplayName },
  { id: 'product', label: 'Product', cell: (row) => row.productDisplayName },
  { id: 'isBackup', label: 'Primary or backup', cell: (row) => (row.isBackup ? 'Backup' : 'Primary'), width: '130px' },
  {
    id: 'when',
    label: 'Claimed',
    cell: (row) => <DateTime value={row.claimedDateTime} />,
    orderBy: 'claimedDateTime',
    width: '190px',
  },
];

const useStyles = makeStyles({
  person: { display: 'block', color: tokens.colorNeutralForeground3, overflowWrap: 'anywhere' },
});

/** Reports > Auto-claim policy report: every license claimed under each policy. */
export function ClaimsReportPage() {
  const period = usePeriod();
  const state = useListState({ filters: FILTERS });
  const filter = filterOf(state);
  const summary = useSummary(period.options, filter);
  const choices = useFilterChoices(period.options);
  const download = useDownload();
  const exporting = useMutation({
    mutationFn: () =>
      download(reportPath(period.options!, { $filter: filter, $orderby: state.order, $format: 'csv' }), FILE_NAME),
  });
  return (
    <>
      <PageTitle title="Auto-claim policy report" />
      <PeriodPicker period={period} />
      {period.options && (
        <>
          <Overview
            summary={summary}
            isOfClaimsOnly={state.filter('policyId') !== undefined || state.filter('skuId') !== undefined}
          />
          {exporting.error && <ErrorState error={exporting.error} />}
          <List<ReportRow>
            queryKey={['report', 'claims']}
            path={reportPath(period.options, { $filter: filter, $orderby: state.order, $top: 50, $count: true })}
            state={state}
            label="Claims"
            noun={['claim', 'claims']}
            columns={COLUMNS}
            rowKey={(row) => row.claimId}
            searchLabel="Search users"
            filters={FILTERS.map((name) => (
              <ListFilter key={name} state={state} name={name} label={LABELS[name]} choices={choices[name]} />
            ))}
            actions={
              <Button
                icon={<ArrowDownloadRegular />}
                disabledFocusable={exporting.isPending}
                onClick={() => exporting.mutate()}
              >
                {exporting.isPending ? <Spinner size="tiny" label="Export" /> : 'Export'}
              </Button>
            }
            refreshEveryMs={REFRESH_MS}
            empty={
              <EmptyState title="No license was claimed in this period">
                The first time that somebody to whom a policy applies signs in to its app, the claim is listed here.
              </EmptyState>
            }
          />
        </>
      )}
    </>
  );
}

function Person({ userDisplayName, userPrincipalName }: ReportRow) {
  const styles = useStyles();
  return (
    <>
      {userDisplayName}
      <Text size={200} className={styles.person}>
        {userPrincipalName}
      </Text>
    </>
  );
}
