import assert from 'node:assert/strict';
import { assignLicenses } from '../../../src/engine/license/assign.ts';
import { assign, faultsOf, type Assignment } from '../model/assignments.ts';
import { productOf, type Organisation } from '../model/organisation.ts';
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

export function leftOut(organisation: Organisation, skuId: string, bits: number): string[] {
  return planIds(bits).filter((id) => productOf(organisation, skuId).plans.some((plan) => plan.id === id));
}
