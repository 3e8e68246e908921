/**
 * What an application may be granted, named as Microsoft Graph's application permissions, and our
 * own (API.md, "Tokens"). A ReadWrite permission covers the Read permission of the same name.
 */
export const PERMISSIONS = [
  'User.Read.All',
  'User.ReadWrite.All',
  'Group.Read.All',
  'Group.ReadWrite.All',
  'LicenseAssignment.Read.All',
  'LicenseAssignment.ReadWrite.All',
  'Organization.Read.All',
  'Organization.ReadWrite.All',
  'Application.Read.All',
  'Application.ReadWrite.All',
  'AuditLog.Read.All',
  'Reports.Read.All',
  'RoleManagement.Read.Directory',
  'RoleManagement.ReadWrite.Directory',
  'AutoClaimPolicy.Read.All',
  'AutoClaimPolicy.ReadWrite.All',
  'SignIn.Create',
  'Tenant.Create',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/**
 * What people alone may be let do, by their directory role, where a role reaches less far than any
 * application permission: buying and cutting subscriptions without the catalogue (Billing
 * Administrator), a user's usage location and nothing else of the user (License Administrator).
 */
export const DELEGATED_SCOPES = ['Subscription.ReadWrite.All', 'User.UsageLocation.ReadWrite.All'] as const;

/** What a caller may do: an app by its permissions, a person by the roles they hold. */
export type Scope = Permission | (typeof DELEGATED_SCOPES)[number];
