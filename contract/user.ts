import { Type, type Static } from 'typebox';
import { Collection, CountryCode, DateTime, Delta, Guid, Nullable, Removed, Strict } from './primitives.ts';

// The greatest lengths are Graph's own.
const text = (maxLength: number) => Nullable(Type.String({ minLength: 1, maxLength }));
const Mails = Type.Array(Type.String({ minLength: 1, maxLength: 250 }), { maxItems: 250 });
const UserType = Type.Enum(['Member', 'Guest']);
const DisplayName = Type.String({
  pattern: '\\S',
  maxLength: 256,
  description: 'a text of 1 to 256 characters that is not blank',
});
const PrincipalName = Type.String({
  minLength: 3,
  maxLength: 256,
  description: 'name@domain; no two users of a tenant have the same, in whatever case',
});
const PasswordPolicies = Nullable(
  Type.String({
    pattern: '^(None|Disable(PasswordExpiration|StrongPassword)(, ?Disable(PasswordExpiration|StrongPassword))?)$',
    description: 'None, DisablePasswordExpiration, DisableStrongPassword, or both of these with a comma between',
  }),
);
const PasswordProfile = Type.Object(
  {
    password: Type.Optional(Type.String({ minLength: 1, maxLength: 1_024, description: 'never answered' })),
    forceChangePasswordNextSignIn: Type.Optional(Type.Boolean()),
    /** There is no second factor here: that one isn't asked for may be said, as clients do. */
    forceChangePasswordNextSignInWithMfa: Type.Optional(Type.Literal(false)),
  },
  Strict,
);
const ODataType = Type.Optional(Type.Literal('#microsoft.graph.user'));

const written = {
  accountEnabled: Type.Boolean(),
  businessPhones: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 1 }),
  city: text(128),
  companyName: text(64),
  country: text(128),
  department: text(64),
  displayName: DisplayName,
  employeeId: text(16),
  faxNumber: text(64),
  givenName: text(64),
  jobTitle: text(128),
  mail: text(256),
  mailNickname: text(64),
  mobilePhone: text(64),
  officeLocation: text(128),
  otherMails: Mails,
  passwordPolicies: PasswordPolicies,
  passwordProfile: PasswordProfile,
  postalCode: text(40),
  preferredDataLocation: text(64),
  preferredLanguage: text(64),
  state: text(128),
  streetAddress: text(1_024),
  surname: text(64),
  usageLocation: Nullable(CountryCode),
  userPrincipalName: PrincipalName,
  userType: UserType,
};
const { displayName, userPrincipalName, ...others } = written;

export const NewUser = Type.Object(
  { '@odata.type': ODataType, displayName, userPrincipalName, ...Type.Partial(Type.Object(others)).properties },
  Strict,
);
export type NewUser = Static<typeof NewUser>;

export const UserPatch = Type.Object(
  { '@odata.type': ODataType, ...Type.Partial(Type.Object(written)).properties },
  Strict,
);
export type UserPatch = Static<typeof UserPatch>;

/** A product with the service plans that are left out. */
export const AssignedLicense = Type.Object({ disabledPlans: Type.Array(Guid), skuId: Guid });

const LicenseAssignmentState = Type.Object({
  skuId: Guid,
  disabledPlans: Type.Array(Guid),
  assignedByGroup: Nullable(Guid),
  state: Type.String(),
  error: Type.String(),
  lastUpdatedDateTime: DateTime,
});

const AssignedPlan = Type.Object({
  assignedDateTime: DateTime,
  capabilityStatus: Type.String(),
  service: Type.String(),
  servicePlanId: Guid,
});

const { passwordProfile, ...shown } = written;

/** A user as it is answered: a few properties unless $select names others. */
export const User = Type.Partial(
  Type.Object({
    '@odata.context': Type.String(),
    '@odata.type': Type.String(),
    id: Guid,
    ...shown,
    assignedLicenses: Type.Array(AssignedLicense),
    assignedPlans: Type.Array(AssignedPlan),
    businessPhones: Type.Array(Type.String()),
    createdDateTime: DateTime,
    lastPasswordChangeDateTime: Nullable(DateTime),
    licenseAssignmentStates: Type.Array(LicenseAssignmentState),
    onPremisesLastSyncDateTime: Nullable(DateTime),
    onPremisesSyncEnabled: Nullable(Type.Boolean()),
    proxyAddresses: Type.Array(Type.String()),
  }),
);
export const UserPage = Collection(User);
export const UserDelta = Delta(Type.Intersect([User, Removed]));

/** A user's id or user principal name. */
export const UserPath = Type.Object({ user: Type.String({ minLength: 1 }) });
