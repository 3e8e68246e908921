import { plansHeld, plansTurnedOn, type LicensedProduct } from '../license/held.ts';
import { findConflict, findMissingDependency } from '../license/plan-rules.ts';
import type { PolicyProduct } from '../policy/policy.ts';
import type { CheckName } from './decision.ts';
import type { Facts } from './facts.ts';
import { failed, passed, type Finding } from './finding.ts';

interface ProductCheck {
  readonly name: CheckName;
  readonly run: (facts: Facts, wanted: PolicyProduct) => Finding | null;
}

/** PRODUCT.md, "The decision", 8a to 8e: made for each of the policy's products in order, until one passes all. */
export const PRODUCT_CHECKS: readonly ProductCheck[] = [
  { name: 'subscription', run: checkSubscription },
  { name: 'plan', run: checkPlan },
  { name: 'usageLocation', run: checkUsageLocation },
  { name: 'conflict', run: checkConflict },
  { name: 'dependency', run: checkDependency },
  { name: 'seat', run: checkSeat },
];

function checkSubscription(facts: Facts, { skuId }: PolicyProduct): Finding {
  const product = facts.products.get(skuId);
  if (product?.pool?.isUsable) return passed(`A subscription of ${product.displayName} can be used.`);
  return failed('noSubscription', `No subscription of ${product?.displayName ?? skuId} is active.`);
}

/** Where only policy paths leave the app's plan out, the policy adds its own path at the same seat. */
function checkPlan({ app, user, products }: Facts, { skuId }: PolicyProduct): Finding | null {
  const product = products.get(skuId);
  if (!app || !user || !product) return null;
  const required = product.plans.filter((plan) => app.requiredPlans.includes(plan.servicePlanId));
  const byAdmin = user.licenses
    .filter((license) => license.skuId === skuId)
    .flatMap((license) => license.paths)
    .find(
      (path) => path.kind !== 'policy' && required.every((plan) => path.disabledPlans.includes(plan.servicePlanId)),
    );
  if (!byAdmin) return passed('No admin has turned the app’s service plan off for the user.');
  const how = byAdmin.kind === 'group' ? `assigned through group ${byAdmin.groupId}` : 'assigned directly';
  return failed('planTurnedOff', `${product.displayName} is ${how} with the app’s service plan turned off.`);
}

function checkUsageLocation({ user, defaultUsageLocation, products }: Facts, { skuId }: PolicyProduct): Finding | null {
  if (!user) return null;
  const location = user.usageLocation ?? defaultUsageLocation;
  if (location === null)
    return failed('usageLocation', 'The user has no usage location, and the organisation no default.');
  const product = products.get(skuId);
  if (product?.prohibitedUsageLocations.includes(location)) {
    return failed('usageLocation', `${product.displayName} may not be used in ${location}.`);
  }
  return passed(
    `The usage location is ${location}${user.usageLocation === null ? ', the organisation’s default' : ''}.`,
  );
}

function checkConflict(facts: Facts, wanted: PolicyProduct): Finding | null {
  const plans = plansInvolved(facts, wanted);
  if (!plans) return null;
  const conflict = findConflict(plans.turnedOn, plans.held);
  if (!conflict) return passed('No service plan excludes another.');
  return failed('conflict', `Service plans ${conflict.plans.join(' and ')} exclude each other.`);
}

function checkDependency(facts: Facts, wanted: PolicyProduct): Finding | null {
  const plans = plansInvolved(facts, wanted);
  if (!plans) return null;
  const missing = findMissingDependency(plans.turnedOn, plans.held);
  if (!missing) return passed('All that the service plans depend on is there.');
  return failed(
    'dependency',
    `Service plan ${missing.plan} depends on ${missing.missing.join(', ')}, which the user would not have.`,
  );
}

function checkSeat({ user, products }: Facts, { skuId }: PolicyProduct): Finding | null {
  const product = products.get(skuId);
  if (!user || !product?.pool?.isUsable) return null;
  if (user.licenses.some((license) => license.skuId === skuId)) return passed('The user has a seat of this product.');
  const { seats, consumed } = product.pool;
  const free = Math.max(seats - consumed, 0);
  const told = `${free} of ${seats} licenses of ${product.displayName} are available.`;
  return free > 0 ? passed(told) : failed('noSeats', told);
}

/** The plans that a claim would turn on, and those that the user has by then anyway. */
function plansInvolved({ user, products }: Facts, { skuId, disabledPlans }: PolicyProduct) {
  const product: LicensedProduct | undefined = products.get(skuId);
  if (!user || !product) return undefined;
  return { turnedOn: plansTurnedOn(product, [{ disabledPlans }]), held: plansHeld(user.licenses, products) };
}
