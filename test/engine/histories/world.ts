import assert from 'node:assert/strict';
import type { SignInBatches } from '../../../src/engine/claim/batch.ts';
import { Refused } from '../../../src/engine/refused.ts';
import type { Tenancy } from '../../../src/engine/tenant/tenancy.ts';
import type { Organisation } from '../model/organisation.ts';

/** One organisation, in the database and in the model, beside another that nothing of it may reach. */
export interface World {
  readonly tenancy: Tenancy;
  readonly signIns: SignInBatches;
  organisation: Organisation;
  /** How each sign-in was answered, by its id (the outcome, and the reason): what the log must have. */
  readonly answered: Map<string, string>;
  readonly other: { readonly tenancy: Tenancy; readonly organisation: Organisation };
}

/** What a command wrote to the audit: so many entries; some if and only if it changed something; some if it did; or as many as it likes. */
export type Audited = number | 'as it changed' | 'if it changed' | 'any';

/** One of a list, by any number; undefined where it is empty. */
export function chosen<T>(list: readonly T[], pick: number): T | undefined {
  return list[pick % Math.max(list.length, 1)];
}

/** What was done, or how it was refused. Any other failure passes through. */
export async function attempt<T>(work: Promise<T>): Promise<{ readonly done: T } | { readonly refused: Refused }> {
  try {
    return { done: await work };
  } catch (error) {
    if (error instanceof Refused) return { refused: error };
    throw error;
  }
}

/**
 * Does something that the model allows or not, and holds the engine to it.
 * @returns what was done; undefined where it was refused, rightly
 */
export async function doIfAllowed<T>(isAllowed: boolean, work: Promise<T>): Promise<{ readonly done: T } | undefined> {
  const outcome = await attempt(work);
  if ('refused' in outcome) {
    assert.ok(!isAllowed, `refused, and it is allowed: ${outcome.refused.message}`);
    return undefined;
  }
  assert.ok(isAllowed, 'done, and it is not allowed');
  return outcome;
}
