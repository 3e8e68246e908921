import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { ImportCounts } from '../../contract/import.ts';
import { remoteCommand, runRemote, type RemoteOptions } from './remote/run-remote.ts';
import { openUpload } from './terminal/input.ts';
import { count } from './words.ts';

/** `… import <file>`: a CSV file goes to the API as it is, all of it or nothing. */
export function importCommand(description: string, path: string, noun: string): Command {
  return remoteCommand('import', `${description}, all of it or nothing`)
    .argument('<file>', 'the CSV file; - for standard input')
    .action((file: string, options: RemoteOptions) =>
      runRemote(options, async ({ api }) => {
        const counts = await api.upload<Static<typeof ImportCounts>>(path, openUpload(file), 'text/csv');
        const { added, changed, unchanged } = counts;
        const text = `${count(added, noun)} added, ${changed.toLocaleString('en-US')} changed, ${unchanged.toLocaleString('en-US')} unchanged.`;
        return { text, data: counts };
      }),
    );
}
