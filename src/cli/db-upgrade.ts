import { Command } from 'commander';
import { BackupRefused } from '../db/backup/refusal.ts';
import { upgradeEmbedded } from '../db/embedded/upgrade.ts';
import { run } from './run.ts';
import { count, sumOf } from './words.ts';

interface Options {
  readonly oldPrograms?: string;
  readonly json?: boolean;
}

export function upgradeCommand(): Command {
  return new Command('upgrade')
    .description("bring the embedded PostgreSQL's data to the major version that this Autoclaim brings")
    .option(
      '--old-programs <folder>',
      "the folder of the old version's postgres, where it is in none of the usual places",
    )
    .option('--json', 'the result as JSON')
    .action((options: Options) =>
      run(options, async ({ config, signal, say, sayProgress }) => {
        if (config.databaseUrl !== undefined) {
          throw new BackupRefused('DATABASE_URL is set: a PostgreSQL of your own is upgraded by its own means.');
        }
        const { tables, from, to, former } = await upgradeEmbedded(config.dataDirectory, options.oldPrograms, say, {
          signal,
          onTable: ({ name, rows }) => sayProgress(`  ${name}: ${count(rows, 'row')}`),
        });
        const rows = sumOf(tables);
        return {
          text: `Upgraded from PostgreSQL ${from} to ${to}: ${count(rows, 'row')} of ${count(tables.length, 'table')}. Start the server. The data as they were are in ${former}: delete them once all is well.`,
          data: { from, to, former, tables: tables.map((table) => ({ name: table.name, rows: table.rows })) },
        };
      }),
    );
}
