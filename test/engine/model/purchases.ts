import type { Organisation, Purchase } from './organisation.ts';

/** PRODUCT.md, "Releasing": Enabled until its end, Warning 30 days more, Suspended 90 days more, then Deleted. */
export function stateOf({ endsInDays }: Purchase): 'Enabled' | 'Warning' | 'Suspended' | 'Deleted' {
  if (endsInDays === null || endsInDays > 0) return 'Enabled';
  if (endsInDays > -30) return 'Warning';
  if (endsInDays > -120) return 'Suspended';
  return 'Deleted';
}

function quantity(organisation: Organisation, skuId: string, states: readonly string[]): number {
  return organisation.purchases
    .filter((purchase) => purchase.skuId === skuId && !purchase.isSettled && states.includes(stateOf(purchase)))
    .reduce((sum, purchase) => sum + purchase.quantity, 0);
}

/** What may be consumed when a seat is taken: enabled + warning. */
export function usableSeats(organisation: Organisation, skuId: string): number {
  return quantity(organisation, skuId, ['Enabled', 'Warning']);
}

/** Units that keep what is assigned: those above, suspended ones, and Deleted ones until their seats have been ended. */
export function allSeats(organisation: Organisation, skuId: string): number {
  return quantity(organisation, skuId, ['Enabled', 'Warning', 'Suspended', 'Deleted']);
}

export function isUsable({ purchases }: Organisation, skuId: string): boolean {
  return purchases.some(
    (one) => one.skuId === skuId && !one.isSettled && ['Enabled', 'Warning'].includes(stateOf(one)),
  );
}

export function wasBought({ purchases }: Organisation, skuId: string): boolean {
  return purchases.some((purchase) => purchase.skuId === skuId);
}

export function consumed({ licenses }: Organisation, skuId: string): number {
  return licenses.filter((license) => license.skuId === skuId).length;
}

export function freeSeats(organisation: Organisation, skuId: string): number {
  return Math.max(usableSeats(organisation, skuId) - consumed(organisation, skuId), 0);
}

export interface PurchaseChange {
  readonly quantity?: number | undefined;
  readonly endsInDays?: number | null | undefined;
}

/** Whether a change is allowed: seats that are assigned can't be taken back, and what is Deleted stays so. */
export function mayChange(organisation: Organisation, purchase: Purchase, change: PurchaseChange): boolean {
  if (stateOf(purchase) === 'Deleted') return false;
  const fewer = purchase.quantity - (change.quantity ?? purchase.quantity);
  if (fewer <= 0) return true;
  const { skuId } = purchase;
  const before = stateOf(purchase) === 'Suspended' ? allSeats(organisation, skuId) : usableSeats(organisation, skuId);
  return consumed(organisation, skuId) <= before - fewer;
}

export function change(purchase: Purchase, { quantity: wanted, endsInDays }: PurchaseChange): void {
  if (wanted !== undefined) purchase.quantity = wanted;
  if (endsInDays !== undefined) purchase.endsInDays = endsInDays;
}

/** What is Deleted has its seats ended: how many licenses of each product must go, since there are no units for them. */
export function settleDeleted(organisation: Organisation): Map<string, number> {
  const deleted = organisation.purchases.filter((one) => !one.isSettled && stateOf(one) === 'Deleted');
  for (const purchase of deleted) purchase.isSettled = true;
  return new Map(
    [...new Set(deleted.map(({ skuId }) => skuId))].map((skuId) => [
      skuId,
      Math.max(consumed(organisation, skuId) - allSeats(organisation, skuId), 0),
    ]),
  );
}
