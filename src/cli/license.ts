import { Command } from 'commander';
import type { Static } from 'typebox';
import type { OwnLicenseList } from '../../contract/me.ts';
import { EXIT_USAGE } from './exit-codes.ts';
import { licenseChangeCommands } from './license-change.ts';
import { segment } from './remote/api.ts';
import { CommandFailure } from './remote/failure.ts';
import type { NamedUser } from './remote/names.ts';
import { readMost, remoteCommand, runRemote, type RemoteOptions } from './remote/run-remote.ts';
import { table } from './terminal/table.ts';

type Held = Static<typeof OwnLicenseList>['value'][number];

/** `autoclaim license …` */
export function licenseCommand(): Command {
  const license = new Command('license').description('who holds which product').addCommand(listCommand());
  for (const command of licenseChangeCommands()) license.addCommand(command);
  return license;
}

interface ListOptions extends RemoteOptions {
  readonly product?: string;
  readonly top?: number;
}

function listCommand(): Command {
  return remoteCommand('list', "list what a person holds and why, or a product's people")
    .argument('[user]', 'their user principal name, id or name')
    .option('--product <product>', 'who holds it')
    .option('--top <number>', 'so many rows at most', readMost)
    .action((user: string | undefined, options: ListOptions) =>
      runRemote(options, async ({ api, names, screen }) => {
        if ((user === undefined) === (options.product === undefined)) {
          throw new CommandFailure('Name a person, or a product with --product.', EXIT_USAGE);
        }
        if (user === undefined) {
          const { skuId } = await names.product(options.product!);
          const query = {
            $filter: `assignedLicenses/any(x:x/skuId eq ${skuId})`,
            $select: 'id,displayName,userPrincipalName',
          };
          const people = await api.all<NamedUser>('/users', query, options.top);
          return { text: people.length > 0 ? table(people, PERSON, screen) : 'Nobody holds it.', data: people };
        }
        const { id } = await names.user(user);
        const { value } = await api.get<Static<typeof OwnLicenseList>>(`/users/${segment(id)}/licenses`);
        return { text: value.length > 0 ? table(value, HELD, screen) : 'No license.', data: value };
      }),
    );
}

const PERSON = [
  { title: 'Name', of: ({ displayName }: NamedUser) => displayName },
  { title: 'User', of: ({ userPrincipalName }: NamedUser) => userPrincipalName },
];

const HELD = [
  { title: 'Product', of: ({ displayName }: Held) => displayName },
  { title: 'Since', of: ({ assignedDateTime }: Held) => assignedDateTime.slice(0, 10) },
  { title: 'Usable', of: ({ isUsable }: Held) => isUsable },
  { title: 'Why', of: ({ paths }: Held) => paths.map(pathWords).join('; ') },
  { title: 'Opens', of: ({ apps }: Held) => apps.map(({ displayName }) => displayName).join(', ') },
];

function pathWords({ kind, groupDisplayName, groupId, policyDisplayName, policyId }: Held['paths'][number]): string {
  if (kind === 'group') return `group ${groupDisplayName ?? groupId}`;
  if (kind === 'policy') return `policy ${policyDisplayName ?? policyId}`;
  return 'assigned by hand';
}
