import type { HeldLicense, LicensedProduct } from './held.ts';

/** What a group gives its members: the intent, also where a member can't have it. */
export interface GroupLicense {
  readonly groupId: string;
  readonly skuId: string;
  readonly disabledPlans: readonly string[];
}

/** Graph's words (FACTS.md, licenseAssignmentStates) for why a member hasn't what a group gives. */
export type GroupLicenseFault =
  | 'CountViolation'
  | 'MutuallyExclusiveViolation'
  | 'DependencyViolation'
  | 'ProhibitedInUsageLocationViolation'
  | 'Other';

export interface GroupLicenseError {
  readonly groupId: string;
  readonly skuId: string;
  readonly error: GroupLicenseFault;
  /** The same for an admin, with names and numbers. */
  readonly detail: string;
}

/** A user as group-based licensing looks at him. */
export interface Member {
  readonly userId: string;
  readonly userPrincipalName: string;
  readonly usageLocation: string | null;
  /** The groups that give licenses and that he is in, also through others; sorted. */
  readonly groupIds: readonly string[];
  readonly licenses: readonly HeldLicense[];
  readonly errors: readonly GroupLicenseError[];
}

/** All that is to be known of some users to give and take what groups give, of one moment. */
export interface GroupLicensingFacts {
  readonly members: readonly Member[];
  /** By group. */
  readonly licenses: ReadonlyMap<string, readonly GroupLicense[]>;
  readonly products: ReadonlyMap<string, LicensedProduct>;
  readonly defaultUsageLocation: string | null;
  /** Products whose pool is past a lifecycle date: its units are to be moved before anything is decided. */
  readonly duePools: readonly string[];
}
