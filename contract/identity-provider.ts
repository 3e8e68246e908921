import { Type, type Static } from 'typebox';
import { Collection, DateTime, Guid, Nullable, Strict } from './primitives.ts';

/** The identity providers that people sign in by: all speak OpenID Connect; what differs is whose word is taken for what. */
export const PROVIDER_KINDS = ['entra', 'okta', 'keycloak', 'google', 'oidc'] as const;
export type ProviderKind = (typeof PROVIDER_KINDS)[number];

/** What of a new user is taken from a claim, where no other claim is named. */
export const DEFAULT_ATTRIBUTES = {
  displayName: 'name',
  givenName: 'given_name',
  surname: 'family_name',
  mail: 'email',
  preferredLanguage: 'locale',
  usageLocation: 'ctry',
  country: 'country',
  department: 'department',
  jobTitle: 'title',
  companyName: 'company',
} as const;
export type MappedAttribute = keyof typeof DEFAULT_ATTRIBUTES;

const DisplayName = Type.String({ pattern: '\\S', minLength: 1, maxLength: 64, description: 'stands on a button' });
const Domain = Type.String({
  pattern: '^(?=.{1,253}$)([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])$',
  description: 'a domain name, such as contoso.example',
});
const ClaimName = Type.String({ pattern: '^[A-Za-z0-9_.:/@-]+$', maxLength: 128, description: "a claim's name" });
const ClientId = Type.String({ pattern: '^[A-Za-z0-9_.:/@~-]+$', maxLength: 256 });
const ClientSecret = Type.String({
  pattern: '^[\\x20-\\x7e]+$',
  minLength: 8,
  maxLength: 1024,
  description: 'of 8 characters or more; never answered again',
});
const Attributes = Type.Object(
  Object.fromEntries(Object.keys(DEFAULT_ATTRIBUTES).map((name) => [name, Type.Optional(ClaimName)])) as Record<
    MappedAttribute,
    ReturnType<typeof Type.Optional<typeof ClaimName>>
  >,
  { ...Strict, description: 'which claim a property of a new user is taken from, where not from the usual one' },
);
const GroupMapping = Type.Object(
  { value: Type.String({ minLength: 1, maxLength: 256, description: 'in the claim' }), groupId: Guid },
  Strict,
);

const written = {
  isEnabled: Type.Optional(Type.Boolean()),
  domains: Type.Optional(
    Type.Array(Domain, { maxItems: 100, description: 'whose user names it may vouch for; people of these go to it' }),
  ),
  attributes: Type.Optional(Attributes),
  groupsClaim: Type.Optional(Nullable(ClaimName)),
  groupMappings: Type.Optional(Type.Array(GroupMapping, { maxItems: 200 })),
};

export const NewIdentityProvider = Type.Object(
  {
    kind: Type.Enum([...PROVIDER_KINDS]),
    displayName: DisplayName,
    issuer: Type.String({ minLength: 1, maxLength: 512, description: "the provider's issuer, as its tokens name it" }),
    clientId: ClientId,
    clientSecret: ClientSecret,
    ...written,
  },
  Strict,
);
export type NewIdentityProvider = Static<typeof NewIdentityProvider>;

export const IdentityProviderPatch = Type.Object(
  {
    displayName: Type.Optional(DisplayName),
    clientId: Type.Optional(ClientId),
    clientSecret: Type.Optional(ClientSecret),
    ...written,
  },
  Strict,
);
export type IdentityProviderPatch = Static<typeof IdentityProviderPatch>;

export const IdentityProvider = Type.Object({
  '@odata.context': Type.Optional(Type.String()),
  id: Guid,
  kind: Type.Enum([...PROVIDER_KINDS]),
  displayName: Type.String(),
  issuer: Type.String(),
  clientId: Type.String(),
  secretHint: Type.String({ description: 'the first characters of the client secret' }),
  redirectUri: Type.String({ description: 'what the identity provider is to send people back to' }),
  isEnabled: Type.Boolean(),
  domains: Type.Array(Type.String()),
  attributes: Attributes,
  groupsClaim: Nullable(Type.String()),
  groupMappings: Type.Array(GroupMapping),
  linkedUserCount: Type.Integer(),
  createdDateTime: DateTime,
});
export const IdentityProviderPage = Collection(IdentityProvider);
export type IdentityProvider = Static<typeof IdentityProvider>;

export const IdentityProviderPath = Type.Object({ id: Guid });
export const LinkedUserPath = Type.Object({ id: Guid, user: Guid });

/** Where a test sign-in begins: good once, for some minutes. */
export const IdentityProviderTest = Type.Object({ '@odata.context': Type.String(), address: Type.String() });

/** Whether people may sign in with a password. */
export const SignInSetting = Type.Object({
  '@odata.context': Type.String(),
  isPasswordAllowed: Type.Boolean(),
  redirectUri: Type.String({ description: 'what every identity provider is to send people back to' }),
});
export type SignInSetting = Static<typeof SignInSetting>;
export const SignInSettingPatch = Type.Object({ isPasswordAllowed: Type.Optional(Type.Boolean()) }, Strict);
