import type { Choice } from '../../../ui/picker.tsx';

/** A policy on its way. */
export interface Draft {
  readonly displayName: string;
  readonly appId: string | undefined;
  readonly products: readonly DraftProduct[];
  readonly audience: Audience;
}

export interface DraftProduct {
  readonly skuId: string;
  readonly disabledPlans: ReadonlySet<string>;
}

/** Whom a policy is for. */
export interface Audience {
  /** Only these groups' members; empty and not everyone: still to be chosen. */
  readonly isEveryone: boolean;
  readonly includeGroups: readonly Choice[];
  readonly excludeGroups: readonly Choice[];
  readonly includeGuests: boolean;
}

export const EMPTY: Draft = {
  displayName: '',
  appId: undefined,
  products: [],
  audience: { isEveryone: true, includeGroups: [], excludeGroups: [], includeGuests: false },
};

/** The primary and four backups (PRODUCT.md, "Words"). */
export const PRODUCTS_MAX = 5;

/** What the API takes. */
export function bodyOf({ displayName, appId, products, audience }: Draft) {
  return {
    displayName: displayName.trim(),
    appId,
    products: products.map(({ skuId, disabledPlans }) => ({ skuId, disabledPlans: [...disabledPlans] })),
    includeGroups: audience.isEveryone ? [] : audience.includeGroups.map(({ id }) => id),
    excludeGroups: audience.excludeGroups.map(({ id }) => id),
    includeGuests: audience.includeGuests,
  };
}

/** A person has to choose at least one group where not everyone is meant. */
export function isAudienceChosen({ isEveryone, includeGroups }: Audience): boolean {
  return isEveryone || includeGroups.length > 0;
}
