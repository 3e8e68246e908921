import { recordAudit, type AuditEntry } from '../audit/audit.ts';
import { lockPools } from '../subscription/pools.ts';
import { inTenant, type Actor, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import type { GroupLicensingFacts } from './group-license.ts';
import { lockUsers } from './lock-users.ts';
import { planGroupLicenses, type GroupLicensingPlan, type PlannedPath } from './plan-group-licenses.ts';
import { readGroupLicensing } from './read-group-licensing.ts';
import { endPaths, takeSeats } from './seats.ts';

/** Who gives and takes what groups say, as the audit shows it. */
const GROUP_LICENSING: Actor = { kind: 'system', displayName: 'Group-based licensing' };

/** How often a plan is made anew, where the pools it turned out to need weren't locked. */
const ROUNDS_MAX = 5;

/**
 * Gives some queued users what their groups give, takes what these don't, and takes the users from
 * the queue, in one transaction: pools are locked, then users, as in a claim, and only then is read
 * what is decided by. Who isn't queued, or is being queued at this moment, is left as he is.
 * @throws StoreUnavailable
 */
export async function licenseMembers(tenancy: Tenancy, userIds: readonly string[]): Promise<void> {
  if (userIds.length === 0) return;
  const { db, tenantId, correlationId } = tenancy;
  const own = { db, tenantId, correlationId, actor: GROUP_LICENSING };
  // Looked at without a lock first: which pools will be needed. Where nothing is to do, none.
  let skuIds = planGroupLicenses(await readGroupLicensing(db.pool, tenantId, userIds)).skuIds;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const needed = await inTenant(own, (tx) => carryOut(tx, userIds, skuIds));
    if (!needed) return;
    skuIds = new Set([...skuIds, ...needed]);
  }
  // They stay in the queue.
}

/** @returns the products that are needed, where not all of them are locked: then nothing is done */
async function carryOut(
  tx: TenantTransaction,
  userIds: readonly string[],
  locked: ReadonlySet<string>,
): Promise<ReadonlySet<string> | undefined> {
  if (locked.size > 0) await lockPools(tx, [...locked]);
  await lockUsers(tx, userIds);
  const queued = await lockQueued(tx, userIds);
  if (queued.length === 0) return undefined;
  const facts = await readGroupLicensing(tx.client, tx.tenantId, queued);
  const plan = planGroupLicenses(facts);
  if ([...plan.skuIds].some((skuId) => !locked.has(skuId))) return plan.skuIds;
  await write(tx, facts, plan);
  await tx.client.query('delete from group_licensing_queue where tenant_id = $1 and user_id = any($2::uuid[])', [
    tx.tenantId,
    queued,
  ]);
  return undefined;
}

/** Never waits for a row: whoever is queueing a user holds it until what he changed is there to be seen. */
async function lockQueued(tx: TenantTransaction, userIds: readonly string[]): Promise<string[]> {
  const { rows } = await tx.client.query<{ user_id: string }>(
    `select user_id from group_licensing_queue
      where tenant_id = $1 and user_id = any($2::uuid[]) order by user_id for update skip locked`,
    [tx.tenantId, userIds],
  );
  return rows.map((row) => row.user_id);
}

async function write(tx: TenantTransaction, facts: GroupLicensingFacts, plan: GroupLicensingPlan): Promise<void> {
  const place = (paths: readonly PlannedPath[]) =>
    takeSeats(
      tx,
      paths.map(({ member: { userId }, skuId, path }) => ({ userId, skuId, path })),
      tx.now,
    );
  // Paths at seats that are there, then the ends, then new seats: nobody loses a seat that another
  // path is about to hold, and a seat that is given up can be taken by another user at once.
  await place(plan.paths.filter(({ isSeated }) => isSeated));
  await endPaths(
    tx,
    plan.ends.map(({ member: { userId }, skuId, path: { groupId } }) => ({ userId, skuId, kinds: ['group'], groupId })),
  );
  await place(plan.paths.filter(({ isSeated }) => !isSeated));
  await writeErrors(tx, plan);
  await recordAudit(tx, auditEntries(facts, plan));
}

async function writeErrors(tx: TenantTransaction, { errors }: GroupLicensingPlan): Promise<void> {
  if (errors.length === 0) return;
  await tx.client.query('delete from group_license_errors where tenant_id = $1 and user_id = any($2::uuid[])', [
    tx.tenantId,
    errors.map(({ member }) => member.userId),
  ]);
  await tx.client.query(
    `insert into group_license_errors (tenant_id, user_id, group_id, sku_id, error, detail, noted_at)
     select $1::uuid, e."userId", e."groupId", e."skuId", e.error, e.detail, $3::timestamptz
       from jsonb_to_recordset($2::jsonb) as e("userId" uuid, "groupId" uuid, "skuId" uuid, error text, detail text)`,
    [
      tx.tenantId,
      JSON.stringify(errors.flatMap((one) => one.errors.map((error) => ({ userId: one.member.userId, ...error })))),
      tx.now,
    ],
  );
}

function auditEntries({ products }: GroupLicensingFacts, { paths, ends }: GroupLicensingPlan): AuditEntry[] {
  const shared = ({ member: { userId, userPrincipalName } }: PlannedPath | GroupLicensingPlan['ends'][number]) => ({
    category: 'UserManagement' as const,
    activity: 'Change user license',
    target: { type: 'User', id: userId, name: userPrincipalName },
  });
  return [
    ...ends.map((end): AuditEntry => {
      const { skuId, path, reason } = end;
      return {
        ...shared(end),
        operation: 'Unassign',
        details: { SkuId: skuId, GroupId: path.groupId, Reason: reason },
      };
    }),
    ...paths.map((one): AuditEntry => {
      const { skuId, path, before } = one;
      const audited = ({ groupId, disabledPlans }: typeof path) => ({ skuId, groupId, disabledPlans });
      return {
        ...shared(one),
        operation: before ? 'Update' : 'Assign',
        changes: [{ name: 'assignmentPath', before: before ? audited(before) : null, after: audited(path) }],
        details: { SkuId: skuId, GroupId: path.groupId, Product: products.get(skuId)!.skuPartNumber },
      };
    }),
  ];
}
