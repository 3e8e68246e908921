import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { DirectoryAudit } from '../../contract/audit.ts';
import { searchText } from './remote/api.ts';
import { readMost, remoteCommand, runRemote, type RemoteOptions } from './remote/run-remote.ts';
import { table } from './terminal/table.ts';

type Entry = Static<typeof DirectoryAudit>;

/** Whoever looks wants what was done lately; more by --top. */
const ENTRIES = 50;

interface Options extends RemoteOptions {
  readonly search?: string;
  readonly filter?: string;
  readonly top: number;
}

export function auditCommand(): Command {
  return remoteCommand('audit', 'who changed what and when, newest first')
    .option('--search <text>', 'what was done, to what, or by whom')
    .option('--filter <condition>', "in the form of the API, such as category eq 'Policy'")
    .option('--top <number>', 'so many at most', readMost, ENTRIES)
    .action((options: Options) =>
      runRemote(options, async ({ api, screen }) => {
        const query = { $search: searchText(options.search), $filter: options.filter };
        const entries = await api.all<Entry>('/auditLogs/directoryAudits', query, options.top);
        const text = table(
          entries,
          [
            { title: 'When', of: ({ activityDateTime }) => activityDateTime.slice(0, 19).replace('T', ' ') },
            {
              title: 'Who',
              of: ({ initiatedBy: { app, user } }) => user?.userPrincipalName ?? app?.displayName ?? app?.appId,
            },
            { title: 'What', of: ({ activityDisplayName }) => activityDisplayName },
            { title: 'To', of: ({ targetResources: [target] }) => target?.displayName ?? target?.id },
            { title: 'Changes', of: changes },
          ],
          screen,
        );
        return { text: entries.length > 0 ? text : 'Nothing.', data: entries };
      }),
    );
}

function changes({ targetResources: [target] }: Entry): string {
  const all = target?.modifiedProperties ?? [];
  return all
    .map(({ displayName, oldValue, newValue }) => `${displayName}: ${oldValue ?? '-'} → ${newValue ?? '-'}`)
    .join('; ');
}
