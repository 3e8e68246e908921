import { Type, type Static } from 'typebox';
import { DateTime, Guid, Nullable, Strict } from './primitives.ts';

/**
 * Where sign-ins come in (PRODUCT.md, "Doors for a sign-in"): an app or a backend that calls the API; an
 * administrator who tries one in the admin center; an app's sign-in by OpenID Connect; the hook of an
 * identity provider; a reverse proxy that asks.
 */
export const DOORS = [
  'api',
  'adminCenter',
  'openIdConnect',
  'entra',
  'okta',
  'auth0',
  'keycloak',
  'forwardAuth',
] as const;
export type Door = (typeof DOORS)[number];

/** A user signs in to an app. Who: userPrincipalName, or userId. */
export const SignIn = Type.Object(
  {
    appId: Guid,
    userPrincipalName: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    userId: Type.Optional(Guid),
    correlationId: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  },
  Strict,
);
export type SignIn = Static<typeof SignIn>;

/** Up to 1,000 sign-ins in one request. */
export const SignInList = Type.Object({ value: Type.Array(SignIn, { minItems: 1, maxItems: 1_000 }) }, Strict);
export type SignInList = Static<typeof SignInList>;

const decision = {
  id: Nullable(Guid),
  outcome: Type.Enum(['licensed', 'claimed', 'refused']),
  reason: Nullable(Type.String()),
  message: Type.String(),
  isEntitled: Type.Boolean(),
  userId: Nullable(Guid),
  appId: Guid,
  skuId: Nullable(Guid),
  skuPartNumber: Nullable(Type.String()),
  servicePlans: Type.Array(Type.String()),
  policyId: Nullable(Guid),
  claimId: Nullable(Guid),
  isBackup: Nullable(Type.Boolean()),
  createdDateTime: DateTime,
};

export const SignInDecision = Type.Object(decision);

/** In the order of the request; a sign-in that couldn't be decided has an error in its place. */
export const SignInDecisionList = Type.Object({
  value: Type.Array(
    Type.Union([SignInDecision, Type.Object({ error: Type.Object({ code: Type.String(), message: Type.String() }) })]),
  ),
});

export const SignInExplanation = Type.Object({
  ...decision,
  adminMessage: Type.String(),
  steps: Type.Array(
    Type.Object({
      check: Type.String(),
      passed: Nullable(Type.Boolean()),
      reason: Type.Optional(Type.String()),
      detail: Type.Optional(Type.String()),
      skuId: Type.Optional(Guid),
    }),
  ),
});
