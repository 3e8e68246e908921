import type { HeldLicense, LicensedProduct } from '../license/held.ts';
import type { Policy } from '../policy/policy.ts';

/** The app that is signed in to. */
export interface AppFacts {
  readonly appId: string;
  readonly displayName: string;
  /** Any one of these service plans is enough. */
  readonly requiredPlans: readonly string[];
}

/** The user who signs in. */
export interface UserFacts {
  readonly userId: string;
  readonly userPrincipalName: string;
  readonly displayName: string;
  readonly isGuest: boolean;
  readonly isAccountEnabled: boolean;
  readonly usageLocation: string | null;
  /** Of the groups that the app's policies name: those that have this user, directly or through nested groups. */
  readonly groups: ReadonlySet<string>;
  readonly licenses: readonly HeldLicense[];
}

/** A policy as the decision needs it. */
export type PolicyFacts = Pick<
  Policy,
  'policyId' | 'displayName' | 'isEnabled' | 'products' | 'includeGroups' | 'excludeGroups' | 'includeGuests'
>;

/** All that a decision about one sign-in looks at, of one moment. */
export interface Facts {
  readonly app: AppFacts | null;
  readonly user: UserFacts | null;
  readonly isAutoClaimEnabled: boolean;
  readonly defaultUsageLocation: string | null;
  /** The app's policies in their order, those that are off too. */
  readonly policies: readonly PolicyFacts[];
  /** The products of the policies and of the user's licenses. */
  readonly products: ReadonlyMap<string, LicensedProduct>;
}
