import assert from 'node:assert/strict';
import { addMember } from '../../../src/engine/license/change-members.ts';
import { updateUser } from '../../../src/engine/directory/write-user.ts';
import { assignLicenses } from '../../../src/engine/license/assign.ts';
import { deleteUser } from '../../../src/engine/license/delete-user.ts';
import { createPolicy, deletePolicy, reorderPolicies, updatePolicy } from '../../../src/engine/policy/policies.ts';
import { updateSubscription } from '../../../src/engine/subscription/subscription.ts';
import type { Command } from './commands.ts';
import { attempt, chosen, type Audited, type World } from './world.ts';

/** Tries another tenant's ids: they are as unknown here as any other. */
export async function reach(
  world: World,
  { how, who }: Extract<Command, { do: 'reach into another tenant' }>,
): Promise<Audited> {
  const { tenancy, organisation, other } = world;
  const own = chosen(organisation.people, who)!;
  const theirs = chosen(other.organisation.people, who)!;
  const [policy, purchase] = [other.organisation.policies[0]!, other.organisation.purchases[0]!];
  const [group] = [...other.organisation.groups.keys()];
  const [ownGroup] = [...organisation.groups.keys()];
  const draft = {
    displayName: 'Theirs',
    isEnabled: true,
    products: policy.products.map(({ skuId, without }) => ({ skuId, disabledPlans: without })),
    includeGroups: [],
    excludeGroups: [],
    includeGuests: false,
  };
  const ways: readonly (() => Promise<unknown>)[] = [
    () => assignLicenses(tenancy, theirs.id, [{ skuId: purchase.skuId, disabledPlans: [] }], []),
    () => updateUser(tenancy, theirs.id, { accountEnabled: false }),
    () => deleteUser(tenancy, theirs.id),
    () => updateSubscription(tenancy, purchase.id, { totalLicenses: 0 }),
    () => updatePolicy(tenancy, policy.id, { isEnabled: false }, undefined),
    () => deletePolicy(tenancy, policy.id, undefined),
    () => reorderPolicies(tenancy, [policy.id]),
    () => createPolicy(tenancy, policy.appId, draft),
    () => createPolicy(tenancy, organisation.apps[0]!.id, { ...draft, includeGroups: [group!] }),
    () => addMember(tenancy, ownGroup ?? group!, theirs.id),
    () => signInAs(own.id, other.organisation.apps[0]!.id, 'unknownApp'),
    () => signInAs(theirs.id, organisation.apps[0]!.id, 'unknownUser'),
  ];
  const outcome = await attempt(chosen(ways, how)!());
  assert.ok('refused' in outcome || outcome.done === 'unknown', 'another tenant’s thing was found');
  return 0;

  async function signInAs(userId: string, appId: string, reason: string): Promise<string> {
    const decided = await world.signIns.decide(tenancy.tenantId, {
      appId,
      userId,
      userPrincipalName: null,
      clientId: 'client 0',
      correlationId: null,
      actor: tenancy.actor,
      requestId: null,
      door: 'api',
    });
    world.answered.set(decided.signInId, decided.reason ?? decided.outcome);
    assert.equal(decided.reason, reason);
    return 'unknown';
  }
}
