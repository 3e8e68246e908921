import type { Selectable } from 'kysely';
import { asStoreFailure } from '../../db/failures.ts';
import type { Database } from '../../db/open.ts';
import type { ForwardAuthTable } from '../../db/doors-schema.ts';
import { forwardAuthOf, type ForwardAuth } from './forward-auth.ts';

/** How long what was found is used again: a proxy asks for every request, and a change counts within this. */
const KEPT_MS = 2_000;
const KEPT_MAX = 1_000;

/** An app that a proxy asks for, as it is now. */
export interface GuardedApp {
  readonly forwardAuth: ForwardAuth;
  readonly displayName: string;
  readonly onRefusal: 'block' | 'continue';
  readonly needsLicense: boolean;
}

/** Finds how proxies ask for an app, by the app's id alone. @throws StoreUnavailable */
export type FindGuardedApp = (appId: string) => Promise<GuardedApp | undefined>;

/** What is found is kept for a moment; what isn't is asked for again, so that a new one is there at once. */
export function createFindGuardedApp(db: Database): FindGuardedApp {
  const kept = new Map<string, { readonly app: GuardedApp; readonly readAt: number }>();
  return async (appId) => {
    const known = kept.get(appId);
    if (known && performance.now() - known.readAt < KEPT_MS) return known.app;
    const readAt = performance.now();
    const app = await read(db, appId).catch((error: unknown) => {
      throw asStoreFailure(error);
    });
    kept.delete(appId);
    if (!app) return undefined;
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(appId, { app, readAt });
    return app;
  };
}

type Row = Selectable<ForwardAuthTable> & {
  readonly display_name: string;
  readonly on_refusal: 'block' | 'continue';
  readonly needs_license: boolean;
};

async function read(db: Database, appId: string): Promise<GuardedApp | undefined> {
  // On the connections of sign-ins: no import and no report keeps one waiting.
  const { rows } = await db.pipelined.query<{ tenant_id: string }>({
    name: 'tenant-of-forward-auth',
    text: 'select tenant_id from forward_auth_names where app_id = $1 limit 2',
    values: [appId],
  });
  if (rows.length !== 1) return undefined;
  const { rows: found } = await db.pipelined.query<Row>({
    name: 'forward-auth-of-app',
    text: `select f.*, a.display_name, a.on_refusal, cardinality(a.required_service_plan_ids) > 0 as needs_license
             from forward_auth f join apps a on a.tenant_id = $1 and a.app_id = $2
            where f.tenant_id = $1 and f.app_id = $2`,
    values: [rows[0]!.tenant_id, appId],
  });
  const [row] = found;
  return (
    row && {
      forwardAuth: forwardAuthOf(row),
      displayName: row.display_name,
      onRefusal: row.on_refusal,
      needsLicense: row.needs_license,
    }
  );
}
