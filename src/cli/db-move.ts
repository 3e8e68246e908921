import { Command } from 'commander';
import { moveDatabase } from '../db/backup/move.ts';
import { BackupRefused } from '../db/backup/refusal.ts';
import { requireData, startEmbedded } from '../db/embedded/embedded.ts';
import { markMoved } from '../db/embedded/moved.ts';
import { explainStore } from '../start-up/failure.ts';
import { reachForeign } from './reach-database.ts';
import { run, type CommandContext } from './run.ts';
import { count, sumOf } from './words.ts';

interface Options {
  readonly to: string;
  readonly json?: boolean;
}

export function moveCommand(): Command {
  return new Command('move')
    .description('take an installation from the embedded PostgreSQL to one of your own; stop the server first')
    .requiredOption(
      '--to <url>',
      'an empty database, as postgresql://user@host/name (the password: PGPASSWORD, ~/.pgpass)',
    )
    .option('--json', 'the result as JSON')
    .action((options: Options) => run(options, (context) => move(options.to, context)));
}

async function move(to: string, context: CommandContext) {
  const { config, started, say, sayProgress, signal } = context;
  if (config.databaseUrl !== undefined) {
    throw new BackupRefused(
      'DATABASE_URL is set: this installation has a PostgreSQL of its own already. pg_dump and pg_restore move it (docs/operations.md).',
    );
  }
  if (!/^postgres(ql)?:\/\//.test(to)) {
    throw new BackupRefused('--to must begin with postgres:// or postgresql://.');
  }
  requireData(config.dataDirectory);
  // The folder is this command's now: no server can write to it, or start on it.
  const embedded = await startEmbedded(config.dataDirectory, say);
  started.defer(() => embedded.stop());
  const { tables } = await reachForeign(to, '--to', context)
    .then((target) =>
      moveDatabase(embedded.connection, target, {
        signal,
        onTable: ({ name, rows }) => sayProgress(`  ${name}: ${count(rows, 'row')}`),
      }),
    )
    .catch((error: unknown) => {
      const reason = explainStore(error, to, '--to');
      throw reason === undefined ? error : new BackupRefused(reason, { cause: error });
    });
  const shown = withoutPassword(to);
  markMoved(config.dataDirectory, shown);
  const rows = sumOf(tables);
  return {
    text: [
      `Moved ${count(rows, 'row')} of ${count(tables.length, 'table')} to ${shown}; each table has as many rows there as here.`,
      'From now on start the server with',
      `  DATABASE_URL=${shown}`,
      `with the password in it. The data in ${config.dataDirectory} stay as they are, and no server starts on them any more.`,
    ].join('\n'),
    data: { to: shown, tables: tables.map((table) => ({ name: table.name, rows: table.rows })) },
  };
}

/** Also where it stands in the query. */
function withoutPassword(text: string): string {
  const url = URL.parse(text);
  if (!url) return text.replace(/:[^:@/]*@/, ':***@');
  if (url.password) url.password = '***';
  if (url.searchParams.has('password')) url.searchParams.set('password', '***');
  return url.href;
}
