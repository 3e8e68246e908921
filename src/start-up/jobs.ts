import type { Database } from '../db/open.ts';
import { purgeDelivered } from '../engine/claim/deliveries.ts';
import { purgeSetUpLinks } from '../engine/directory/set-up-link.ts';
import { purgeSignInAttempts } from '../engine/directory/sign-in-attempts.ts';
import { endDeletedSubscriptionsOfAll } from '../engine/license/end-subscriptions.ts';
import { workOffQueues } from '../engine/license/work-off-queue.ts';
import { countClaimsOfAll } from '../engine/report/count-claims.ts';
import { notePoolUse, purgePoolUse } from '../engine/subscription/pool-use.ts';
import { purgeDirectoryChanges, purgeIdempotentRequests } from '../jobs/purge.ts';
import type { Job } from '../jobs/schedule.ts';
import { purgeOpenidArtifacts } from '../signin/openid/artifacts.ts';
import { rotateSigningKeys } from '../signin/openid/signing-keys.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** All the work behind the scenes. Each run finds what is due by itself and may come at any time. */
export function jobsOf(db: Database): Job[] {
  return [
    { name: 'license members of groups', everyMs: SECOND_MS, run: () => workOffQueues(db) },
    { name: 'end subscriptions', everyMs: MINUTE_MS, run: () => endDeletedSubscriptionsOfAll(db) },
    { name: 'note pool use', everyMs: 10 * MINUTE_MS, run: () => notePoolUse(db) },
    { name: 'count claims', everyMs: 10 * MINUTE_MS, run: () => countClaimsOfAll(db) },
    { name: 'purge deliveries', everyMs: 10 * MINUTE_MS, run: () => purgeDelivered(db) },
    { name: 'purge idempotent requests', everyMs: 10 * MINUTE_MS, run: () => purgeIdempotentRequests(db) },
    { name: 'purge openid artifacts', everyMs: 10 * MINUTE_MS, run: () => purgeOpenidArtifacts(db) },
    { name: 'purge set-up links', everyMs: HOUR_MS, run: () => purgeSetUpLinks(db) },
    { name: 'purge sign-in attempts', everyMs: HOUR_MS, run: () => purgeSignInAttempts(db) },
    { name: 'purge pool use', everyMs: HOUR_MS, run: () => purgePoolUse(db) },
    { name: 'purge directory changes', everyMs: HOUR_MS, run: () => purgeDirectoryChanges(db) },
    { name: 'rotate signing keys', everyMs: HOUR_MS, run: () => rotateSigningKeys(db) },
  ];
}
