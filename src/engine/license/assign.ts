import { changesBetween, recordAudit } from '../audit/audit.ts';
import { notFound, Refused } from '../refused.ts';
import { lockPools } from '../subscription/pools.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import { plansHeld, plansTurnedOn, readUserLicenses, type LicensedProduct, type UserLicenses } from './held.ts';
import { effectiveDisabledPlans } from './path.ts';
import { lockUsers } from './lock-users.ts';
import { findConflict, findMissingDependency } from './plan-rules.ts';
import { endPaths, takeSeats } from './seats.ts';

/** A product to assign by hand, less the plans left out. */
export interface LicenseToAdd {
  readonly skuId: string;
  readonly disabledPlans: readonly string[];
}

interface AssignedUser {
  readonly display_name: string;
  readonly user_principal_name: string;
  readonly usage_location: string | null;
}

/**
 * Assigns and unassigns products by hand, all of it or none. What is added takes over: the user's
 * policy paths to that product end and one direct path with the chosen plans remains, at the same
 * seat. What is removed loses its direct and policy paths; a seat is free when no path is left.
 * @throws Refused with Graph's exact messages (FACTS.md, "assignLicense")
 */
export function assignLicenses(
  tenancy: Tenancy,
  userId: string,
  add: readonly LicenseToAdd[],
  remove: readonly string[],
): Promise<void> {
  return inTenant(tenancy, async (tx) => {
    const skuIds = [...add.map((license) => license.skuId), ...remove];
    await lockPools(tx, skuIds);
    await lockUsers(tx, [userId]);
    const user = await readUser(tx, userId);
    const state = await readUserLicenses(tx, userId, skuIds);
    checkRemovals(state, remove);
    checkAdditions(state, user, add, remove);
    await endPaths(tx, [
      ...remove.map((skuId) => ({ userId, skuId, kinds: ['direct', 'policy'] as const })),
    ]);
    await takeSeats(
      tx,
      add.map(({ skuId, disabledPlans }) => ({ userId, skuId, path: { kind: 'direct', disabledPlans } })),
      tx.now,
    );
    // After the direct paths are there: so the license never is without a path, and keeps its seat.
    await endPaths(tx, add.map(({ skuId }) => ({ userId, skuId, kinds: ['policy'] as const })));
    await audit(tx, userId, user, state, await readUserLicenses(tx, userId));
  });
}

async function readUser(tx: TenantTransaction, userId: string): Promise<AssignedUser> {
  const user = await tx.query
    .selectFrom('users')
    .select(['display_name', 'user_principal_name', 'usage_location'])
    .where('tenant_id', '=', tx.tenantId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  if (!user) throw notFound(userId);
  return user;
}

function checkRemovals({ licenses }: UserLicenses, remove: readonly string[]): void {
  for (const skuId of remove) {
    const held = licenses.find((license) => license.skuId === skuId);
    if (!held) throw refused('User does not have a corresponding license.');
    if (held.paths.every((path) => path.kind === 'group')) {
      throw refused('User license is inherited from a group membership and it cannot be removed directly from the user.');
    }
  }
}

function checkAdditions(
  { licenses, products }: UserLicenses,
  user: AssignedUser,
  add: readonly LicenseToAdd[],
  remove: readonly string[],
): void {
  for (const { skuId, disabledPlans } of add) {
    const product = products.get(skuId);
    if (!product?.pool) throw refused(`License ${skuId} does not correspond to a valid company License.`);
    if (product.appliesTo !== 'User') throw refused(`License ${skuId} cannot be assigned to a user.`);
    const unknown = disabledPlans.find((id) => !product.plans.some((plan) => plan.servicePlanId === id));
    if (unknown) throw refused(`disabledPlans: service plan ${unknown} is not part of license ${skuId}.`);
    if (user.usage_location === null || product.prohibitedUsageLocations.includes(user.usage_location)) {
      throw refused('License assignment cannot be done for user with invalid usage location.');
    }
    const holdsSeat = licenses.some((license) => license.skuId === skuId);
    if (!product.pool.isUsable || (!holdsSeat && product.pool.consumed >= product.pool.seats)) {
      throw refused(`Subscription with SKU ${skuId} does not have any available licenses.`);
    }
  }
  checkPlans({ licenses, products }, add, remove);
}

/** The plans turned on, against each other and what the user keeps. */
function checkPlans({ licenses, products }: UserLicenses, add: readonly LicenseToAdd[], remove: readonly string[]): void {
  const kept = licenses
    .map((license) => ({ ...license, paths: license.paths.filter((path) => staysAfter(path.kind, license.skuId, add, remove)) }))
    .filter((license) => license.paths.length > 0);
  const held = plansHeld(kept, products);
  const turnedOn = add.flatMap((license) => plansTurnedOn(products.get(license.skuId) as LicensedProduct, [license]));
  const missing = findMissingDependency(turnedOn, held);
  if (missing) {
    throw refused(
      `License assignment failed because service plan ${missing.plan} depends on the service plan(s) ${missing.missing.join(',')}`,
    );
  }
  const conflict = findConflict(turnedOn, held);
  if (conflict) {
    throw refused(`License assignment failed because service plans ${conflict.plans.join(',')} are mutually exclusive`);
  }
}

function staysAfter(kind: string, skuId: string, add: readonly LicenseToAdd[], remove: readonly string[]): boolean {
  return kind === 'group' || !(remove.includes(skuId) || add.some((license) => license.skuId === skuId));
}

function refused(message: string): Refused {
  return new Refused('invalid', message);
}

async function audit(tx: TenantTransaction, userId: string, user: AssignedUser, before: UserLicenses, after: UserLicenses) {
  const changes = changesBetween({ assignedLicenses: audited(before) }, { assignedLicenses: audited(after) });
  if (changes.length === 0) return;
  await recordAudit(tx, [
    {
      category: 'UserManagement',
      activity: 'Change user license',
      operation: 'Update',
      target: { type: 'User', id: userId, name: user.user_principal_name },
      changes,
    },
  ]);
}

function audited({ licenses }: UserLicenses) {
  return licenses.map(({ skuId, paths }) => ({
    skuId,
    disabledPlans: effectiveDisabledPlans(paths),
    assignedBy: paths.map((path) => (path.kind === 'group' ? { group: path.groupId } : path.kind === 'policy' ? { policy: path.policyId } : 'direct')),
  }));
}
