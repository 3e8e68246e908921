import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { Policy, PolicyPage } from '../../../contract/auto-claim.ts';
import { remoteCommand, runRemote, type RemoteOptions } from '../remote/run-remote.ts';
import { confirm } from '../terminal/ask.ts';
import { count } from '../words.ts';

type Policy_ = Static<typeof Policy>;
const PATH = '/policies/autoClaimPolicies';

/** `policy on` and `policy off`. */
export function policySwitchCommand(to: 'on' | 'off'): Command {
  const effect =
    to === 'on' ? 'people can claim by it at once' : 'nobody claims by it any more; who has a license keeps it';
  return remoteCommand(to, `turn policies ${to}: ${effect}`)
    .argument('<policy...>', 'their names or ids')
    .action((policies: string[], options: RemoteOptions) =>
      runRemote(options, async ({ api, names }) => {
        // All names first: one that is misspelt changes nothing.
        const found = await Promise.all(policies.map((policy) => names.policy(policy)));
        const written: Policy_[] = [];
        for (const { id } of found) {
          written.push(await api.send<Policy_>('PATCH', `${PATH}/${id}`, { body: { isEnabled: to === 'on' } }));
        }
        return { text: written.map(({ displayName }) => `${displayName}: ${to}`).join('\n'), data: written };
      }),
    );
}

export function policyDeleteCommand(): Command {
  return remoteCommand('delete', 'delete a policy; who claimed by it keeps the license, and the report its claims')
    .argument('<policy>', 'its name or id')
    .option('--yes', 'without asking')
    .action((policy: string, options: RemoteOptions & { yes?: boolean }) =>
      runRemote(options, async ({ api, names }) => {
        const { id, displayName, '@odata.etag': etag } = await names.policy(policy);
        await confirm(`The policy "${displayName}" is deleted.`, options.yes);
        await api.send('DELETE', `${PATH}/${id}`, { headers: { 'if-match': etag } });
        return { text: `Deleted the policy "${displayName}".`, data: { id, displayName } };
      }),
    );
}

export function policyReorderCommand(): Command {
  return remoteCommand('reorder', "put an app's policies in order: the first whose audience has the person decides")
    .argument('<policy...>', 'their names or ids, the first first; those left out stay behind them in their order')
    .action((policies: string[], options: RemoteOptions) =>
      runRemote(options, async ({ api, names }) => {
        const wanted = await Promise.all(policies.map((policy) => names.policy(policy)));
        const rest = (await names.policies())
          .filter(({ appId, id }) => appId === wanted[0]!.appId && !wanted.some((one) => one.id === id))
          .toSorted((one, other) => one.order - other.order);
        const ids = [...wanted, ...rest].map(({ id }) => id);
        const { value } = await api.send<Static<typeof PolicyPage>>('POST', `${PATH}/reorder`, { body: { ids } });
        const lines = value.map(({ order, displayName }) => `${order}. ${displayName}`);
        return { text: `${count(value.length, 'policy', 'policies')} in order:\n${lines.join('\n')}`, data: value };
      }),
    );
}
