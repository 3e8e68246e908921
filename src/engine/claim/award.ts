import type { AssignmentPath } from '../license/path.ts';
import type { Placement } from '../license/seats.ts';
import type { Award } from './decision.ts';
import type { UserFacts } from './facts.ts';
import type { Moment } from './moment.ts';

type PolicyPath = Extract<AssignmentPath, { kind: 'policy' }>;

/** What an award comes to once the user's other paths are looked at. */
export interface Granted {
  readonly placement: Placement & { readonly path: PolicyPath };
  /**
   * The path of a claim of this app and product that the user holds already, where it left the
   * app's plan out (the app has come to require another since). The plan is turned on under that
   * claim: there is at most one claim per user, app and product while it is held.
   */
  readonly widened: PolicyPath | undefined;
}

/** Gives a user the product of an award, in the moment's facts, so that what is decided next sees it. */
export function grant(moment: Moment, user: UserFacts, appId: string, award: Award, claimId: string): Granted {
  const { skuId } = award;
  const license = user.licenses.find((one) => one.skuId === skuId);
  const held = license?.paths.find((path): path is PolicyPath => path.kind === 'policy' && path.appId === appId);
  const path: PolicyPath = held
    ? { ...held, disabledPlans: held.disabledPlans.filter((plan) => award.disabledPlans.includes(plan)) }
    : {
        kind: 'policy',
        appId,
        policyId: award.policyId,
        claimId,
        isBackup: award.isBackup,
        disabledPlans: award.disabledPlans,
      };
  const paths = [...(license?.paths ?? []).filter((one) => one !== held), path];
  moment.users.set(user.userId, {
    ...user,
    licenses: [...user.licenses.filter((one) => one !== license), { skuId, paths }],
  });
  if (!license) takeFromPool(moment, skuId);
  return { placement: { userId: user.userId, skuId, path }, widened: held };
}

function takeFromPool(moment: Moment, skuId: string): void {
  const product = moment.products.get(skuId);
  if (!product?.pool) return;
  moment.products.set(skuId, { ...product, pool: { ...product.pool, consumed: product.pool.consumed + 1 } });
}
