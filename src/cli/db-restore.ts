import { resolve } from 'node:path';
import { Command } from 'commander';
import { restoreBackup } from '../db/backup/restore.ts';
import { reachAlone } from './reach-database.ts';
import { run } from './run.ts';
import { count, sumOf } from './words.ts';

export function restoreCommand(): Command {
  return new Command('restore')
    .description('fill an empty database with a back-up, all of it or nothing')
    .argument('<file>', 'what `autoclaim db backup` wrote')
    .option('--json', 'the result as JSON')
    .addHelpText(
      'after',
      '\nThe database of DATABASE_URL, or the embedded one of AUTOCLAIM_DATA_DIR, must be empty, and no server may run on it.',
    )
    .action((file: string, options: { json?: boolean }) =>
      run(options, async (context) => {
        const path = resolve(file);
        const { manifest, tables, migrated } = await restoreBackup(await reachAlone(context), path, {
          signal: context.signal,
          onTable: ({ name, rows }) => context.sayProgress(`  ${name}: ${count(rows, 'row')}`),
        });
        const rows = sumOf(tables);
        const later = migrated.length > 0 ? ` Migrated further: ${migrated.join(', ')}.` : '';
        return {
          text: `Restored ${count(rows, 'row')} of ${count(tables.length, 'table')}, as of ${manifest.createdDateTime}.${later}`,
          data: {
            file: path,
            createdDateTime: manifest.createdDateTime,
            tables: tables.map((table) => ({ name: table.name, rows: table.rows })),
            migrated,
          },
        };
      }),
    );
}
