import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { useMemo } from 'react';
import { DateTime } from '../../ui/date-time.tsx';
import type { Column } from '../../ui/list/columns.ts';
import { useListState } from '../../ui/list/list-state.ts';
import { ListFilter } from '../../ui/list/list-toolbar.tsx';
import { List } from '../../ui/list/list.tsx';
import { PageTitle } from '../../ui/page-title.tsx';
import { PeriodPicker } from '../../ui/period/period-picker.tsx';
import { usePeriod, type PeriodChoice } from '../../ui/period/period.ts';
import { usePane } from '../../ui/search-parameter.ts';
import { EmptyState } from '../../ui/states.tsx';
import { actorOf, auditPath, CATEGORIES, FILTERS, OPERATIONS, targetOf, type AuditEntry } from './audit-data.ts';
import { EntryPane } from './entry-pane.tsx';
import { ExportButton } from './export-button.tsx';

const PAGE = 50;
const EXPORT_PAGE = 999;
const REFRESH_MS = 30_000;
const DAY_MS = 24 * 3_600_000;

const COLUMNS: readonly Column<AuditEntry>[] = [
  { id: 'activity', label: 'Activity', cell: (entry) => entry.activityDisplayName },
  {
    id: 'target',
    label: 'Target',
    cell: (entry) => <TwoLines first={targetOf(entry).name} second={targetOf(entry).type} />,
  },
  { id: 'by', label: 'By', cell: (entry) => <TwoLines first={actorOf(entry).name} second={actorOf(entry).detail} /> },
  {
    id: 'area',
    label: 'Area',
    cell: (entry) => CATEGORIES[entry.category] ?? entry.category,
    width: '150px',
  },
  {
    id: 'when',
    label: 'When',
    cell: (entry) => <DateTime value={entry.activityDateTime} />,
    orderBy: 'activityDateTime',
    width: '190px',
  },
];

const useStyles = makeStyles({
  period: { marginBottom: tokens.spacingVerticalL },
  second: { display: 'block', color: tokens.colorNeutralForeground3, overflowWrap: 'anywhere' },
});

/** Audit: who changed what, when, before and after. */
export function AuditPage() {
  const styles = useStyles();
  const period = usePeriod();
  const range = useRange(period);
  const state = useListState({ filters: FILTERS });
  const pane = usePane('entry');
  return (
    <>
      <PageTitle title="Audit" />
      <div className={styles.period}>
        <PeriodPicker period={period} />
      </div>
      {range && (
        <List<AuditEntry>
          queryKey={['audit', 'list']}
          path={auditPath(state, range, PAGE)}
          state={state}
          label="Changes"
          noun={['change', 'changes']}
          columns={COLUMNS}
          rowKey={(entry) => entry.id}
          onOpen={(entry) => pane.open(entry.id)}
          searchLabel="Search activity, target or who"
          filters={
            <>
              <ListFilter state={state} name="category" label="Area" choices={CATEGORIES} />
              <ListFilter state={state} name="operation" label="Kind" choices={OPERATIONS} />
            </>
          }
          actions={<ExportButton path={auditPath(state, range, EXPORT_PAGE)} />}
          refreshEveryMs={REFRESH_MS}
          empty={<EmptyState title="Nothing was changed in this period">Choose a longer one above.</EmptyState>}
        />
      )}
      {pane.value && <EntryPane key={pane.value} id={pane.value} onClose={pane.close} />}
    </>
  );
}

/** The moments of a period: those of "Past 7 days" stay what they were when it was chosen. */
function useRange({ options }: PeriodChoice): { from: string; to?: string } | undefined {
  const { period, from, to } = options ?? {};
  return useMemo(() => {
    if (period !== undefined) return { from: new Date(Date.now() - Number(period.slice(1)) * DAY_MS).toISOString() };
    return from === undefined ? undefined : { from, to };
  }, [period, from, to]);
}

function TwoLines({ first, second }: { first: string; second: string }) {
  const styles = useStyles();
  return (
    <>
      {first}
      {second !== '' && second !== first && (
        <Text size={200} className={styles.second}>
          {second}
        </Text>
      )}
    </>
  );
}
