import assert from 'node:assert/strict';
import { endDeletedSubscriptions } from '../../../src/engine/license/end-subscriptions.ts';
import { createSubscription, updateSubscription } from '../../../src/engine/subscription/subscription.ts';
import { licenseByGroups } from '../model/group-licensing.ts';
import { licenseOf, type Organisation } from '../model/organisation.ts';
import { change, mayChange, settleDeleted, stateOf } from '../model/purchases.ts';
import type { Command } from './commands.ts';
import { chosen, doIfAllowed, type Audited, type World } from './world.ts';

type Of<T extends Command['do']> = Extract<Command, { do: T }>;

const DAY_MS = 86_400_000;
/** Where a state that is asked for by name puts the end: just now, and so long ago that it is reached. */
const END_OF_STATE = { Enabled: null, Warning: -0.01, Suspended: -30.01, Deleted: -120.01 };

export async function buy({ tenancy, organisation }: World, { product, quantity, ends }: Of<'buy'>): Promise<Audited> {
  const { skuId } = chosen(organisation.products, product)!;
  const made = await createSubscription(tenancy, {
    skuId,
    totalLicenses: quantity,
    nextLifecycleDateTime: dateOf(ends),
  });
  const purchase = { id: made.subscriptionId, skuId, quantity, endsInDays: ends, isSettled: false };
  assert.equal(made.status, stateOf(purchase));
  organisation.purchases.push(purchase);
  return 'as it changed';
}

export async function changePurchase(
  { tenancy, organisation }: World,
  command: Of<'change purchase'>,
): Promise<Audited> {
  const purchase = chosen(organisation.purchases, command.purchase);
  if (!purchase) return 0;
  const { quantity, ends, state } = command;
  const endsInDays = state === undefined || state === stateOf(purchase) ? ends : END_OF_STATE[state];
  const patch = {
    ...(quantity !== undefined && { totalLicenses: quantity }),
    ...(ends !== undefined && { nextLifecycleDateTime: dateOf(ends) }),
    ...(state !== undefined && { status: state }),
  };
  const isAllowed = mayChange(organisation, purchase, { quantity, endsInDays });
  const outcome = await doIfAllowed(isAllowed, updateSubscription(tenancy, purchase.id, patch));
  if (!outcome) return 0;
  change(purchase, { quantity, endsInDays });
  assert.equal(outcome.done.status, stateOf(purchase));
  return 'if it changed';
}

/** Time passes for subscriptions, and for what is kept of deliveries. No job runs. */
export async function letDaysPass({ tenancy, organisation }: World, { days }: Of<'let days pass'>): Promise<Audited> {
  const shift = (table: string, column: string) =>
    tenancy.db.pool.query(`update ${table} set ${column} = ${column} - $2 * interval '24 hours' where tenant_id = $1`, [
      tenancy.tenantId,
      days,
    ]);
  await shift('subscriptions', 'ends_at');
  await shift('pools', 'valid_until');
  await shift('sign_in_deliveries', 'decided_at');
  for (const purchase of organisation.purchases) if (purchase.endsInDays !== null) purchase.endsInDays -= days;
  organisation.delivered.clear();
  return 0;
}

/** The job: what is Deleted loses its units, and the newest licenses above what is left end. */
export async function settle({ tenancy, organisation }: World): Promise<Audited> {
  await endDeletedSubscriptions(tenancy);
  const { rows } = await tenancy.db.pool.query<{ user_id: string; sku_id: string }>(
    'select user_id, sku_id from licenses where tenant_id = $1',
    [tenancy.tenantId],
  );
  const members: string[] = [];
  for (const [skuId, count] of settleDeleted(organisation)) {
    const left = new Set(rows.filter((row) => row.sku_id === skuId).map((row) => row.user_id));
    members.push(...endNewest(organisation, skuId, count, left));
  }
  // The intent stays, and is tried again.
  licenseByGroups(organisation, members);
  return 'as it changed';
}

/** Which of several that are equally new ends is the engine's choice. @returns those who had one by a group */
function endNewest(organisation: Organisation, skuId: string, count: number, left: ReadonlySet<string>): string[] {
  const licenses = organisation.licenses.filter((license) => license.skuId === skuId);
  const ended = licenses.filter(({ userId }) => !left.has(userId));
  assert.equal(ended.length, count, `licenses of ${skuId} that ended`);
  for (const one of ended) {
    for (const userId of left) {
      assert.ok(licenseOf(organisation, userId, skuId)!.since <= one.since, 'a newer license was kept');
    }
  }
  organisation.licenses = organisation.licenses.filter((license) => !ended.includes(license));
  return ended.filter(({ paths }) => paths.some(({ kind }) => kind === 'group')).map(({ userId }) => userId);
}

function dateOf(endsInDays: number | null): Date | null {
  return endsInDays === null ? null : new Date(Date.now() + endsInDays * DAY_MS);
}
