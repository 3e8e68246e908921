import { makeStyles, tokens } from '@fluentui/react-components';
import { DateTime } from '../../ui/date-time.tsx';
import type { Column } from '../../ui/list/columns.ts';
import { ExportButton } from '../../ui/list/export-button.tsx';
import type { CsvColumn } from '../../ui/list/export-rows.ts';
import { useListState } from '../../ui/list/list-state.ts';
import { ListFilter } from '../../ui/list/list-toolbar.tsx';
import { List } from '../../ui/list/list.tsx';
import { TwoLines } from '../../ui/list/two-lines.tsx';
import { PageTitle } from '../../ui/page-title.tsx';
import { useMoments } from '../../ui/period/moments.ts';
import { PeriodPicker } from '../../ui/period/period-picker.tsx';
import { usePeriod } from '../../ui/period/period.ts';
import { usePerson } from '../../ui/person.ts';
import { usePane } from '../../ui/search-parameter.ts';
import { EmptyState } from '../../ui/states.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { REASONS } from './reasons.ts';
import { DOORS, FILTERS, OUTCOMES, signInsPath, useAppNames, type LoggedSignIn } from './sign-in-data.ts';
import { SignInPane } from './sign-in-pane.tsx';
import { UnresolvedRefusals } from './unresolved-refusals.tsx';

const PAGE = 50;
const EXPORT_PAGE = 999;
const REFRESH_MS = 30_000;

const COLUMNS: readonly Column<LoggedSignIn>[] = [
  {
    id: 'user',
    label: 'User',
    cell: (row) => <TwoLines first={row.userDisplayName ?? '–'} second={row.userPrincipalName ?? ''} />,
    width: '24%',
  },
  { id: 'app', label: 'App', cell: (row) => row.appDisplayName ?? row.appId },
  { id: 'door', label: 'Through', cell: (row) => DOORS[row.door], width: '150px' },
  {
    id: 'decision',
    label: 'Decision',
    cell: (row) => (
      <StatusBadge tone={row.outcome === 'refused' ? 'bad' : 'good'}>
        {row.reason === null ? OUTCOMES[row.outcome] : (REASONS[row.reason] ?? row.reason)}
      </StatusBadge>
    ),
    width: '270px',
  },
  {
    id: 'when',
    label: 'When',
    cell: (row) => <DateTime value={row.createdDateTime} />,
    orderBy: 'createdDateTime',
    width: '190px',
  },
];

const CSV_COLUMNS: readonly CsvColumn<LoggedSignIn>[] = [
  ['createdDateTime', (row) => row.createdDateTime],
  ['userPrincipalName', (row) => row.userPrincipalName],
  ['userDisplayName', (row) => row.userDisplayName],
  ['appDisplayName', (row) => row.appDisplayName],
  ['appId', (row) => row.appId],
  ['door', (row) => row.door],
  ['outcome', (row) => row.outcome],
  ['reason', (row) => row.reason],
  ['skuId', (row) => row.skuId],
  ['policyId', (row) => row.policyId],
  ['claimId', (row) => row.claimId],
  ['id', (row) => row.id],
];

const useStyles = makeStyles({ period: { marginBottom: tokens.spacingVerticalL } });

/** Reports > Sign-ins: every decision through every door, and what refused people wait for. */
export function SignInsPage() {
  const styles = useStyles();
  const person = usePerson();
  const period = usePeriod();
  const range = useMoments(period);
  const state = useListState({ filters: FILTERS });
  const pane = usePane('sign-in');
  const { data: apps = {} } = useAppNames();
  return (
    <>
      <PageTitle title="Sign-ins" />
      <div className={styles.period}>
        <PeriodPicker period={period} />
      </div>
      {period.options && person.may('Reports.Read.All') && <UnresolvedRefusals options={period.options} />}
      {range && (
        <List<LoggedSignIn>
          queryKey={['sign-ins', 'list']}
          path={signInsPath(state, range, PAGE)}
          state={state}
          label="Sign-ins"
          noun={['sign-in', 'sign-ins']}
          columns={COLUMNS}
          rowKey={(row) => row.id}
          rowName={(row) => row.userDisplayName ?? row.userPrincipalName ?? row.id}
          onOpen={(row) => pane.open(row.id)}
          searchLabel="Search users or a reference"
          filters={
            <>
              <ListFilter state={state} name="outcome" label="Decision" choices={OUTCOMES} />
              <ListFilter state={state} name="reason" label="Reason" choices={REASONS} />
              <ListFilter state={state} name="appId" label="App" choices={apps} />
              <ListFilter state={state} name="door" label="Through" choices={DOORS} />
            </>
          }
          actions={
            <ExportButton<LoggedSignIn>
              path={signInsPath(state, range, EXPORT_PAGE)}
              columns={CSV_COLUMNS}
              fileName="sign-ins.csv"
              noun={['sign-in', 'sign-ins']}
            />
          }
          refreshEveryMs={REFRESH_MS}
          empty={<EmptyState title="Nobody signed in in this period">Choose a longer one above.</EmptyState>}
        />
      )}
      {pane.value && <SignInPane key={pane.value} id={pane.value} onClose={pane.close} />}
    </>
  );
}
