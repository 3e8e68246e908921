import { makeStyles, tokens } from '@fluentui/react-components';
import { DateTime } from '../../ui/date-time.tsx';
import type { Column } from '../../ui/list/columns.ts';
import type { CsvColumn } from '../../ui/list/export-rows.ts';
import { useListState } from '../../ui/list/list-state.ts';
import { ListFilter } from '../../ui/list/list-toolbar.tsx';
import { List } from '../../ui/list/list.tsx';
import { PageTitle } from '../../ui/page-title.tsx';
import { PeriodPicker } from '../../ui/period/period-picker.tsx';
import { useMoments } from '../../ui/period/moments.ts';
import { usePeriod } from '../../ui/period/period.ts';
import { usePane } from '../../ui/search-parameter.ts';
import { TwoLines } from '../../ui/list/two-lines.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { actorOf, auditPath, CATEGORIES, FILTERS, OPERATIONS, targetOf, type AuditEntry } from './audit-data.ts';
import { EntryPane } from './entry-pane.tsx';
import { ExportButton } from '../../ui/list/export-button.tsx';

const PAGE = 50;
const EXPORT_PAGE = 999;
const REFRESH_MS = 30_000;

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

const CSV_COLUMNS: readonly CsvColumn<AuditEntry>[] = [
  ['activityDateTime', (entry) => entry.activityDateTime],
  ['activity', (entry) => entry.activityDisplayName],
  ['category', (entry) => entry.category],
  ['operation', (entry) => entry.operationType],
  ['by', (entry) => entry.initiatedBy.user?.userPrincipalName],
  ['byName', (entry) => actorOf(entry).name],
  ['targetType', (entry) => targetOf(entry).type],
  ['target', (entry) => targetOf(entry).name],
  ['changes', changesOf],
  ['requestId', (entry) => entry.correlationId],
];

const useStyles = makeStyles({
  period: { marginBottom: tokens.spacingVerticalL },
});

function changesOf({ targetResources: [target] }: AuditEntry): string {
  return (target?.modifiedProperties ?? [])
    .map(({ displayName, oldValue, newValue }) => `${displayName}: ${oldValue} → ${newValue}`)
    .join('\n');
}

/** Audit: who changed what, when, before and after. */
export function AuditPage() {
  const styles = useStyles();
  const period = usePeriod();
  const range = useMoments(period);
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
          actions={
            <ExportButton<AuditEntry>
              path={auditPath(state, range, EXPORT_PAGE)}
              columns={CSV_COLUMNS}
              fileName="audit.csv"
              noun={['change', 'changes']}
            />
          }
          refreshEveryMs={REFRESH_MS}
          empty={<EmptyState title="Nothing was changed in this period">Choose a longer one above.</EmptyState>}
        />
      )}
      {pane.value && <EntryPane key={pane.value} id={pane.value} onClose={pane.close} />}
    </>
  );
}
