import { Command } from 'commander';
import { importCommand } from './import.ts';
import { searchText, segment } from './remote/api.ts';
import type { NamedUser } from './remote/names.ts';
import { readMost, remoteCommand, runRemote, type RemoteOptions } from './remote/run-remote.ts';
import { confirm } from './terminal/ask.ts';
import { facts, table } from './terminal/table.ts';

const SHOWN =
  'id,displayName,userPrincipalName,mail,userType,accountEnabled,usageLocation,jobTitle,department,companyName,createdDateTime,assignedLicenses';

/** `autoclaim user …` */
export function userCommand(): Command {
  return new Command('user')
    .description('people')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(createCommand())
    .addCommand(blockCommand('block', false, 'let people sign in and claim no more; their licenses stay'))
    .addCommand(blockCommand('unblock', true, 'let people sign in and claim again'))
    .addCommand(locateCommand())
    .addCommand(deleteCommand())
    .addCommand(
      importCommand("take the admin center's export of users (CSV) into the directory", '/admin/import/users', 'user'),
    );
}

interface ListOptions extends RemoteOptions {
  readonly search?: string;
  readonly filter?: string;
  readonly top?: number;
}

function listCommand(): Command {
  return remoteCommand('list', 'list people by name')
    .option('--search <text>', 'whose name or address has these words')
    .option('--filter <condition>', "in the form of the API, such as department eq 'Sales'")
    .option('--top <number>', 'so many at most', readMost)
    .action((options: ListOptions) =>
      runRemote(options, async ({ api, screen }) => {
        const query = {
          $select: 'id,displayName,userPrincipalName,userType,accountEnabled,usageLocation,department',
          $search: searchText(options.search),
          $filter: options.filter,
        };
        const people = await api.all<NamedUser>('/users', query, options.top);
        const text = table(
          people,
          [
            { title: 'Name', of: ({ displayName }) => displayName },
            { title: 'User', of: ({ userPrincipalName }) => userPrincipalName },
            { title: 'Department', of: ({ department }) => department },
            { title: 'Location', of: ({ usageLocation }) => usageLocation },
            { title: 'Type', of: ({ userType }) => userType },
            { title: 'Sign-in', of: ({ accountEnabled }) => (accountEnabled ? 'allowed' : 'blocked') },
          ],
          screen,
        );
        return { text: people.length > 0 ? text : 'Nobody.', data: people };
      }),
    );
}

function showCommand(): Command {
  return remoteCommand('show', 'show a person')
    .argument('<user>', 'their user principal name, id or name')
    .action((user: string, options: RemoteOptions) =>
      runRemote(options, async ({ names }) => {
        const { id, displayName } = await names.user(user);
        const found = await names.user(id, SHOWN);
        const products = found.assignedLicenses?.length ? await names.products() : [];
        const licenses = found.assignedLicenses?.map(
          ({ skuId }) => products.find((one) => one.skuId === skuId)?.displayName ?? skuId,
        );
        const text = facts([
          ['Name', displayName],
          ['User', found.userPrincipalName],
          ['Id', id],
          ['Mail', found.mail],
          ['Type', found.userType],
          ['Sign-in', found.accountEnabled ? 'allowed' : 'blocked'],
          ['Usage location', found.usageLocation],
          ['Job title', found.jobTitle],
          ['Department', found.department],
          ['Company', found.companyName],
          ['Created', found.createdDateTime],
          ['Licenses', licenses?.join(', ')],
        ]);
        return { text, data: found };
      }),
    );
}

interface CreateOptions extends RemoteOptions {
  readonly name?: string;
  readonly usageLocation?: string;
  readonly department?: string;
  readonly guest?: boolean;
}

function createCommand(): Command {
  return remoteCommand('create', 'add a person, without a password as yet')
    .argument('<user>', 'the user principal name: name@domain')
    .option('--name <name>', 'the display name (default: what stands before the @)')
    .option('--usage-location <country>', 'two letters')
    .option('--department <department>', 'where they work')
    .option('--guest', 'as a guest')
    .action((userPrincipalName: string, options: CreateOptions) =>
      runRemote(options, async ({ api }) => {
        const body = {
          userPrincipalName,
          displayName: options.name ?? userPrincipalName.split('@', 1)[0]!,
          ...(options.usageLocation !== undefined && { usageLocation: options.usageLocation.toUpperCase() }),
          ...(options.department !== undefined && { department: options.department }),
          ...(options.guest && { userType: 'Guest' }),
        };
        const made = await api.send<NamedUser>('POST', '/users', { body });
        return { text: `Added ${made.displayName} (${made.userPrincipalName}, ${made.id}).`, data: made };
      }),
    );
}

function blockCommand(name: string, accountEnabled: boolean, effect: string): Command {
  return remoteCommand(name, effect)
    .argument('<user...>', 'their user principal names, ids or names')
    .action((users: string[], options: RemoteOptions) => changeUsers(users, options, { accountEnabled }, `${name}ed`));
}

function locateCommand(): Command {
  return remoteCommand('locate', "set people's usage location, which licenses need")
    .argument('<country>', 'two letters')
    .argument('<user...>', 'their user principal names, ids or names')
    .action((country: string, users: string[], options: RemoteOptions) =>
      changeUsers(users, options, { usageLocation: country.toUpperCase() }, country.toUpperCase()),
    );
}

/** All names first: one that is misspelt changes nothing. */
function changeUsers(users: readonly string[], options: RemoteOptions, body: object, done: string): Promise<void> {
  return runRemote(options, async ({ api, names }) => {
    const people = await Promise.all(users.map((user) => names.user(user)));
    for (const { id } of people) await api.send('PATCH', `/users/${segment(id)}`, { body });
    return {
      text: people.map(({ userPrincipalName }) => `${userPrincipalName}: ${done}`).join('\n'),
      data: people.map(({ id, userPrincipalName }) => ({ id, userPrincipalName, ...body })),
    };
  });
}

function deleteCommand(): Command {
  return remoteCommand('delete', 'delete a person; their licenses are free at once')
    .argument('<user>', 'their user principal name, id or name')
    .option('--yes', 'without asking')
    .action((user: string, options: RemoteOptions & { yes?: boolean }) =>
      runRemote(options, async ({ api, names }) => {
        const { id } = await names.user(user);
        const { userPrincipalName, assignedLicenses = [] } = await names.user(
          id,
          'id,userPrincipalName,assignedLicenses',
        );
        const held = assignedLicenses.length === 1 ? '1 license is' : `${assignedLicenses.length} licenses are`;
        await confirm(`${userPrincipalName} is deleted, and ${held} free.`, options.yes);
        await api.send('DELETE', `/users/${segment(id)}`);
        return { text: `Deleted ${userPrincipalName}.`, data: { id, userPrincipalName } };
      }),
    );
}
