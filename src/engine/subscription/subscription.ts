import { v7 as newId } from 'uuid';
import { changesBetween, recordAudit } from '../audit/audit.ts';
import { invalid, notFound, Refused } from '../refused.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import { endFor, nextLifecycleChange, statusAt, type SubscriptionStatus } from './lifecycle.ts';
import { lockPools, recountUnits, type Pool } from './pools.ts';

/** A purchase: a quantity of one product, with a status and an end. */
export interface Subscription {
  readonly subscriptionId: string;
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly totalLicenses: number;
  readonly status: SubscriptionStatus;
  /** When the status changes next, if it ever does. */
  readonly nextLifecycleChange: Date | null;
  readonly isTrial: boolean;
  readonly createdAt: Date;
}

export interface NewSubscription {
  readonly skuId: string;
  readonly totalLicenses: number;
  readonly nextLifecycleDateTime?: Date | null;
  readonly status?: SubscriptionStatus;
  readonly isTrial?: boolean;
}

export type SubscriptionPatch = Partial<Pick<NewSubscription, 'totalLicenses' | 'status' | 'nextLifecycleDateTime'>>;

interface SubscriptionRow {
  subscription_id: string;
  sku_id: string;
  sku_part_number: string;
  total_licenses: number;
  is_trial: boolean;
  ends_at: Date | null;
  is_removed: boolean;
  created_at: Date;
}

