// The model: what PRODUCT.md says of an organisation, its licenses and its claims, as plain data and
// plain arithmetic. It is written apart from the engine and imports nothing of it, so that the two
// can only agree by both being right. Times are days from now.

export interface Person {
  readonly id: string;
  readonly principalName: string;
  readonly displayName: string;
  isBlocked: boolean;
  isGuest: boolean;
  location: string | null;
  isDeleted: boolean;
}

export interface Plan {
  readonly id: string;
  readonly name: string;
  readonly needs: readonly string[];
  readonly excludes: readonly string[];
}

export interface Product {
  readonly skuId: string;
  readonly partNumber: string;
  readonly name: string;
  readonly plans: readonly Plan[];
  prohibitedIn: readonly string[];
}

export interface Purchase {
  readonly id: string;
  readonly skuId: string;
  quantity: number;
  /** Negative: so many days ago. null: it doesn't end. */
  endsInDays: number | null;
  /** It was Deleted, and its seats have been ended. */
  isSettled: boolean;
}

export interface App {
  readonly id: string;
  readonly objectId: string;
  readonly name: string;
  requires: readonly string[];
}

export interface PolicyProduct {
  readonly skuId: string;
  readonly without: readonly string[];
}

export interface Policy {
  readonly id: string;
  readonly appId: string;
  name: string;
  isOn: boolean;
  products: readonly PolicyProduct[];
  include: readonly string[];
  exclude: readonly string[];
  guests: boolean;
}

export type Path =
  | { readonly kind: 'direct'; readonly without: readonly string[] }
  | { readonly kind: 'group'; readonly groupId: string; readonly without: readonly string[] }
  | {
      readonly kind: 'policy';
      readonly appId: string;
      readonly policyId: string;
      readonly claimId: string;
      readonly isBackup: boolean;
      readonly without: readonly string[];
    };

export interface License {
  readonly userId: string;
  readonly skuId: string;
  /** The number of the command that took the seat: what came later is newer. */
  readonly since: number;
  paths: Path[];
}

/** Why someone hasn't what a group is to give. */
export interface GroupError {
  readonly userId: string;
  readonly groupId: string;
  readonly skuId: string;
  readonly error: string;
}

export interface Claim {
  readonly id: string;
  readonly userId: string;
  readonly appId: string;
  readonly skuId: string;
  readonly policyId: string;
  readonly policyName: string;
  readonly isBackup: boolean;
}

/** An answer to a sign-in, less the sentence and the time. */
export interface Answer {
  readonly outcome: 'licensed' | 'claimed' | 'refused';
  readonly reason: string | null;
  readonly userId: string | null;
  readonly appId: string;
  readonly skuId: string | null;
  readonly skuPartNumber: string | null;
  readonly servicePlans: readonly string[];
  readonly policyId: string | null;
  readonly claimId: string | null;
  readonly isBackup: boolean | null;
}

export interface Organisation {
  /** How many commands there have been. */
  now: number;
  isAutoClaimOn: boolean;
  defaultLocation: string | null;
  readonly people: Person[];
  /** By group: the ids of its own members, people and groups. A deleted group isn't there. */
  readonly groups: Map<string, Set<string>>;
  /** By group and product: what the group is to give its members, and the plans that it leaves out. */
  readonly given: Map<string, Map<string, readonly string[]>>;
  groupErrors: GroupError[];
  readonly products: Product[];
  readonly purchases: Purchase[];
  readonly apps: App[];
  /** The policies of each app in their order. */
  policies: Policy[];
  licenses: License[];
  readonly claims: Claim[];
  /** How often a plan was turned on under a claim that was there. */
  extensions: number;
  /** What was answered to a delivery (client and correlationId), and to which question. */
  readonly delivered: Map<string, { readonly question: string; readonly signInId: string; readonly answer: Answer }>;
}

export function personOf({ people }: Organisation, userId: string): Person | undefined {
  return people.find(({ id, isDeleted }) => id === userId && !isDeleted);
}

export function productOf({ products }: Organisation, skuId: string): Product {
  return products.find((product) => product.skuId === skuId)!;
}

export function licenseOf({ licenses }: Organisation, userId: string, skuId: string): License | undefined {
  return licenses.find((license) => license.userId === userId && license.skuId === skuId);
}

/** Whether a group has someone, through however many groups in between. */
export function hasMember({ groups }: Organisation, groupId: string, userId: string): boolean {
  const seen = new Set<string>();
  const open = [groupId];
  for (let group = open.pop(); group !== undefined; group = open.pop()) {
    if (seen.has(group)) continue;
    seen.add(group);
    const members = groups.get(group) ?? new Set<string>();
    if (members.has(userId)) return true;
    open.push(...members);
  }
  return false;
}
