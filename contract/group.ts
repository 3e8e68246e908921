import { Type, type Static } from 'typebox';
import { Collection, DateTime, Delta, Guid, Nullable, Removed, Strict } from './primitives.ts';
import { AssignedLicense, User } from './user.ts';

const ODataType = Type.Optional(Type.Literal('#microsoft.graph.group'));
/** Graph takes 20 at once. */
const Members = Type.Array(Type.String({ maxLength: 2_048 }), {
  maxItems: 20,
  description: 'addresses of users and groups, such as …/v1.0/directoryObjects/{id}',
});

const displayName = Type.String({
  pattern: '\\S',
  maxLength: 256,
  description: 'a text of 1 to 256 characters that is not blank',
});
const others = {
  description: Nullable(Type.String({ maxLength: 1_024 })),
  groupTypes: Type.Array(Type.Enum(['Unified']), { maxItems: 1 }),
  mailEnabled: Type.Boolean(),
  mailNickname: Type.String({
    pattern: '^[!#-&*+\\-./0-9=?A-Z^_`a-z{|}~]{1,64}$',
    description: 'a text of 1 to 64 ASCII characters without white space and any of @()\\[]";:<>,',
  }),
  securityEnabled: Type.Boolean(),
  visibility: Nullable(Type.Enum(['Public', 'Private', 'HiddenMembership'])),
};
const allOptional = Type.Partial(Type.Object(others)).properties;

export const NewGroup = Type.Object(
  { '@odata.type': ODataType, displayName, ...allOptional, 'members@odata.bind': Type.Optional(Members) },
  Strict,
);
export type NewGroup = Static<typeof NewGroup>;

export const GroupPatch = Type.Object(
  {
    '@odata.type': ODataType,
    displayName: Type.Optional(displayName),
    ...allOptional,
    'members@odata.bind': Type.Optional(Members),
  },
  Strict,
);
export type GroupPatch = Static<typeof GroupPatch>;

export const Group = Type.Partial(
  Type.Object({
    '@odata.context': Type.String(),
    '@odata.type': Type.String(),
    id: Guid,
    createdDateTime: DateTime,
    displayName: Type.String(),
    ...others,
    mail: Type.Null(),
    proxyAddresses: Type.Array(Type.String()),
    assignedLicenses: Type.Array(AssignedLicense),
    hasMembersWithLicenseErrors: Type.Boolean(),
    licenseProcessingState: Type.Object({ state: Type.String() }),
  }),
);
export const GroupPage = Collection(Group);
const MemberDelta = Type.Intersect([Type.Object({ '@odata.type': Type.String(), id: Guid }), Removed]);
export const GroupDelta = Delta(
  Type.Intersect([Group, Removed, Type.Object({ 'members@delta': Type.Optional(Type.Array(MemberDelta)) })]),
);

/** A user or a group, as @odata.type says. */
export const MemberPage = Collection(Type.Union([User, Group]));

const LicenseFault = Type.Enum([
  'CountViolation',
  'MutuallyExclusiveViolation',
  'DependencyViolation',
  'ProhibitedInUsageLocationViolation',
  'Other',
]);

/** What a group gives its members, and how far that has come; users in the groups that it contains count, each once. */
export const GroupLicenses = Type.Object({
  '@odata.context': Type.String(),
  state: Type.Enum(['allAssigned', 'inProgress', 'errors']),
  members: Type.Integer(),
  waiting: Type.Integer({ description: 'members whom what has changed last has not reached yet' }),
  inError: Type.Integer({ description: 'members who have not all that the group gives' }),
  value: Type.Array(
    Type.Object({
      skuId: Guid,
      skuPartNumber: Type.String(),
      displayName: Type.String(),
      disabledPlans: Type.Array(Guid),
      assignedDateTime: DateTime,
      licensed: Type.Integer({ description: 'members who have it by this group' }),
      inError: Type.Integer(),
    }),
  ),
});
export type GroupLicenses = Static<typeof GroupLicenses>;

/** A product that a member has not got of what the group gives, and why. */
export const LicenseError = Type.Partial(
  Type.Object({
    id: Type.String(),
    userId: Guid,
    userPrincipalName: Type.String(),
    userDisplayName: Type.String(),
    skuId: Guid,
    productDisplayName: Type.String(),
    error: LicenseFault,
    detail: Type.String(),
    lastUpdatedDateTime: DateTime,
  }),
);
export const LicenseErrorPage = Collection(LicenseError);

export const GroupPath = Type.Object({ id: Guid });
export const MemberPath = Type.Object({ id: Guid, memberId: Guid });

/** A link to what becomes a member. */
export const Reference = Type.Object({ '@odata.id': Type.String({ minLength: 1, maxLength: 2_048 }) }, Strict);
