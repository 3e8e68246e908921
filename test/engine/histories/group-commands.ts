import assert from 'node:assert/strict';
import { assignLicensesToGroup, reprocessGroup } from '../../../src/engine/license/assign-to-group.ts';
import { reprocessUser } from '../../../src/engine/license/reprocess-user.ts';
import { concernedBy, licenseByGroups } from '../model/group-licensing.ts';
import { personOf } from '../model/organisation.ts';
import { wasBought } from '../model/purchases.ts';
import type { Command } from './commands.ts';
import { leftOut } from './license-commands.ts';
import { attempt, chosen, doIfAllowed, type Audited, type World } from './world.ts';

type Of<T extends Command['do']> = Extract<Command, { do: T }>;

/** What a group gives is changed, and its members have it, or an error, at once. */
export async function licenseByGroup(
  { tenancy, organisation }: World,
  command: Of<'license by group'>,
): Promise<Audited> {
  const groupId = chosen([...organisation.groups.keys()], command.group);
  if (groupId === undefined) return 0;
  const { products, given } = organisation;
  const added = new Map(command.add.map(({ product, without }) => [chosen(products, product)!.skuId, without]));
  const add = [...added].map(([skuId, bits]) => ({ skuId, disabledPlans: leftOut(organisation, skuId, bits) }));
  const gives = new Map(given.get(groupId));
  // Mostly what it gives, sometimes what it doesn't.
  const removable = gives.size > 0 && command.remove[0] !== 11 ? [...gives.keys()] : products.map(({ skuId }) => skuId);
  const remove = [...new Set(command.remove.map((pick) => chosen(removable, pick)!))].filter((one) => !added.has(one));
  const outcome = await attempt(assignLicensesToGroup(tenancy, groupId, add, remove));
  const isAllowed = add.every(({ skuId }) => wasBought(organisation, skuId)) && remove.every((one) => gives.has(one));
  assert.equal('done' in outcome, isAllowed, JSON.stringify(outcome));
  if (!isAllowed) return 0;
  remove.forEach((skuId) => gives.delete(skuId));
  add.forEach(({ skuId, disabledPlans }) => gives.set(skuId, disabledPlans));
  const isSame = JSON.stringify(written(gives)) === JSON.stringify(written(given.get(groupId) ?? new Map()));
  if (isSame) return 0;
  given.set(groupId, gives);
  licenseByGroups(organisation, concernedBy(organisation, [groupId]));
  return 'as it changed';
}

function written(gives: ReadonlyMap<string, readonly string[]>): unknown {
  return [...gives]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([skuId, plans]) => [skuId, [...new Set(plans)].sort()]);
}

export async function reprocessGroupOf(
  { tenancy, organisation }: World,
  { group }: Of<'reprocess group'>,
): Promise<Audited> {
  const groupId = chosen([...organisation.groups.keys()], group);
  if (groupId === undefined) return 0;
  await reprocessGroup(tenancy, groupId);
  licenseByGroups(organisation, concernedBy(organisation, [groupId]));
  return 'any';
}

export async function reprocessPerson(
  { tenancy, organisation }: World,
  { who }: Of<'reprocess person'>,
): Promise<Audited> {
  const { id } = chosen(organisation.people, who)!;
  const isThere = personOf(organisation, id) !== undefined;
  if (await doIfAllowed(isThere, reprocessUser(tenancy, id))) licenseByGroups(organisation, [id]);
  return 'any';
}
