import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { Policy, PolicyEffect } from '../../../contract/auto-claim.ts';
import type { Group } from '../../../contract/group.ts';
import { ifAllowed } from '../remote/failure.ts';
import { remoteCommand, runRemote, type RemoteContext, type RemoteOptions } from '../remote/run-remote.ts';
import { facts } from '../terminal/table.ts';
import { count } from '../words.ts';
import { availableTo, readPools, statusOf, type Pool } from './availability.ts';

export function policyShowCommand(): Command {
  return remoteCommand('show', 'show a policy, and its effect in numbers')
    .argument('<policy>', 'its name or id')
    .action((policy: string, options: RemoteOptions) =>
      runRemote(options, async (context) => {
        const found = await context.names.policy(policy);
        return { text: await describePolicy(found, context), data: found };
      }),
    );
}

/** A policy in people's words. */
export async function describePolicy(policy: Static<typeof Policy>, { api, names }: RemoteContext): Promise<string> {
  const { appId, products, includeGroups, excludeGroups, includeGuests } = policy;
  const draft = { appId, products, includeGroups, excludeGroups, includeGuests };
  const [pools, app, catalogue, groups, effect] = await Promise.all([
    ifAllowed(readPools(api), new Map<string, Pool>()),
    ifAllowed(names.app(appId), undefined),
    ifAllowed(names.products(), []),
    ifAllowed(groupNames([...includeGroups, ...excludeGroups], api), new Map<string, string>()),
    // A policy whose product or group is gone is shown without its numbers.
    api
      .send<Static<typeof PolicyEffect>>('POST', '/policies/autoClaimPolicies/preview', { body: draft })
      .catch(() => undefined),
  ]);
  const lines = products.map(({ skuId, disabledPlans }, index): [string, string] => {
    const product = catalogue.find((one) => one.skuId === skuId);
    const off = disabledPlans.map(
      (id) => product?.servicePlans.find((plan) => plan.servicePlanId === id)?.servicePlanName ?? id,
    );
    const without = off.length > 0 ? `, without ${off.join(', ')}` : '';
    const available = pools.get(skuId)?.availableUnits ?? 0;
    return [
      index === 0 ? 'Product' : `Backup ${index}`,
      `${product?.displayName ?? skuId}: ${available.toLocaleString('en-US')} available${without}`,
    ];
  });
  const audience = includeGroups.length > 0 ? includeGroups.map((id) => groups.get(id) ?? id).join(', ') : 'everyone';
  return facts([
    ['Name', policy.displayName],
    ['Id', policy.id],
    ['Status', statusOf(policy, pools.size > 0 ? availableTo(policy, pools) : undefined)],
    ['App', `${app?.displayName ?? appId} (order ${policy.order})`],
    ...lines,
    ['For', `${audience}${includeGuests ? ', guests too' : ''}`],
    ['Except', excludeGroups.map((id) => groups.get(id) ?? id).join(', ')],
    ['Effect', effect && effectWords(effect)],
    ['Changed', policy.lastModifiedDateTime],
  ]);
}

/** What a policy comes to today. */
export function effectWords({
  audienceCount,
  unlicensedCount,
  availableLicenses,
}: Static<typeof PolicyEffect>): string {
  return `${count(audienceCount, 'person', 'people')} in its audience, ${unlicensedCount.toLocaleString('en-US')} without a license for the app; ${count(availableLicenses, 'license')} available`;
}

async function groupNames(ids: readonly string[], api: RemoteContext['api']): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const $filter = `id in (${ids.join(',')})`;
  const found = await api.all<Static<typeof Group>>('/groups', { $filter, $select: 'id,displayName' });
  return new Map(found.map(({ id, displayName }) => [id!, displayName!]));
}
