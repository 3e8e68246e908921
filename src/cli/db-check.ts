import { resolve } from 'node:path';
import { Command } from 'commander';
import { checkBackup } from '../db/backup/restore.ts';
import { run } from './run.ts';
import { count, sumOf } from './words.ts';

export function checkCommand(): Command {
  return new Command('check')
    .description('read a back-up whole and compare it with its checksums; needs no database')
    .argument('<file>', 'what `autoclaim db backup` wrote')
    .option('--json', 'the manifest as JSON')
    .action((file: string, options: { json?: boolean }) =>
      run(options, async ({ signal }) => {
        const path = resolve(file);
        const manifest = await checkBackup(path, signal);
        const { version, createdDateTime, postgresql, migrations, tables } = manifest;
        return {
          text: `${path} is whole: ${count(sumOf(tables), 'row')} of ${count(tables.length, 'table')}, made on ${createdDateTime} by Autoclaim ${version} (schema ${migrations.at(-1)!.name}, PostgreSQL ${postgresql}).`,
          data: manifest,
        };
      }),
    );
}
