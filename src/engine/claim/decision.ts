/** Why a sign-in is refused (PRODUCT.md, "The decision"). */
export const REASONS = [
  'unknownApp',
  'unknownUser',
  'userBlocked',
  'autoClaimOff',
  'noPolicy',
  'notInAudience',
  'noSubscription',
  'planTurnedOff',
  'usageLocation',
  'conflict',
  'dependency',
  'noSeats',
] as const;

export type Reason = (typeof REASONS)[number];

/** The checks by name, in their order; those from `subscription` on are made for each product. */
export const CHECKS = [
  'app',
  'user',
  'account',
  'notLicensed',
  'setting',
  'policy',
  'audience',
  'subscription',
  'plan',
  'usageLocation',
  'conflict',
  'dependency',
  'seat',
] as const;

export type CheckName = (typeof CHECKS)[number];

/** One check of a decision, as explain shows it. */
export interface Step {
  readonly check: CheckName;
  /** null: an earlier failure leaves nothing to check. */
  readonly passed: boolean | null;
  readonly reason?: Reason;
  /** What was found, in a sentence for the admin. */
  readonly detail?: string;
  readonly skuId?: string;
}

/** What a licensed or claimed sign-in is licensed by. */
export interface Entitlement {
  readonly skuId: string;
  readonly skuPartNumber: string;
  /** Names of the app's required plans that the user now has, sorted. */
  readonly servicePlans: readonly string[];
  /** All three null unless a policy path holds it. */
  readonly policyId: string | null;
  readonly claimId: string | null;
  readonly isBackup: boolean | null;
}

/** A seat to be taken: what the decision found, before it is written. */
export interface Award {
  readonly skuId: string;
  readonly policyId: string;
  readonly isBackup: boolean;
  readonly disabledPlans: readonly string[];
}

/** The answer of the engine; a refusal is a value. */
export type Decision =
  | { readonly outcome: 'licensed'; readonly entitlement: Entitlement }
  | { readonly outcome: 'claimed'; readonly award: Award }
  | { readonly outcome: 'refused'; readonly reason: Reason };
