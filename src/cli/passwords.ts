import { Command } from 'commander';
import { turnPasswordsOn } from '../start-up/passwords.ts';
import { reachInstallation } from './reach-database.ts';
import { run } from './run.ts';

interface Options {
  readonly tenant: string;
  readonly json?: boolean;
}

export function passwordsCommand(): Command {
  return new Command('passwords').description('whether people may sign in with a password').addCommand(onCommand());
}

function onCommand(): Command {
  return new Command('on')
    .description('let people sign in with a password again, where an identity provider lets nobody in')
    .option('--tenant <id or domain>', 'the organisation, where there are several', 'common')
    .option('--json', 'the result as JSON')
    .addHelpText('after', '\nAlso while a server serves. See docs/identity-providers.md.')
    .action((options: Options) =>
      run(options, async (context) => {
        const tenantId = await turnPasswordsOn(await reachInstallation(context), options.tenant);
        return {
          text: 'People may sign in with a password. An administrator without one gets a link to set it by starting the server anew.',
          data: { tenantId, isPasswordAllowed: true },
        };
      }),
    );
}