/** Buys licenses: the pool grows by them at once. */
export function createSubscription(tenancy: Tenancy, wanted: NewSubscription): Promise<Subscription> {
  return inTenant(tenancy, async (tx) => {
    if (!(await readProduct(tx, wanted.skuId)))
      throw invalid('skuId', `no product of the catalogue has the id ${wanted.skuId}.`);
    const endsAt = chooseEnd(null, wanted, tx.now);
    await tx.query
      .insertInto('pools')
      .values({ tenant_id: tx.tenantId, sku_id: wanted.skuId, is_usable: false, enabled: 0, warning: 0, suspended: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await lockPools(tx, [wanted.skuId]);
    const subscriptionId = newId();
    await tx.query
      .insertInto('subscriptions')
      .values({
        tenant_id: tx.tenantId,
        subscription_id: subscriptionId,
        sku_id: wanted.skuId,
        total_licenses: wanted.totalLicenses,
        is_trial: wanted.isTrial ?? false,
        ends_at: endsAt,
        created_at: tx.now,
      })
      .execute();
    await recountUnits(tx, [wanted.skuId]);
    const made = await readOne(tx, subscriptionId);
    await audit(tx, 'Add subscription', 'Add', made, {}, auditedState(made));
    return made;
  });
}

/**
 * Changes quantity, status or end. A status is reached by moving the end; a
 * nextLifecycleDateTime is the end itself, and what status follows from it.
 * @throws Refused where fewer licenses would be left than are assigned, with the count to free first
 */
export function updateSubscription(
  tenancy: Tenancy,
  subscriptionId: string,
  patch: SubscriptionPatch,
): Promise<Subscription> {
  return inTenant(tenancy, async (tx) => {
    const found = await readRow(tx, subscriptionId);
    if (!found) throw notFound(subscriptionId);
    const [poolBefore] = await lockPools(tx, [found.sku_id]);
    // Again, now that nobody else can change it.
    const row = await readRow(tx, subscriptionId);
    if (!row || !poolBefore) throw notFound(subscriptionId);
    const before = subscriptionOf(row, tx.now);
    // By its end, whether or not the job has come by to end its seats.
    if (before.status === 'Deleted') {
      throw invalid('status', 'this subscription is deleted and can not be changed. Add a new one.');
    }
    if (patch.totalLicenses !== undefined && patch.totalLicenses < row.total_licenses) {
      refuseCutBelowAssigned(poolBefore, before.status, row.total_licenses - patch.totalLicenses);
    }
    await tx.query
      .updateTable('subscriptions')
      .set({
        total_licenses: patch.totalLicenses ?? row.total_licenses,
        ends_at: chooseEnd(row.ends_at, patch, tx.now),
      })
      .where('tenant_id', '=', tx.tenantId)
      .where('subscription_id', '=', subscriptionId)
      .execute();
    await recountUnits(tx, [row.sku_id]);
    const after = await readOne(tx, subscriptionId);
    await audit(tx, 'Update subscription', 'Update', after, auditedState(before), auditedState(after));
    return after;
  });
}

/**
 * Licenses that can be used may not become fewer than are assigned; only a subscription that runs
 * out may leave it so. Of suspended ones at most those may go that hold nobody's seat.
 */
function refuseCutBelowAssigned(pool: Pool, status: SubscriptionStatus, cut: number): void {
  const usable = pool.enabled + pool.warning;
  const left = status === 'Suspended' || status === 'Deleted' ? usable + pool.suspended - cut : usable - cut;
  if (pool.consumed <= left) return;
  throw new Refused(
    'invalid',
    `totalLicenses: ${pool.consumed} licenses are assigned and ${Math.max(left, 0)} would be left; free ${pool.consumed - Math.max(left, 0)} of them first.`,
    'totalLicenses',
  );
}

/** @throws Refused where status and nextLifecycleDateTime contradict each other */
function chooseEnd(
  current: Date | null,
  wanted: Pick<NewSubscription, 'status' | 'nextLifecycleDateTime'>,
  now: Date,
): Date | null {
  const { status, nextLifecycleDateTime: end } = wanted;
  if (end !== undefined) {
    const follows = statusAt(end, now);
    if (status !== undefined && status !== follows) {
      throw invalid('status', `with this nextLifecycleDateTime the status is ${follows}, not ${status}.`);
    }
    return end;
  }
  return status === undefined || status === statusAt(current, now) ? current : endFor(status, now);
}

function selectSubscriptions(tx: TenantTransaction) {
  return tx.query
    .selectFrom('subscriptions as s')
    .innerJoin('products as p', (join) =>
      join.onRef('p.tenant_id', '=', 's.tenant_id').onRef('p.sku_id', '=', 's.sku_id'),
    )
    .select([
      's.subscription_id',
      's.sku_id',
      'p.sku_part_number',
      's.total_licenses',
      's.is_trial',
      's.ends_at',
      's.is_removed',
      's.created_at',
    ])
    .where('s.tenant_id', '=', tx.tenantId);
}

function readRow(tx: TenantTransaction, subscriptionId: string): Promise<SubscriptionRow | undefined> {
  return selectSubscriptions(tx).where('s.subscription_id', '=', subscriptionId).executeTakeFirst();
}

async function readOne(tx: TenantTransaction, subscriptionId: string): Promise<Subscription> {
  const row = await readRow(tx, subscriptionId);
  if (!row) throw notFound(subscriptionId);
  return subscriptionOf(row, tx.now);
}

function readProduct(tx: TenantTransaction, skuId: string) {
  return tx.query
    .selectFrom('products')
    .select('display_name')
    .where('tenant_id', '=', tx.tenantId)
    .where('sku_id', '=', skuId)
    .executeTakeFirst();
}

function subscriptionOf(row: SubscriptionRow, now: Date): Subscription {
  return {
    subscriptionId: row.subscription_id,
    skuId: row.sku_id,
    skuPartNumber: row.sku_part_number,
    totalLicenses: row.total_licenses,
    status: row.is_removed ? 'Deleted' : statusAt(row.ends_at, now),
    nextLifecycleChange: nextLifecycleChange(row.ends_at, now),
    isTrial: row.is_trial,
    createdAt: row.created_at,
  };
}

function auditedState(subscription: Subscription) {
  const { skuId, totalLicenses, status, nextLifecycleChange: next } = subscription;
  return { skuId, totalLicenses, status, nextLifecycleDateTime: next };
}

async function audit(
  tx: TenantTransaction,
  activity: string,
  operation: 'Add' | 'Update',
  subject: Subscription,
  before: object,
  after: object,
): Promise<void> {
  const changes = changesBetween(before as Record<string, unknown>, after as Record<string, unknown>);
  if (changes.length === 0) return;
  const target = { type: 'Subscription', id: subject.subscriptionId, name: subject.skuPartNumber };
  await recordAudit(tx, [{ category: 'DirectoryManagement', activity, operation, target, changes }]);
}
