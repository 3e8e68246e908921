import type { Permission } from '../../../contract/permission.ts';
import type { App } from '../app/app.ts';
import type { GroupLicense } from '../license/group-license.ts';
import type { ServicePlan } from '../product/product.ts';
import type { Policy } from '../policy/policy.ts';
import type { AutoClaimSetting } from '../policy/setting.ts';
import type { DirectoryRole } from '../directory/roles.ts';

// An organisation's set-up as one document, which people write: it names things as people do. A part
// that is left out is not looked at; a property that is left out stays as it is.

export interface SetUpDocument {
  readonly setting?: Partial<AutoClaimSetting>;
  readonly apps?: readonly WantedApp[];
  readonly policies?: readonly WantedPolicy[];
  readonly groupLicenses?: readonly WantedGroupLicenses[];
  readonly roles?: readonly WantedRole[];
}

export interface WantedApp {
  readonly displayName: string;
  /** Its appId. */
  readonly id?: string;
  readonly requiredServicePlans?: readonly string[];
  readonly onRefusal?: 'block' | 'continue';
  readonly permissions?: readonly Permission[];
  readonly redirectUris?: {
    readonly web?: readonly string[];
    readonly spa?: readonly string[];
    readonly publicClient?: readonly string[];
  };
}

export interface WantedPolicy {
  readonly displayName: string;
  readonly id?: string;
  readonly app: string;
  readonly isEnabled?: boolean;
  readonly products: readonly { readonly product: string; readonly disabledPlans?: readonly string[] }[];
  readonly includeGroups?: readonly string[];
  readonly excludeGroups?: readonly string[];
  readonly includeGuests?: boolean;
}

/** What a group gives its members: the whole list. */
export interface WantedGroupLicenses {
  readonly group: string;
  readonly products: WantedPolicy['products'];
}

export interface WantedRole {
  readonly role: string;
  readonly members: readonly string[];
}

/** The set-up as it is: all of it that a document may name. */
export interface CurrentSetUp {
  readonly setting: AutoClaimSetting;
  readonly apps: readonly App[];
  /** By app, in their order. */
  readonly policies: readonly Policy[];
  readonly products: readonly CatalogueProduct[];
  /** By group and product. */
  readonly groupLicenses: readonly GroupLicense[];
  /** Of the groups that policies and licenses name, and that the document does. */
  readonly groups: readonly { readonly groupId: string; readonly displayName: string }[];
  readonly members: readonly RoleMember[];
  /** Of the users that the document names. */
  readonly users: readonly { readonly userId: string; readonly userPrincipalName: string }[];
}

export interface CatalogueProduct {
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly displayName: string;
  readonly servicePlans: readonly Pick<ServicePlan, 'servicePlanId' | 'servicePlanName' | 'friendlyName'>[];
}

export interface RoleMember {
  readonly role: DirectoryRole;
  readonly userId: string;
  readonly userPrincipalName: string;
}

/** What the document is called where a place in it is named. */
export const ROOT = 'setUp';

/** One of several things that are wrong with a document, and where in it. */
export interface SetUpFinding {
  /** Such as setUp.policies[0].products[1].product */
  readonly target: string;
  readonly message: string;
}

/** A document can't be: nothing was changed. */
export class SetUpRejected extends Error {
  override readonly name = 'SetUpRejected';
  readonly details: readonly SetUpFinding[];

  constructor(details: readonly SetUpFinding[]) {
    const [first] = details;
    const more = details.length - 1;
    const rest = more > 0 ? ` And ${more} more ${more === 1 ? 'thing is' : 'things are'} wrong: see the details.` : '';
    super(`${first!.target}: ${first!.message}${rest} Nothing was changed.`);
    this.details = details;
  }
}
