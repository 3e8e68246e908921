import { Command } from 'commander';
import type { Static } from 'typebox';
import type { Group } from '../../contract/group.ts';
import { groupLicenseCommands } from './group-license.ts';
import { searchText } from './remote/api.ts';
import type { NamedUser } from './remote/names.ts';
import { readMost, remoteCommand, runRemote, type RemoteContext, type RemoteOptions } from './remote/run-remote.ts';
import { confirm } from './terminal/ask.ts';
import { facts, table } from './terminal/table.ts';
import { count } from './words.ts';

type Group_ = Static<typeof Group> & { readonly id: string; readonly displayName: string };
/** A user, or a group in a group. */
type Member = NamedUser & { readonly '@odata.type': string };

/** `autoclaim group …` */
export function groupCommand(): Command {
  const group = new Command('group')
    .description('groups of people and of groups')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(membersCommand())
    .addCommand(addCommand())
    .addCommand(removeCommand())
    .addCommand(createCommand())
    .addCommand(deleteCommand());
  for (const command of groupLicenseCommands()) group.addCommand(command);
  return group;
}

function listCommand(): Command {
  return remoteCommand('list', 'list the groups by name')
    .option('--search <text>', 'whose name has the text')
    .option('--top <number>', 'so many at most', readMost)
    .action((options: RemoteOptions & { search?: string; top?: number }) =>
      runRemote(options, async ({ api, screen }) => {
        const groups = await api.all<Group_>('/groups', { $search: searchText(options.search) }, options.top);
        const text = table(
          groups,
          [
            { title: 'Name', of: ({ displayName }) => displayName },
            { title: 'Description', of: ({ description }) => description },
            { title: 'Id', of: ({ id }) => id },
          ],
          screen,
        );
        return { text: groups.length > 0 ? text : 'There is no group.', data: groups };
      }),
    );
}

function showCommand(): Command {
  return remoteCommand('show', 'show a group')
    .argument('<group>', 'its name or id')
    .action((group: string, options: RemoteOptions) =>
      runRemote(options, async ({ api, names }) => {
        const found = await names.group(group);
        const members = await api.get<number>(`/groups/${found.id}/members/$count`);
        const text = facts([
          ['Name', found.displayName],
          ['Id', found.id],
          ['Description', found.description],
          ['Members', count(members, 'member')],
          ['Created', found.createdDateTime],
        ]);
        return { text, data: { ...found, memberCount: members } };
      }),
    );
}

function membersCommand(): Command {
  return remoteCommand('members', "list a group's own members: people and groups")
    .argument('<group>', 'its name or id')
    .option('--top <number>', 'so many at most', readMost)
    .action((group: string, options: RemoteOptions & { top?: number }) =>
      runRemote(options, async ({ api, names, screen }) => {
        const { id } = await names.group(group);
        const members = await api.all<Member>(`/groups/${id}/members`, {}, options.top);
        const text = table(
          members,
          [
            { title: 'Name', of: ({ displayName }) => displayName },
            { title: 'User', of: ({ userPrincipalName }) => userPrincipalName },
            { title: 'Kind', of: (member) => (isGroup(member) ? 'group' : 'person') },
            { title: 'Id', of: (member) => member.id },
          ],
          screen,
        );
        return { text: members.length > 0 ? text : 'It has no members.', data: members };
      }),
    );
}

function isGroup(member: Member): boolean {
  return member['@odata.type'] === '#microsoft.graph.group';
}

interface MemberOptions extends RemoteOptions {
  readonly asGroup?: boolean;
  readonly yes?: boolean;
}

function addCommand(): Command {
  return remoteCommand('add', 'add members to a group')
    .argument('<group>', 'its name or id')
    .argument('<member...>', 'user principal names, ids or names of people')
    .option('--as-group', 'the members are groups')
    .action((group: string, members: string[], options: MemberOptions) =>
      runRemote(options, async ({ api, names }) => {
        const { id, displayName } = await names.group(group);
        const found = await findMembers(members, options, names);
        for (const member of found) {
          const body = { '@odata.id': `${api.url}/v1.0/directoryObjects/${member.id}` };
          await api.send('POST', `/groups/${id}/members/$ref`, { body });
        }
        return { text: `Added ${count(found.length, 'member')} to ${displayName}.`, data: { id, added: found } };
      }),
    );
}

function removeCommand(): Command {
  return remoteCommand('remove', 'take members from a group')
    .argument('<group>', 'its name or id')
    .argument('<member...>', 'user principal names, ids or names of people')
    .option('--as-group', 'the members are groups')
    .option('--yes', 'without asking')
    .action((group: string, members: string[], options: MemberOptions) =>
      runRemote(options, async ({ api, names }) => {
        const { id, displayName } = await names.group(group);
        const found = await findMembers(members, options, names);
        await confirm(
          `${count(found.length, 'member')} of ${displayName} will be none, without the licenses that it gives.`,
          options.yes,
        );
        for (const member of found) await api.send('DELETE', `/groups/${id}/members/${member.id}/$ref`);
        return { text: `Took ${count(found.length, 'member')} from ${displayName}.`, data: { id, removed: found } };
      }),
    );
}

/** All names first: one that is misspelt changes nothing. */
function findMembers(members: readonly string[], options: MemberOptions, names: RemoteContext['names']) {
  return Promise.all(
    members.map(async (member) => {
      const { id, displayName } = options.asGroup ? await names.group(member) : await names.user(member);
      return { id, displayName };
    }),
  );
}

function createCommand(): Command {
  return remoteCommand('create', 'make a group')
    .argument('<name>', 'how it is called')
    .option('--description <text>', 'what it is for')
    .action((displayName: string, options: RemoteOptions & { description?: string }) =>
      runRemote(options, async ({ api }) => {
        const body = {
          displayName,
          // Graph wants one; it has no other use here.
          mailNickname: displayName.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 64) || 'group',
          mailEnabled: false,
          securityEnabled: true,
          ...(options.description !== undefined && { description: options.description }),
        };
        const made = await api.send<Group_>('POST', '/groups', { body });
        return { text: `Made the group ${made.displayName} (${made.id}).`, data: made };
      }),
    );
}

function deleteCommand(): Command {
  return remoteCommand('delete', 'delete a group')
    .argument('<group>', 'its name or id')
    .option('--yes', 'without asking')
    .action((group: string, options: MemberOptions) =>
      runRemote(options, async ({ api, names }) => {
        const { id, displayName } = await names.group(group);
        const members = await api.get<number>(`/groups/${id}/members/$count`);
        await confirm(`The group ${displayName} with its ${count(members, 'member')} is deleted.`, options.yes);
        await api.send('DELETE', `/groups/${id}`);
        return { text: `Deleted the group ${displayName}.`, data: { id, displayName } };
      }),
    );
}
