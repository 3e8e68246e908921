import type { HookKind } from '../../../contract/sign-in-hook.ts';
import type { DecidedSignIn } from '../../engine/claim/sign-in.ts';
import type { PersonAtDoor } from '../../engine/directory/find-or-create-user.ts';
import type { Hook } from '../../engine/hook/hook.ts';

/** A sign-in as an identity provider tells of it, whichever that is. */
export interface HookEvent {
  /** The same in every delivery of the event. */
  readonly eventId: string;
  /** null: the event doesn't say, and what proves it (a token) says how fresh it is. */
  readonly happenedAt: Date | null;
  /** What the provider calls the app. */
  readonly clientId: string;
  readonly person: PersonAtDoor;
}

/** An event that is no sign-in of a person to an app: it is answered, and nothing is decided. */
export interface NoSignIn {
  readonly ignored: string;
}

/** What a token is to hold; null: nothing is said of licenses. */
export interface TokenClaims {
  readonly licenses: readonly string[];
  readonly servicePlans: readonly string[];
  /** The reason of a refusal, where the hook is to tell it. */
  readonly refusal: string | null;
}

/** What is answered to a provider. */
export interface HookAnswer {
  readonly status: number;
  readonly body: object | null;
}

/** How one provider's events are read, and answered: pure translation. */
export interface HookDoor {
  readonly kind: HookKind;
  readEvent(body: unknown, hook: Hook): HookEvent | NoSignIn;
  /** @param decided null: there is no decision, or not in time */
  answer(claims: TokenClaims | null, decided: DecidedSignIn | null): HookAnswer;
}

/** The claims that come of a decision, as the hook is set. */
export function claimsOf(decided: DecidedSignIn, { onRefusal }: Pick<Hook, 'onRefusal'>): TokenClaims | null {
  if (decided.outcome === 'refused') {
    return onRefusal === 'reasonClaim' ? { licenses: [], servicePlans: [], refusal: decided.reason } : null;
  }
  const { skuPartNumber, servicePlans } = decided.entitlement!;
  return { licenses: [skuPartNumber], servicePlans, refusal: null };
}

/** Claims by their names in a token; what is empty isn't there. */
export function namedClaims({ licenses, servicePlans, refusal }: TokenClaims): Record<string, string | string[]> {
  return {
    ...(licenses.length > 0 && { licenses: [...licenses] }),
    ...(servicePlans.length > 0 && { service_plans: [...servicePlans] }),
    ...(refusal !== null && { license_refusal: refusal }),
  };
}

/** The value at a path of properties of a foreign object; undefined where there is none. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

/** The text at a path; undefined where there is none, or an empty one. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** A name as the tenant's users have it: where it has no domain, the hook may say which. */
export function principalName(name: string, { userNameDomain }: Pick<Hook, 'userNameDomain'>): string {
  return name.includes('@') || userNameDomain === null ? name : `${name}@${userNameDomain}`;
}
