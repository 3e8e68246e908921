import { Command, InvalidArgumentError } from 'commander';
import { distributeDatabase } from '../db/distribute/distribute.ts';
import { DistributionRefused } from '../db/distribute/refusal.ts';
import { reachForeign } from './reach-database.ts';
import { run } from './run.ts';
import { count } from './words.ts';

interface Options {
  readonly shards?: number;
  readonly json?: boolean;
}

export function distributeCommand(): Command {
  return new Command('distribute')
    .description('spread the tables of the tenants over the nodes of a Citus cluster; stop the servers first')
    .option('--shards <number>', "into how many parts, for all time (default: Citus's own, 32)", readShards)
    .option('--json', 'the result as JSON')
    .addHelpText('after', '\nDATABASE_URL names the coordinator. See docs/scale.md.')
    .action((options: Options) =>
      run(options, async (context) => {
        const { config, signal, sayProgress } = context;
        if (config.databaseUrl === undefined) {
          throw new DistributionRefused(
            'The embedded PostgreSQL can not be distributed. Make a Citus cluster, take the data there (autoclaim db move --to …), and set DATABASE_URL to its coordinator.',
          );
        }
        const connection = await reachForeign(config.databaseUrl, 'DATABASE_URL', context);
        const done = await distributeDatabase(connection, {
          signal,
          shards: options.shards,
          onTable: (name) => sayProgress(`  ${name}`),
        });
        return { text: describe(done), data: done };
      }),
    );
}

function describe({
  distributed,
  already,
  onCoordinator,
  nodes,
}: Awaited<ReturnType<typeof distributeDatabase>>): string {
  const rest = `${onCoordinator.join(', ')} stay on the coordinator.`;
  if (distributed.length === 0)
    return `All is distributed already: ${count(already.length, 'table')} by tenant; ${rest}`;
  return `Distributed ${count(distributed.length, 'table')} by tenant over ${count(nodes, 'node')}; ${rest} Start the servers.`;
}

function readShards(text: string): number {
  const shards = Number(text);
  // Citus's own limits.
  if (!Number.isInteger(shards) || shards < 1 || shards > 64_000)
    throw new InvalidArgumentError('Not a number from 1 to 64000.');
  return shards;
}
