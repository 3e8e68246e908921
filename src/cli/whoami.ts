import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { OrganizationList } from '../../contract/organization.ts';
import { permissionsIn } from './remote/tokens.ts';
import { remoteCommand, runRemote, type RemoteOptions } from './remote/run-remote.ts';
import { facts } from './terminal/table.ts';

export function whoamiCommand(): Command {
  return remoteCommand('whoami', 'as whom you are signed in, where, and what you may do').action(
    (options: RemoteOptions) =>
      runRemote(options, async ({ session }) => {
        const { url, tenantId, clientId, from, api } = session;
        const permissions = permissionsIn(api.token);
        // Not everybody may read the organisation's name.
        const organisation = await api
          .get<Static<typeof OrganizationList>>('/organization')
          .then(({ value }) => value[0]?.displayName)
          .catch(() => undefined);
        return {
          text: facts([
            ['Server', url],
            ['Organisation', organisation ? `${organisation} (${tenantId})` : tenantId],
            ['App', clientId],
            ['From', from === 'environment' ? 'the environment' : `profile "${from}"`],
            ['Permissions', permissions.join(', ') || 'none'],
          ]),
          data: { url, tenant: tenantId, organisation: organisation ?? null, clientId, from, permissions },
        };
      }),
  );
}
