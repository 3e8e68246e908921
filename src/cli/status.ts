import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { Overview } from '../../contract/overview.ts';
import { remoteCommand, runRemote, type RemoteOptions } from './remote/run-remote.ts';
import { facts, table } from './terminal/table.ts';
import { count } from './words.ts';

export function statusCommand(): Command {
  return remoteCommand(
    'status',
    'how the organisation stands: the switch, policies, claims of today, products that run low',
  ).action((options: RemoteOptions) =>
    runRemote(options, async ({ api, screen, session }) => {
      const overview = await api.get<Static<typeof Overview>>('/admin/overview');
      const { isAutoClaimEnabled, policies, pools, activity } = overview;
      const refusals = activity?.refusals.reduce((sum, refusal) => sum + refusal.count, 0) ?? 0;
      const reasons = activity?.refusals
        .map(({ reason, count: of }) => `${reason} ${of.toLocaleString('en-US')}`)
        .join(', ');
      const text = facts([
        ['Server', session.url],
        ['Auto-claim', isAutoClaimEnabled ? 'on' : 'off'],
        ['Policies', `${policies.total}: ${policies.on} on, of these ${policies.outOfLicenses} out of licenses`],
        ['Claims', activity && `${count(activity.claims, 'claim')} within 24 hours`],
        ['Refusals', activity && `${count(refusals, 'refusal')} within 7 days${reasons ? ` (${reasons})` : ''}`],
        ['Products', `${pools.total}, of these ${pools.nearlyEmpty} nearly empty`],
      ]);
      const fullest = table(
        pools.fullest,
        [
          { title: 'Nearly empty', of: ({ displayName }) => displayName },
          { title: 'Assigned', of: ({ consumedUnits }) => consumedUnits },
          { title: 'Licenses', of: ({ units }) => units },
          { title: 'Available', of: ({ availableUnits }) => availableUnits },
        ],
        screen,
      );
      return { text: pools.fullest.length > 0 ? `${text}\n\n${fullest}` : text, data: overview };
    }),
  );
}
