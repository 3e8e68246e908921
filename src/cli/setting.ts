import { Command, InvalidArgumentError } from 'commander';
import type { Static } from 'typebox';
import type { AutoClaimSetting, AutoClaimSettingPatch } from '../../contract/auto-claim.ts';
import { EXIT_USAGE } from './exit-codes.ts';
import { CommandFailure } from './remote/failure.ts';
import { each, remoteCommand, runRemote, type RemoteOptions, type RemoteResult } from './remote/run-remote.ts';
import { facts } from './terminal/table.ts';

type Setting = Static<typeof AutoClaimSetting>;
const PATH = '/admin/autoClaim';

/** `autoclaim setting …` */
export function settingCommand(): Command {
  return new Command('setting')
    .description("the organisation's auto-claim setting")
    .addCommand(showCommand())
    .addCommand(switchCommand('on', 'let users auto-claim licenses the first time they sign in'))
    .addCommand(switchCommand('off', 'nobody claims from that moment; who has claimed keeps the license'))
    .addCommand(changeCommand());
}

function showCommand(): Command {
  return remoteCommand('show', 'show it').action((options: RemoteOptions) =>
    runRemote(options, async ({ api }) => told(await api.get<Setting>(PATH))),
  );
}

function switchCommand(to: 'on' | 'off', effect: string): Command {
  return remoteCommand(to, effect).action((options: RemoteOptions) =>
    runRemote(options, async ({ api }) =>
      told(await api.send<Setting>('PATCH', PATH, { body: { isEnabled: to === 'on' } })),
    ),
  );
}

interface ChangeOptions extends RemoteOptions {
  readonly createUsers?: boolean;
  readonly domain?: readonly string[];
  readonly usageLocation?: string;
}

function changeCommand(): Command {
  return remoteCommand('change', 'change what goes with it')
    .option('--create-users <on|off>', 'trusted doors create users on their first sign-in', readSwitch)
    .option('--domain <domain>', 'whose addresses are in this domain; repeated: the whole list', each)
    .option('--usage-location <country>', 'for users who have none (two letters), or none')
    .action((options: ChangeOptions) =>
      runRemote(options, async ({ api }) => {
        const { createUsers, domain, usageLocation } = options;
        const body: AutoClaimSettingPatch = {
          ...(createUsers !== undefined && { createUsersOnSignIn: createUsers }),
          ...(domain && { allowedDomains: [...domain] }),
          ...(usageLocation !== undefined && {
            defaultUsageLocation: usageLocation === 'none' ? null : usageLocation.toUpperCase(),
          }),
        };
        if (Object.keys(body).length === 0)
          throw new CommandFailure('What is to change? See: autoclaim setting change --help', EXIT_USAGE);
        return told(await api.send<Setting>('PATCH', PATH, { body }));
      }),
    );
}

function told(setting: Setting): RemoteResult {
  const { isEnabled, createUsersOnSignIn, allowedDomains, defaultUsageLocation } = setting;
  const text = facts([
    ['Auto-claim', isEnabled ? 'on' : 'off'],
    [
      'Creates users on their first sign-in',
      createUsersOnSignIn ? `yes, of ${allowedDomains.join(', ') || 'no domain'}` : 'no',
    ],
    ['Usage location where a user has none', defaultUsageLocation ?? 'none'],
  ]);
  return { text, data: { isEnabled, createUsersOnSignIn, allowedDomains, defaultUsageLocation } };
}

function readSwitch(text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new InvalidArgumentError('It is on or off.');
  return text === 'on';
}
