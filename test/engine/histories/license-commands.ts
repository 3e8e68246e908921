import assert from 'node:assert/strict';
import { assignLicenses } from '../../../src/engine/license/assign.ts';
import { lockUsers } from '../../../src/engine/license/lock-users.ts';
import { endPaths, Oversold, takeSeats } from '../../../src/engine/license/seats.ts';
import { lockPools } from '../../../src/engine/subscription/pools.ts';
import { inTenant } from '../../../src/engine/tenant/tenancy.ts';
import { assign, faultsOf, type Assignment } from '../model/assignments.ts';
import { hasMember, licenseOf, productOf, type Organisation } from '../model/organisation.ts';
import { freeSeats, isUsable } from '../model/purchases.ts';
import { endPaths as endModelPaths, givePath } from '../model/seats.ts';
import type { Command } from './commands.ts';
import { planIds } from './found.ts';
import { attempt, chosen, type Audited, type World } from './world.ts';

type Of<T extends Command['do']> = Extract<Command, { do: T }>;

export async function assignByHand({ tenancy, organisation }: World, command: Of<'assign'>): Promise<Audited> {
  const assignment = assignmentOf(organisation, command);
  const { userId, add, remove } = assignment;
  const wanted = add.map(({ skuId, without }) => ({ skuId, disabledPlans: without }));
  const outcome = await attempt(assignLicenses(tenancy, userId, wanted, remove));
  const faults = faultsOf(organisation, assignment);
  if ('refused' in outcome) {
    const { message } = outcome.refused;
    assert.ok(
      faults.some((fault) => message.startsWith(fault)),
      `refused with "${message}", of ${JSON.stringify(faults)}`,
    );
    return 0;
  }
  assert.deepEqual(faults, [], 'assigned, and it is not allowed');
  assign(organisation, assignment);
  return 'as it changed';
}

function assignmentOf(organisation: Organisation, { who, add, remove }: Of<'assign'>): Assignment {
  const added = new Map(add.map(({ product, without }) => [chosen(organisation.products, product)!.skuId, without]));
  const removed = new Set(remove.map((pick) => chosen(organisation.products, pick)!.skuId));
  return {
    userId: chosen(organisation.people, who)!.id,
    add: [...added].map(([skuId, without]) => ({ skuId, without: leftOut(organisation, skuId, without) })),
    remove: [...removed].filter((skuId) => !added.has(skuId)),
  };
}

function leftOut(organisation: Organisation, skuId: string, bits: number): string[] {
  return planIds(bits).filter((id) => productOf(organisation, skuId).plans.some((plan) => plan.id === id));
}

/** As group licensing takes seats for members: under the locks, and never more than there are. */
export async function licenseByGroup(
  { tenancy, organisation }: World,
  command: Of<'license by group'>,
): Promise<Audited> {
  const groupId = chosen([...organisation.groups.keys()], command.group);
  const { skuId } = chosen(organisation.products, command.product)!;
  if (groupId === undefined || !isUsable(organisation, skuId)) return 0;
  const members = organisation.people.filter(({ id, isDeleted }) => !isDeleted && hasMember(organisation, groupId, id));
  if (members.length === 0) return 0;
  const userIds = [...new Set(command.who.map((pick) => chosen(members, pick)!.id))];
  const without = leftOut(organisation, skuId, command.without);
  const needed = userIds.filter((userId) => !licenseOf(organisation, userId, skuId)).length;
  const isEnough = needed <= freeSeats(organisation, skuId);
  const work = inTenant(tenancy, async (tx) => {
    await lockPools(tx, [skuId]);
    await lockUsers(tx, userIds);
    const path = { kind: 'group' as const, groupId, disabledPlans: without };
    await takeSeats(
      tx,
      userIds.map((userId) => ({ userId, skuId, path })),
      tx.now,
    );
  });
  if (!isEnough) {
    await assert.rejects(work, Oversold);
    return 0;
  }
  await work;
  for (const userId of userIds) givePath(organisation, userId, skuId, { kind: 'group', groupId, without });
  return 'any';
}

export async function unlicenseByGroup(
  { tenancy, organisation }: World,
  { path: pick }: Of<'unlicense by group'>,
): Promise<Audited> {
  const paths = organisation.licenses.flatMap(({ userId, skuId, paths: all }) =>
    all.filter((path) => path.kind === 'group').map(({ groupId }) => ({ userId, skuId, groupId })),
  );
  const meant = chosen(paths, pick);
  if (!meant) return 0;
  await inTenant(tenancy, async (tx) => {
    await lockPools(tx, [meant.skuId]);
    await endPaths(tx, [meant]);
  });
  endModelPaths(
    organisation,
    ({ userId, skuId }, path) =>
      userId === meant.userId && skuId === meant.skuId && path.kind === 'group' && path.groupId === meant.groupId,
  );
  return 'any';
}
