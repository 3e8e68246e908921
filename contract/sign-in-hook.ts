import { Type, type Static } from 'typebox';
import { Collection, DateTime, Guid, Nullable, Strict } from './primitives.ts';

/** The identity providers that tell of sign-ins by a hook. */
export const HOOK_KINDS = ['entra', 'okta', 'auth0', 'keycloak'] as const;
export type HookKind = (typeof HOOK_KINDS)[number];
export const ENTRA_CLOUDS = ['global', 'usGovernment', 'china'] as const;
export type EntraCloud = (typeof ENTRA_CLOUDS)[number];

const DisplayName = Type.String({ pattern: '\\S', minLength: 1, maxLength: 256 });
const OnRefusal = Type.Enum(['noClaims', 'reasonClaim'], {
  description: 'what the token of a person who is refused gets: nothing, or the claim license_refusal with the reason',
});
const HookApp = Type.Object(
  {
    clientId: Type.String({ minLength: 1, maxLength: 256, description: 'what the identity provider calls the app' }),
    appId: Guid,
  },
  Strict,
);
const Apps = Type.Array(HookApp, { maxItems: 500, description: "the provider's client id → the app here" });
const Domain = Type.String({
  pattern: '^(?=.{1,253}$)([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])$',
  description: 'put behind names without a domain, such as contoso.example',
});

const written = {
  isEnabled: Type.Optional(Type.Boolean()),
  onRefusal: Type.Optional(OnRefusal),
  entraTenantId: Type.Optional(Nullable(Guid)),
  entraAudience: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 256 }))),
  entraCloud: Type.Optional(Nullable(Type.Enum([...ENTRA_CLOUDS]))),
  userNameDomain: Type.Optional(Nullable(Domain)),
  apps: Type.Optional(Apps),
};

export const NewSignInHook = Type.Object(
  { kind: Type.Enum([...HOOK_KINDS]), displayName: DisplayName, ...written },
  Strict,
);
export const SignInHookPatch = Type.Object({ displayName: Type.Optional(DisplayName), ...written }, Strict);
export type SignInHookPatch = Static<typeof SignInHookPatch>;

export const SignInHook = Type.Object({
  '@odata.context': Type.Optional(Type.String()),
  id: Guid,
  kind: Type.Enum([...HOOK_KINDS]),
  displayName: Type.String(),
  isEnabled: Type.Boolean(),
  onRefusal: OnRefusal,
  address: Type.String({ description: 'what the identity provider is to call' }),
  secretHint: Nullable(Type.String()),
  entraTenantId: Nullable(Guid),
  entraAudience: Nullable(Type.String()),
  entraCloud: Nullable(Type.String()),
  userNameDomain: Nullable(Type.String()),
  apps: Type.Array(HookApp),
  createdDateTime: DateTime,
  eventCount: Type.Integer(),
  lastEventDateTime: Nullable(DateTime),
  refusedCount: Type.Integer({
    description: 'events that were forged, stale or foreign, where it could be told whose',
  }),
  lastRefusedDateTime: Nullable(DateTime),
  lastRefusal: Nullable(Type.String()),
  lastUnmappedClientId: Nullable(Type.String()),
});
export const SignInHookPage = Collection(SignInHook);
export type SignInHook = Static<typeof SignInHook>;

/** A secret is shown this once; null where the provider proves itself otherwise (Entra). */
export const SignInHookSecret = Type.Object({
  '@odata.context': Type.String(),
  id: Guid,
  address: Type.String(),
  secretText: Nullable(Type.String()),
});
export type SignInHookSecret = Static<typeof SignInHookSecret>;

export const SignInHookPath = Type.Object({ id: Guid });

/** Whom a test event signs in, and to what, as the identity provider would say it. */
export const SignInHookTest = Type.Object(
  {
    userPrincipalName: Type.String({ minLength: 1, maxLength: 256 }),
    clientId: Type.String({ minLength: 1, maxLength: 256 }),
  },
  Strict,
);
export const SignInHookTestAnswer = Type.Object({
  '@odata.context': Type.String(),
  sent: Type.Unknown(),
  status: Type.Integer(),
  milliseconds: Type.Integer(),
  answer: Type.Unknown(),
});
export type SignInHookTestAnswer = Static<typeof SignInHookTestAnswer>;
