import { changesBetween, recordAudit } from '../audit/audit.ts';
import { notFound } from '../refused.ts';
import { lockPools } from '../subscription/pools.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import { refusalOf, type LicenseToAdd } from './assignment-checks.ts';
import { readUserLicenses, type UserLicenses } from './held.ts';
import { effectiveDisabledPlans } from './path.ts';
import { lockUsers } from './lock-users.ts';
import { endPaths, takeSeats } from './seats.ts';

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
    const refusal = refusalOf(state, user.usage_location, { add, remove });
    if (refusal) throw refusal;
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
