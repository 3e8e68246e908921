import type { Api, Page } from '../../ui/api.ts';
import { actorOf, targetOf, type AuditEntry } from './audit-data.ts';

const COLUMNS = [
  'activityDateTime',
  'activity',
  'category',
  'operation',
  'by',
  'byName',
  'targetType',
  'target',
  'changes',
  'requestId',
];

/**
 * All entries of a list as CSV, read page by page.
 * @param onProgress told after each page how many there are by now
 * @throws ApiFailure; AbortError where it was given up
 */
export async function exportEntries(
  api: Api,
  path: string,
  onProgress: (count: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  const parts: string[] = [line(COLUMNS)];
  let next: string | undefined = path;
  while (next !== undefined) {
    const page: Page<AuditEntry> = await api.get<Page<AuditEntry>>(next, signal);
    parts.push(...page.value.map((entry) => line(cellsOf(entry))));
    onProgress(parts.length - 1);
    next = page['@odata.nextLink'];
  }
  // With the mark by which spreadsheets know UTF-8.
  return new Blob(['\uFEFF', ...parts], { type: 'text/csv;charset=utf-8' });
}

function cellsOf(entry: AuditEntry): string[] {
  const { type, name } = targetOf(entry);
  const changes = entry.targetResources[0]?.modifiedProperties ?? [];
  return [
    entry.activityDateTime,
    entry.activityDisplayName,
    entry.category,
    entry.operationType,
    entry.initiatedBy.user?.userPrincipalName ?? '',
    actorOf(entry).name,
    type,
    name,
    changes.map(({ displayName, oldValue, newValue }) => `${displayName}: ${oldValue} → ${newValue}`).join('\n'),
    entry.correlationId ?? '',
  ];
}

function line(cells: readonly string[]): string {
  return `${cells.map(quoted).join(',')}\r\n`;
}

/** Cells that a spreadsheet would take for a formula begin with a quote mark. */
function quoted(cell: string): string {
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return `"${safe.replaceAll('"', '""')}"`;
}
