import { PERMISSIONS, type Scope } from '../../../contract/permission.ts';

/** A directory role, as Microsoft Entra ID has them. */
export interface DirectoryRole {
  /** Microsoft's role template id: the same everywhere, and the role's id here. */
  readonly id: string;
  readonly displayName: string;
  readonly description: string;
  /** What whoever holds it may do. */
  readonly scopes: readonly Scope[];
}

export const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10';

/** Readable by every role: policies, and how many seats there are and are left of what. */
const AVAILABILITY: readonly Scope[] = ['AutoClaimPolicy.Read.All', 'Organization.Read.All', 'Application.Read.All'];
/** To see people, their groups, what they hold, and who administrates. */
const DIRECTORY: readonly Scope[] = [
  'User.Read.All',
  'Group.Read.All',
  'LicenseAssignment.Read.All',
  'RoleManagement.Read.Directory',
];
const HISTORY: readonly Scope[] = ['Reports.Read.All', 'AuditLog.Read.All'];

/** Every role there is; what each may do is QUALITY.md's "Not let in", and nothing else decides it. */
export const DIRECTORY_ROLES: readonly DirectoryRole[] = [
  {
    id: GLOBAL_ADMINISTRATOR,
    displayName: 'Global Administrator',
    description: 'Can manage everything, and alone turns auto-claim on or off and writes its policies.',
    // Making tenants reaches past the organisation: it is for the first tenant's clients.
    scopes: PERMISSIONS.filter((permission) => permission !== 'Tenant.Create'),
  },
  {
    id: '4d6ac14f-3453-41d0-bef9-a3e0c569773a',
    displayName: 'License Administrator',
    description: 'Can assign and remove licenses, and set the usage location of users.',
    scopes: [...AVAILABILITY, ...DIRECTORY, 'LicenseAssignment.ReadWrite.All', 'User.UsageLocation.ReadWrite.All'],
  },
  {
    id: 'fe930be7-5e62-47db-91af-98c3a49a38b1',
    displayName: 'User Administrator',
    description: 'Can manage users who hold no role, reset their passwords, and assign licenses.',
    scopes: [...AVAILABILITY, ...DIRECTORY, 'User.ReadWrite.All', 'LicenseAssignment.ReadWrite.All'],
  },
  {
    id: 'b0f54661-2d74-4c50-afa3-1ec803f12efe',
    displayName: 'Billing Administrator',
    description: 'Can buy products and change the quantity and the end of subscriptions.',
    scopes: [...AVAILABILITY, 'Subscription.ReadWrite.All'],
  },
  {
    id: 'f2ef992c-3afb-46b9-b7cf-a126ee74c451',
    displayName: 'Global Reader',
    description: 'Can read everything that a Global Administrator can, and change nothing.',
    scopes: [...AVAILABILITY, ...DIRECTORY, ...HISTORY],
  },
  {
    id: 'fdd7a751-b60b-444a-984c-02652fe8fa1c',
    displayName: 'Groups Administrator',
    description: 'Can manage groups, their members and their licenses.',
    scopes: [...AVAILABILITY, ...DIRECTORY, 'Group.ReadWrite.All'],
  },
  {
    id: '4a5d8f65-41da-4de4-8968-e035b65339cf',
    displayName: 'Reports Reader',
    description: 'Can read reports, sign-ins and the audit log.',
    scopes: [...AVAILABILITY, ...HISTORY],
  },
];

/** What someone with these roles may do, all together. */
export function scopesOf(roleIds: readonly string[]): ReadonlySet<Scope> {
  return new Set(DIRECTORY_ROLES.filter(({ id }) => roleIds.includes(id)).flatMap(({ scopes }) => scopes));
}

/** A role by its id, in lower case. */
export function findRole(id: string): DirectoryRole | undefined {
  return DIRECTORY_ROLES.find((role) => role.id === id);
}
