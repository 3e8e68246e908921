import { resolve } from 'node:path';
import { Command } from 'commander';
import { writeBackup } from '../db/backup/write.ts';
import { PROGRAM_VERSION } from './program-version.ts';
import { reachInstallation } from './reach-database.ts';
import { run } from './run.ts';
import { count, size, sumOf } from './words.ts';

interface Options {
  readonly force?: boolean;
  readonly json?: boolean;
}

export function backupCommand(): Command {
  return new Command('backup')
    .description('write all of the database, as of one moment, into a file; also while a server serves')
    .argument('<file>', 'a name that ends in .tar.gz, as a rule')
    .option('--force', 'replace the file where there is one')
    .option('--json', 'the result as JSON')
    .addHelpText('after', '\nThe file holds secrets (password hashes, signing keys): only its owner may read it.')
    .action((file: string, options: Options) =>
      run(options, async (context) => {
        const path = resolve(file);
        const { manifest, bytes, sha256 } = await writeBackup(await reachInstallation(context), path, {
          version: PROGRAM_VERSION,
          mayReplace: options.force ?? false,
          signal: context.signal,
          onTable: ({ name, rows }) => context.sayProgress(`  ${name}: ${count(rows, 'row')}`),
        });
        const rows = sumOf(manifest.tables);
        return {
          text: `Backed up ${count(rows, 'row')} of ${count(manifest.tables.length, 'table')} to ${path} (${size(bytes)}, schema ${manifest.migrations.at(-1)!.name}).\nsha256 ${sha256}`,
          data: { file: path, bytes, sha256, manifest },
        };
      }),
    );
}
