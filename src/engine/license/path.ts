/** Why a user holds a product: by hand, by a group, or by an auto-claim policy. Several may coexist at one seat. */
export type AssignmentPath =
  | { readonly kind: 'direct'; readonly disabledPlans: readonly string[] }
  | { readonly kind: 'group'; readonly groupId: string; readonly disabledPlans: readonly string[] }
  | {
      readonly kind: 'policy';
      /** The app that was signed in to; one path, and so one claim, per user, product and app. */
      readonly appId: string;
      readonly policyId: string;
      readonly claimId: string;
      readonly isBackup: boolean;
      readonly disabledPlans: readonly string[];
    };

/** The source_id of direct paths: there is only one of them for a user and product. */
export const DIRECT_SOURCE = '00000000-0000-0000-0000-000000000000';

/** What tells a path from the user's others to the same product (assignment_paths.source_id). */
export function sourceOf(path: AssignmentPath): string {
  switch (path.kind) {
    case 'direct':
      return DIRECT_SOURCE;
    case 'group':
      return path.groupId;
    case 'policy':
      return path.appId;
  }
}

/** The plans that no path turns on: a plan is on where any path turns it on (FACTS.md, "Group-based licensing"). */
export function effectiveDisabledPlans(paths: readonly { readonly disabledPlans: readonly string[] }[]): string[] {
  const [first, ...others] = paths;
  return (first?.disabledPlans ?? []).filter((plan) => others.every((path) => path.disabledPlans.includes(plan)));
}
