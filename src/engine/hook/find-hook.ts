import type { Selectable } from 'kysely';
import { asStoreFailure, StoreUnavailable } from '../../db/failures.ts';
import type { Database } from '../../db/open.ts';
import type { SignInHooksTable } from '../../db/doors-schema.ts';
import { hookOf, type Hook } from './hook.ts';

/** How long what was found is used again: each sign-in asks, and a change counts within this. */
const KEPT_MS = 3_000;
/** For so long it is still used where the database can't answer: a sign-in is then taken on, and decided later. */
const KEPT_WITHOUT_STORE_MS = 5 * 60_000;
const KEPT_MAX = 1_000;

/** Finds hooks by their names (hook.ts, namesOf), for the doors; afresh: as it is now, for whoever has just changed it. */
export type FindHook = (name: string, afresh?: boolean) => Promise<Hook | undefined>;

/**
 * A hook by a name that is its alone. What is found is kept for a moment; what isn't is asked for
 * again, so that a new hook is there at once.
 * @throws StoreUnavailable
 */
export function createFindHook(db: Database): FindHook {
  const kept = new Map<string, { readonly hook: Hook; readonly readAt: number }>();
  return async (name, afresh = false) => {
    const known = kept.get(name);
    const age = known ? performance.now() - known.readAt : Infinity;
    if (known && !afresh && age < KEPT_MS) return known.hook;
    const hook = await readHook(db, name).catch((error: unknown) => {
      const failure = asStoreFailure(error);
      if (known && age < KEPT_WITHOUT_STORE_MS && failure instanceof StoreUnavailable) return known.hook;
      throw failure;
    });
    kept.delete(name);
    if (!hook) return undefined;
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(name, { hook, readAt: hook === known?.hook ? known.readAt : performance.now() });
    return hook;
  };
}

async function readHook(db: Database, name: string): Promise<Hook | undefined> {
  // On the connections of sign-ins: no import and no report keeps one waiting.
  const { rows } = await db.pipelined.query<{ tenant_id: string; hook_id: string }>({
    name: 'hook-by-name',
    text: 'select tenant_id, hook_id from sign_in_hook_names where name = $1 limit 2',
    values: [name],
  });
  if (rows.length !== 1) return undefined;
  const { rows: hooks } = await db.pipelined.query<Selectable<SignInHooksTable>>({
    name: 'hook-of-tenant',
    text: 'select * from sign_in_hooks where tenant_id = $1 and hook_id = $2',
    values: [rows[0]!.tenant_id, rows[0]!.hook_id],
  });
  return hooks[0] && hookOf(hooks[0]);
}
