import { Type } from 'typebox';
import { DirectoryRole } from './directory-role.ts';
import { DateTime, Guid, Nullable, Strict } from './primitives.ts';

export const ChangePassword = Type.Object(
  {
    currentPassword: Type.String({ maxLength: 1_024 }),
    newPassword: Type.String({ maxLength: 1_024, description: '8 to 256 characters' }),
  },
  Strict,
);

/** What whoever has signed in may do: for screens to show what can be done; the API decides by itself. */
export const OwnPermissions = Type.Object({
  '@odata.context': Type.String(),
  permissions: Type.Array(Type.String(), {
    description: 'by name, as application permissions; a ReadWrite permission covers Read',
  }),
  directoryRoles: Type.Array(DirectoryRole),
});

/** A product that a person holds: since when, why, and which apps it opens for them. */
export const OwnLicense = Type.Object({
  skuId: Guid,
  skuPartNumber: Type.String(),
  displayName: Type.String(),
  assignedDateTime: DateTime,
  isUsable: Type.Boolean({ description: 'false where the subscription has run out' }),
  paths: Type.Array(
    Type.Object({
      kind: Type.Union([Type.Literal('direct'), Type.Literal('group'), Type.Literal('policy')]),
      assignedDateTime: DateTime,
      groupId: Nullable(Guid),
      groupDisplayName: Nullable(Type.String()),
      throughGroups: Type.Array(Type.Object({ groupId: Guid, displayName: Type.String() }), {
        description: 'by which groups they are in that group, beginning with their own',
      }),
      policyId: Nullable(Guid),
      policyDisplayName: Nullable(Type.String({ description: 'its name on the day of the claim' })),
      appId: Nullable(Guid),
      appDisplayName: Nullable(Type.String()),
      isBackup: Nullable(Type.Boolean()),
    }),
  ),
  servicePlans: Type.Array(
    Type.Object({ servicePlanId: Guid, servicePlanName: Type.String(), friendlyName: Type.String() }),
    { description: 'those that are turned on' },
  ),
  apps: Type.Array(Type.Object({ appId: Guid, displayName: Type.String() })),
});
export const OwnLicenseList = Type.Object({ '@odata.context': Type.String(), value: Type.Array(OwnLicense) });

/** Where a user sets a new password: once, until then; shown this once. */
export const PasswordReset = Type.Object({
  '@odata.context': Type.String(),
  setUpLink: Type.String(),
  expiresDateTime: DateTime,
});
