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
  'Application.ReadWrite.All',
  'AuditLog.Read.All',
  'Reports.Read.All',
  'RoleManagement.ReadWrite.Directory',
  'AutoClaimPolicy.Read.All',
  'AutoClaimPolicy.ReadWrite.All',
  'SignIn.Create',
  'Tenant.Create',
] as const;

export type Permission = (typeof PERMISSIONS)[number];
