/** What a service plan needs and shuts out, as the catalogue says for the product it is in. */
export interface PlanRules {
  readonly servicePlanId: string;
  readonly dependsOn: readonly string[];
  readonly conflictsWith: readonly string[];
}

/** Two plans that exclude each other. */
export interface PlanConflict {
  readonly plans: readonly [string, string];
}

/** A plan that is to be turned on without all that it depends on. */
export interface MissingDependency {
  readonly plan: string;
  readonly missing: readonly string[];
}

/** The first pair, if any, of a plan to turn on and another (to turn on too, or held) of which one excludes the other. */
export function findConflict(turnedOn: readonly PlanRules[], held: readonly PlanRules[]): PlanConflict | undefined {
  const all = [...turnedOn, ...held];
  for (const plan of turnedOn) {
    if (plan.conflictsWith.length === 0 && all.every((other) => other.conflictsWith.length === 0)) continue;
    const other = all.find(
      (one) =>
        one.servicePlanId !== plan.servicePlanId &&
        (plan.conflictsWith.includes(one.servicePlanId) || one.conflictsWith.includes(plan.servicePlanId)),
    );
    if (other) return { plans: [plan.servicePlanId, other.servicePlanId] };
  }
  return undefined;
}

/** The first plan to turn on, if any, of which something it depends on is neither turned on nor held. */
export function findMissingDependency(turnedOn: readonly PlanRules[], held: readonly PlanRules[]): MissingDependency | undefined {
  const there = new Set([...turnedOn, ...held].map((plan) => plan.servicePlanId));
  for (const plan of turnedOn) {
    const missing = plan.dependsOn.filter((needed) => !there.has(needed));
    if (missing.length > 0) return { plan: plan.servicePlanId, missing };
  }
  return undefined;
}
