import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { workOffQueues } from '../../../src/engine/license/work-off-queue.ts';
import type { Command } from './commands.ts';
import { licenseByGroup, reprocessGroupOf, reprocessPerson } from './group-commands.ts';
import { assignByHand } from './license-commands.ts';
import { disband, dismiss, editPerson, hire, join, leave } from './people-commands.ts';
import {
  addPolicy,
  editPolicy,
  prohibit,
  putInOrder,
  removePolicy,
  requirePlans,
  setDefaultLocation,
  turn,
} from './policy-commands.ts';
import { buy, changePurchase, letDaysPass, settle } from './purchase-commands.ts';
import { reach } from './reach-commands.ts';
import { signIn, signInTogether } from './sign-in-commands.ts';
import { modelState, storedState, withoutDue } from './stored.ts';
import type { Audited, World } from './world.ts';

/** Does one command to the engine and to the model, which must come to the same. */
function perform(world: World, command: Command): Promise<Audited> {
  switch (command.do) {
    case 'sign in':
      return signIn(world, command);
    case 'sign in together':
      return signInTogether(world, command.list);
    case 'buy':
      return buy(world, command);
    case 'change purchase':
      return changePurchase(world, command);
    case 'let days pass':
      return letDaysPass(world, command);
    case 'settle what is deleted':
      return settle(world);
    case 'switch':
      return turn(world, command);
    case 'set default location':
      return setDefaultLocation(world, command);
    case 'add policy':
      return addPolicy(world, command);
    case 'edit policy':
      return editPolicy(world, command);
    case 'delete policy':
      return removePolicy(world, command);
    case 'reorder policies':
      return putInOrder(world, command);
    case 'assign':
      return assignByHand(world, command);
    case 'license by group':
      return licenseByGroup(world, command);
    case 'reprocess group':
      return reprocessGroupOf(world, command);
    case 'reprocess person':
      return reprocessPerson(world, command);
    case 'add member':
      return join(world, command);
    case 'remove member':
      return leave(world, command);
    case 'delete group':
      return disband(world, command);
    case 'add person':
      return hire(world, command);
    case 'edit person':
      return editPerson(world, command);
    case 'delete person':
      return dismiss(world, command);
    case 'require':
      return requirePlans(world, command);
    case 'prohibit':
      return prohibit(world, command);
    case 'reach into another tenant':
      return reach(world, command);
  }
}

/** Does a history, and after each command holds the whole stored state to the model's. */
export async function live(world: World, history: readonly Command[]): Promise<void> {
  let state = modelState(world.organisation);
  let entries = await auditCount(world);
  for (const command of history) {
    const started = performance.now();
    world.organisation.now += 1;
    const audited = await perform(world, command);
    // What a command leaves to the background.
    await workOffQueues(world.tenancy.db);
    const stored = await storedState(world.tenancy);
    const right = modelState(world.organisation);
    assert.deepEqual(stored, withoutDue(right, stored), `the state after "${command.do}"`);
    const now = await auditCount(world);
    assertAudited(audited, now - entries, JSON.stringify(right) !== JSON.stringify(state), command);
    [state, entries] = [right, now];
    // Licenses are as new as their millisecond: no two commands may share one.
    if (performance.now() - started < 2) await sleep(2);
  }
}

function assertAudited(audited: Audited, entries: number, hasChanged: boolean, command: Command): void {
  if (audited === 'any') return;
  const told = `"${command.do}" wrote ${entries} entries to the audit`;
  if (audited === 'as it changed') assert.equal(entries > 0, hasChanged, told);
  else if (audited === 'if it changed') assert.ok(entries > 0 || !hasChanged, told);
  else assert.equal(entries, audited, told);
}

async function auditCount({ tenancy }: World): Promise<number> {
  const { rows } = await tenancy.db.pool.query<{ entries: number }>({
    name: 'audit-count',
    text: 'select count(*) as entries from audit_entries where tenant_id = $1',
    values: [tenancy.tenantId],
  });
  return rows[0]!.entries;
}
