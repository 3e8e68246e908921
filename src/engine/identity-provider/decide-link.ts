import { domainOf, type ExternalPerson } from './external-person.ts';
import type { IdentityProvider } from './identity-provider.ts';

/** A user whom a person at a provider may be. */
export interface Candidate {
  readonly userId: string;
  readonly userPrincipalName: string;
  readonly isEnabled: boolean;
  readonly holdsRole: boolean;
  /** Whether an identity of this provider is theirs already. */
  readonly isLinked: boolean;
}

/** What the tenant knows of the person. */
export interface LinkFacts {
  /** Whose the identity is. */
  readonly linked: Candidate | undefined;
  /** Who has the name that the provider vouches for. */
  readonly named: Candidate | undefined;
}

export type LinkRefusal =
  'userBlocked' | 'nameNotVerified' | 'domainNotOfProvider' | 'anotherIdentity' | 'noUser' | 'tokenWithoutSubject';

/** What a sign-in by a provider comes to. */
export type LinkDecision =
  /** The identity is this user's. */
  | { readonly kind: 'linked'; readonly user: Candidate }
  /** It becomes this user's now. */
  | { readonly kind: 'link'; readonly user: Candidate }
  /** It would, but they hold a directory role: they prove by their password too that they are meant. */
  | { readonly kind: 'confirm'; readonly user: Candidate }
  /** Nobody is called so: a user is created, where the tenant lets that be. */
  | { readonly kind: 'create'; readonly userName: string }
  | { readonly kind: 'refused'; readonly reason: LinkRefusal; readonly message: string };

/**
 * Whose an identity is: by the provider's subject; the first time by a name that the provider
 * vouches for, in its own domains (docs/decisions/0080). Pure.
 */
export function decideLink(provider: IdentityProvider, person: ExternalPerson, facts: LinkFacts): LinkDecision {
  const { linked, named } = facts;
  if (linked) return linked.isEnabled ? { kind: 'linked', user: linked } : blocked();
  const { userName } = person;
  if (userName === undefined)
    return refused('nameNotVerified', person.whyNoName ?? 'The provider vouches for no name.');
  if (!provider.domains.includes(domainOf(userName))) {
    return refused('domainNotOfProvider', `The domain of ${userName} is not among this provider's domains.`);
  }
  if (!named) return { kind: 'create', userName };
  if (named.isLinked) {
    return refused('anotherIdentity', `${named.userPrincipalName} is linked to another identity of this provider.`);
  }
  if (!named.isEnabled) return blocked();
  return { kind: named.holdsRole ? 'confirm' : 'link', user: named };
}

function blocked(): LinkDecision {
  return refused('userBlocked', 'The user’s account is blocked.');
}

export function refused(reason: LinkRefusal, message: string): LinkDecision & { kind: 'refused' } {
  return { kind: 'refused', reason, message };
}
