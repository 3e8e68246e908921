import type { Grantor } from '../app/grantor.ts';
import { createApp, deleteApp, updateApp } from '../app/write-app.ts';
import { addRoleMember, removeRoleMember } from '../directory/role-members.ts';
import { holdMemberships, queueMembers } from '../directory/licensing-queue.ts';
import { setGroupLicenses } from '../license/assign-to-group.ts';
import { licenseQueued } from '../license/work-off-queue.ts';
import { createPolicy, deletePolicy, reorderPolicies, updatePolicy } from '../policy/policies.ts';
import { policyRows } from '../policy/policy-rows.ts';
import { previewPolicy, type PolicyEffect } from '../policy/preview.ts';
import { writeSetting } from '../policy/setting.ts';
import { Refused } from '../refused.ts';
import { lockAllPools } from '../subscription/pools.ts';
import { inTenant, joined, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import { isNothing, planSetUp, type PlannedApp, type SetUpSteps } from './plan-set-up.ts';
import type { PlannedGroupLicenses } from './plan-group-licenses.ts';
import type { PlannedPolicy } from './plan-policies.ts';
import { readCurrentSetUp } from './read-set-up.ts';
import { ROOT, type SetUpDocument } from './set-up.ts';

/** Who has a set-up applied. */
export interface SetUpBy extends Grantor {
  /** The app that calls; undefined: a person. */
  readonly ownAppId: string | undefined;
}

/** What was done, or would be. */
export interface SetUpResult {
  readonly steps: SetUpSteps;
  /** Of policies that are new or for others now, by where they stand in the document. */
  readonly effects: ReadonlyMap<string, PolicyEffect>;
  /** Of groups whose licenses change, by their ids: how many people are in them, also through others. */
  readonly people: ReadonlyMap<string, number>;
}

/**
 * Makes the set-up as a document has it, in one transaction: all of it, or nothing where anything is
 * refused. What is there already isn't written, and has no audit entry.
 * @param prune what the document's parts don't name is deleted
 * @throws SetUpRejected; Refused, its message beginning with the place in the document
 */
export async function applySetUp(
  tenancy: Tenancy,
  document: SetUpDocument,
  prune: boolean,
  by: SetUpBy,
): Promise<SetUpResult> {
  const { queued, ...result } = await inTenant(tenancy, async (tx) => {
    const { steps, changedGroups } = await applyIn(tenancy, tx, document, prune, by);
    const queued = await queueMembers(tx, changedGroups);
    return { queued, steps, effects: new Map(), people: await countPeople(tx, steps) };
  });
  await licenseQueued(tenancy, queued);
  return result;
}

/**
 * What lies between the set-up and a document. Reads alone, and locks nothing.
 * @throws SetUpRejected
 */
export function compareSetUp(
  tenancy: Tenancy,
  document: SetUpDocument,
  prune: boolean,
  { ownAppId }: SetUpBy,
): Promise<SetUpResult> {
  return inTenant(tenancy, async (tx) => {
    const steps = planSetUp(document, await readCurrentSetUp(tx, document), { prune, ownAppId });
    return { steps, effects: new Map(), people: await countPeople(tx, steps) };
  });
}

/**
 * What applySetUp would do. Where there is something to do it is done and undone, so that whatever
 * would be refused is told; claims wait for these milliseconds. Where there is nothing, nothing is locked.
 * @throws as applySetUp
 */
export async function tryOutSetUp(
  tenancy: Tenancy,
  document: SetUpDocument,
  prune: boolean,
  by: SetUpBy,
): Promise<SetUpResult> {
  const compared = await compareSetUp(tenancy, document, prune, by);
  const { steps } = compared;
  if (isNothing(steps)) return compared;
  const effects = await effectsOf(tenancy, steps);
  const tried = new TriedOut();
  await inTenant(tenancy, async (tx) => {
    await applyIn(tenancy, tx, document, prune, by);
    throw tried;
  }).catch((error: unknown) => {
    if (error !== tried) throw error;
  });
  return { ...compared, effects };
}

/** All but the queueing of members, who may be very many. */
async function applyIn(
  tenancy: Tenancy,
  tx: TenantTransaction,
  document: SetUpDocument,
  prune: boolean,
  by: SetUpBy,
): Promise<{ steps: SetUpSteps; changedGroups: string[] }> {
  // Before every other lock, as all do who change what groups give.
  if (document.groupLicenses) await holdMemberships(tx, 'whole');
  await lockAllPools(tx);
  const current = await readCurrentSetUp(tx, document);
  const steps = planSetUp(document, current, { prune, ownAppId: by.ownAppId });
  await carryOut(joined(tenancy, tx), tx, steps, by);
  const changedGroups: string[] = [];
  for (const group of steps.groups)
    if (await at(group.target, giveByGroup(tx, group))) changedGroups.push(group.groupId);
  return { steps, changedGroups };
}

function giveByGroup(tx: TenantTransaction, { groupId, before, after }: PlannedGroupLicenses): Promise<boolean> {
  const isGiven = ({ skuId, disabledPlans }: PlannedGroupLicenses['after'][number]) =>
    before.some((one) => one.skuId === skuId && one.disabledPlans.join() === disabledPlans.join());
  const remove = before.filter(({ skuId }) => !after.some((one) => one.skuId === skuId)).map(({ skuId }) => skuId);
  return setGroupLicenses(
    tx,
    groupId,
    after.filter((one) => !isGiven(one)),
    remove,
  );
}

/** Indexes: the primary keys of group_groups and group_users. */
async function countPeople(tx: TenantTransaction, { groups }: SetUpSteps): Promise<Map<string, number>> {
  if (groups.length === 0) return new Map();
  const { rows } = await tx.client.query<{ root: string; people: number }>(
    `with recursive nested (root, group_id) as (
       select g, g from unnest($2::uuid[]) g
       union
       select nested.root, m.member_group_id
         from nested join group_groups m on m.tenant_id = $1 and m.group_id = nested.group_id
     )
     select nested.root, count(distinct m.user_id)::int as people
       from nested join group_users m on m.tenant_id = $1 and m.group_id = nested.group_id
      group by nested.root`,
    [tx.tenantId, groups.map(({ groupId }) => groupId)],
  );
  return new Map(rows.map(({ root, people }) => [root, people]));
}

/** Thrown to undo what was tried out. */
class TriedOut extends Error {}

/** Counted before anything is locked, which takes a while where there are many users. */
async function effectsOf(tenancy: Tenancy, { policies, apps }: SetUpSteps): Promise<Map<string, PolicyEffect>> {
  const effects = new Map<string, PolicyEffect>();
  for (const { target, appId, draft, before, changes } of policies) {
    const isForOthers = !before || changes.some(({ name }) => name !== 'displayName' && name !== 'isEnabled');
    // Of an app that isn't there yet, or will require something else, nothing can be counted.
    if (!isForOthers || apps.some((app) => app.appId === appId && (!app.before || app.draft.requiredServicePlanIds)))
      continue;
    const effect = await previewPolicy(tenancy, appId, draft).catch((error: unknown) => {
      // It is told when it is tried out.
      if (error instanceof Refused) return undefined;
      throw error;
    });
    if (effect) effects.set(target, effect);
  }
  return effects;
}

/**
 * In an order in which each step can stand: what others need comes first, and goes last. Apps with new
 * requirements have the old ones beside them until their policies fit.
 */
async function carryOut(here: Tenancy, tx: TenantTransaction, steps: SetUpSteps, by: SetUpBy): Promise<void> {
  if (steps.setting) await at(`${ROOT}.setting`, writeSetting(here, steps.setting.patch));
  for (const { policyId } of steps.deletedPolicies)
    await at(`${ROOT}.policies`, deletePolicy(here, policyId, undefined));
  for (const app of steps.apps) await at(app.target, beginApp(here, app, by));
  for (const policy of steps.policies) await at(policy.target, writePolicy(here, policy));
  for (const { before, draft, target } of steps.apps) {
    const { requiredServicePlanIds } = draft;
    if (before && requiredServicePlanIds) await at(target, updateApp(here, before.id, { requiredServicePlanIds }, by));
  }
  for (const { after } of steps.orders) {
    const ids = new Map((await policyRows(tx)).map((policy) => [policy.displayName, policy.policyId]));
    await at(
      `${ROOT}.policies`,
      reorderPolicies(
        here,
        after.map((name) => ids.get(name)!),
      ),
    );
  }
  for (const { id } of steps.deletedApps) await at(`${ROOT}.apps`, deleteApp(here, id));
  for (const { role, userId, target } of steps.given) await at(target, addRoleMember(here, role.id, userId));
  for (const { role, userId } of steps.taken) await at(`${ROOT}.roles`, removeRoleMember(here, role.id, userId));
}

async function beginApp(here: Tenancy, { appId, before, draft }: PlannedApp, by: SetUpBy): Promise<unknown> {
  if (!before) return createApp(here, draft, by, appId);
  const { requiredServicePlanIds: wanted } = draft;
  const both = wanted && [...new Set([...before.requiredServicePlanIds, ...wanted])];
  return updateApp(here, before.id, { ...draft, ...(both && { requiredServicePlanIds: both }) }, by);
}

function writePolicy(here: Tenancy, { before, appId, draft }: PlannedPolicy): Promise<unknown> {
  return before ? updatePolicy(here, before.policyId, draft, undefined) : createPolicy(here, appId, draft);
}

/** What the engine names otherwise than a document does. */
const FIELDS: readonly (readonly [RegExp, string])[] = [
  [/^(web|spa|publicClient)\.redirectUris/, 'redirectUris.$1'],
  [/^requiredServicePlanIds/, 'requiredServicePlans'],
  [/^(products\[\d+\])\.skuId/, '$1.product'],
];

/** Names the place in the document beside the field that the engine names. */
async function at<T>(place: string, step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { kind, message, target } = error;
    if (target === undefined || !message.startsWith(`${target}:`)) {
      throw new Refused(kind, `${place}: ${message}`, place);
    }
    const field = FIELDS.reduce((text, [pattern, as]) => text.replace(pattern, as), target);
    throw new Refused(kind, `${place}.${field}${message.slice(target.length)}`, `${place}.${field}`);
  }
}
