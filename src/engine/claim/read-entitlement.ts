import { asStoreFailure } from '../../db/failures.ts';
import type { Database } from '../../db/open.ts';
import type { Entitlement } from './decision.ts';
import { findEntitlement } from './entitlement.ts';
import { factsOf, readMoment, type Ask } from './moment.ts';

/**
 * What licenses a user for an app at this moment; undefined where nothing does. Reads alone: it is no
 * sign-in, and nothing is claimed or logged.
 * @throws StoreUnavailable
 */
export async function readEntitlement(db: Database, tenantId: string, ask: Ask): Promise<Entitlement | undefined> {
  const moment = await readMoment(db.pipelined, tenantId, [ask]).catch((error: unknown) => {
    throw asStoreFailure(error);
  });
  return findEntitlement(factsOf(moment, ask, 0));
}
