import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { OrganizationList } from '../../contract/organization.ts';
import type { OwnPermissions } from '../../contract/me.ts';
import { ifAllowed } from './remote/failure.ts';
import type { Session } from './remote/session.ts';
import { COMMAND_LINE_CLIENT, permissionsIn } from './remote/tokens.ts';
import { remoteCommand, runRemote, type RemoteOptions } from './remote/run-remote.ts';
import { facts } from './terminal/table.ts';

export function whoamiCommand(): Command {
  return remoteCommand('whoami', 'as whom you are signed in, where, and what you may do').action(
    (options: RemoteOptions) =>
      runRemote(options, async ({ session }) => {
        const { url, tenantId, clientId, from, api } = session;
        const person = await personOf(session);
        const permissions = person?.permissions ?? permissionsIn(api.token);
        // Not everybody may read the organisation's name.
        const organisation = await ifAllowed(
          api.get<Static<typeof OrganizationList>>('/organization').then(({ value }) => value[0]?.displayName),
          undefined,
        );
        return {
          text: facts([
            ['Server', url],
            ['Organisation', organisation ? `${organisation} (${tenantId})` : tenantId],
            person ? ['Person', person.userPrincipalName] : ['App', clientId],
            ['Roles', person && (person.roles.join(', ') || 'none')],
            ['From', from === 'environment' ? 'the environment' : `profile "${from}"`],
            ['Permissions', permissions.join(', ') || 'none'],
          ]),
          data: {
            url,
            tenant: tenantId,
            organisation: organisation ?? null,
            clientId,
            userPrincipalName: person?.userPrincipalName ?? null,
            roles: person?.roles ?? null,
            from,
            permissions,
          },
        };
      }),
  );
}

/** undefined: an app has no /me. */
async function personOf({ api, clientId }: Session) {
  if (clientId !== COMMAND_LINE_CLIENT) return undefined;
  const [{ userPrincipalName }, { permissions, directoryRoles }] = await Promise.all([
    api.get<{ userPrincipalName: string }>('/me', { $select: 'userPrincipalName' }),
    api.get<Static<typeof OwnPermissions>>('/me/permissions'),
  ]);
  return { userPrincipalName, permissions, roles: directoryRoles.map(({ displayName }) => displayName) };
}
