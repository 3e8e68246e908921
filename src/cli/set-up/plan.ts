import type { Command } from 'commander';
import { EXIT_DRIFT } from '../exit-codes.ts';
import { remoteCommand, runRemote, type RemoteOptions } from '../remote/run-remote.ts';
import { confirm } from '../terminal/ask.ts';
import { planWords } from './tell.ts';

interface Options extends RemoteOptions {
  readonly file: string;
  readonly prune?: boolean;
}

const PRUNE =
  'delete the policies and apps, and take the roles and the licenses of groups, that the file does not name (of the parts that it has)';

export function planCommand(): Command {
  return remoteCommand('plan', 'show what applying a set-up would change; changes nothing')
    .requiredOption('-f, --file <file>', 'the set-up, as YAML; - for standard input')
    .option('--prune', PRUNE)
    .option('--exit-code', `end with ${EXIT_DRIFT} where anything differs`)
    .action((options: Options & { exitCode?: boolean }) =>
      runRemote(options, async ({ api, screen }) => {
        const { readSetUp, sendSetUp } = await import('./file.ts');
        const plan = await sendSetUp(api, 'plan', readSetUp(options.file), options);
        const isDrift = options.exitCode && plan.changes.length > 0;
        return { text: planWords(plan, screen), data: plan, ...(isDrift && { exitCode: EXIT_DRIFT }) };
      }),
    );
}

export function applyCommand(): Command {
  return remoteCommand('apply', 'make the organisation as a set-up has it: all of it in one transaction, or nothing')
    .requiredOption('-f, --file <file>', 'the set-up, as YAML; - for standard input')
    .option('--prune', PRUNE)
    .option('--dry-run', 'only show what would change, as plan does')
    .option('--yes', 'without asking')
    .action((options: Options & { dryRun?: boolean; yes?: boolean }) =>
      runRemote(options, async ({ api, screen, say }) => {
        const { readSetUp, sendSetUp } = await import('./file.ts');
        const file = readSetUp(options.file);
        const plan = await sendSetUp(api, 'plan', file, options);
        if (options.dryRun || plan.changes.length === 0) return { text: planWords(plan, screen), data: plan };
        if (!options.yes) {
          say(planWords(plan, screen));
          await confirm('The organisation is changed so.', false);
        }
        const done = await sendSetUp(api, 'apply', file, options);
        return { text: planWords(done, screen), data: done };
      }),
    );
}
