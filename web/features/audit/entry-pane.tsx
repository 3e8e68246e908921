import {
  makeStyles,
  Skeleton,
  SkeletonItem,
  Subtitle2,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  tokens,
} from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../ui/api.ts';
import { DateTime } from '../../ui/date-time.tsx';
import { Fact, Facts } from '../../ui/facts.tsx';
import { Pane } from '../../ui/pane.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { actorOf, CATEGORIES, targetOf, type AuditEntry, type Modified } from './audit-data.ts';

const useStyles = makeStyles({
  cell: {
    overflowWrap: 'anywhere',
    whiteSpace: 'pre-wrap',
    verticalAlign: 'top',
    paddingBlock: tokens.spacingVerticalXS,
  },
});

/** One change: who, what, when, before and after. */
export function EntryPane({ id, onClose }: { id: string; onClose: () => void }) {
  const api = useApi();
  const { data, error, refetch } = useQuery({
    queryKey: ['audit', 'entry', id],
    queryFn: ({ signal }) => api.get<AuditEntry>(`/v1.0/auditLogs/directoryAudits/${encodeURIComponent(id)}`, signal),
  });
  return (
    <Pane open title={data?.activityDisplayName ?? 'Change'} parameter="entry" onClose={onClose}>
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && (
        <Skeleton aria-label="Loading">
          <SkeletonItem size={96} />
        </Skeleton>
      )}
      {data && <Entry entry={data} />}
    </Pane>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const actor = actorOf(entry);
  const target = targetOf(entry);
  const changes = entry.targetResources[0]?.modifiedProperties ?? [];
  return (
    <>
      <Facts>
        <Fact name="When">
          <DateTime value={entry.activityDateTime} />
        </Fact>
        <Fact name="By">
          {actor.name}
          {actor.detail !== actor.name && ` (${actor.detail})`}
        </Fact>
        <Fact name={target.type || 'Target'}>{target.name}</Fact>
        <Fact name="Area">{CATEGORIES[entry.category] ?? entry.category}</Fact>
        {entry.additionalDetails.map(({ key, value }) => (
          <Fact key={key} name={key}>
            {value ?? '–'}
          </Fact>
        ))}
        {entry.correlationId && <Fact name="Request">{entry.correlationId}</Fact>}
      </Facts>
      {changes.length > 0 && <Changes changes={changes} />}
    </>
  );
}

function Changes({ changes }: { changes: readonly Modified[] }) {
  const styles = useStyles();
  return (
    <>
      <Subtitle2 as="h3">Before and after</Subtitle2>
      <Table size="small" aria-label="Before and after">
        <TableHeader>
          <TableRow>
            <TableHeaderCell>Property</TableHeaderCell>
            <TableHeaderCell>Before</TableHeaderCell>
            <TableHeaderCell>After</TableHeaderCell>
          </TableRow>
        </TableHeader>
        <TableBody>
          {changes.map(({ displayName, oldValue, newValue }) => (
            <TableRow key={displayName}>
              <TableCell className={styles.cell}>{displayName}</TableCell>
              <TableCell className={styles.cell}>{shown(oldValue)}</TableCell>
              <TableCell className={styles.cell}>{shown(newValue)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </>
  );
}

/** A JSON value as people read it. */
function shown(json: string | null): string {
  if (json === null) return '–';
  const value = JSON.parse(json) as unknown;
  if (value === null || value === '') return '–';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (Array.isArray(value) && value.length === 0) return 'None';
  return JSON.stringify(value, null, 1);
}
