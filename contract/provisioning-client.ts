import { Type, type Static } from 'typebox';
import { Collection, DateTime, Guid, Nullable, Strict } from './primitives.ts';

/** The identity providers that keep users and groups here by SCIM. They differ in the steps to set them up alone. */
export const PROVISIONING_KINDS = ['entra', 'okta', 'other'] as const;
export type ProvisioningKind = (typeof PROVISIONING_KINDS)[number];

const Kind = Type.Enum([...PROVISIONING_KINDS]);
const DisplayName = Type.String({ pattern: '\\S', minLength: 1, maxLength: 256 });
const ReleasesLicenses = Type.Boolean({
  description:
    'whether a user whom it deactivates loses direct and policy licenses at once; those of groups end with the membership',
});

export const NewProvisioningClient = Type.Object(
  { kind: Kind, displayName: DisplayName, releasesLicenses: Type.Optional(ReleasesLicenses) },
  Strict,
);
export const ProvisioningClientPatch = Type.Object(
  { displayName: Type.Optional(DisplayName), releasesLicenses: Type.Optional(ReleasesLicenses) },
  Strict,
);

export const ProvisioningClient = Type.Object({
  '@odata.context': Type.Optional(Type.String()),
  id: Guid,
  kind: Kind,
  displayName: Type.String(),
  releasesLicenses: ReleasesLicenses,
  address: Type.String({ description: 'the SCIM endpoint that the identity provider is to call' }),
  isRevoked: Type.Boolean(),
  tokenHint: Type.String({ description: 'how its token begins' }),
  tokenCreatedDateTime: DateTime,
  revokedDateTime: Nullable(DateTime),
  createdDateTime: DateTime,
  lastUsedDateTime: Nullable(DateTime),
  userCount: Type.Integer({ description: 'users that it knows' }),
  groupCount: Type.Integer({ description: 'groups that it knows' }),
});
export const ProvisioningClientPage = Collection(ProvisioningClient);
export type ProvisioningClient = Static<typeof ProvisioningClient>;

/** A token is shown this once. */
export const ProvisioningToken = Type.Object({
  '@odata.context': Type.String(),
  id: Guid,
  address: Type.String(),
  tokenText: Type.String(),
});
export type ProvisioningToken = Static<typeof ProvisioningToken>;

export const ProvisioningClientPath = Type.Object({ id: Guid });
