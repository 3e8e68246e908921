import type { Scope } from '../../../contract/permission.ts';

/** One place of the navigation; shown to who has one of its scopes. */
export interface Place {
  readonly label: string;
  readonly path: string;
  /** Any one of them; none: everybody. */
  readonly scopes: readonly Scope[];
}

/** A heading with places below it; shown where one of them is. */
export interface Section {
  readonly label: string;
  readonly icon: IconName;
  readonly places: readonly Place[];
}

export type IconName = 'home' | 'users' | 'groups' | 'billing' | 'reports' | 'settings' | 'audit' | 'licenses';

/** As the Microsoft 365 admin center has them (PRODUCT.md, "The admin center"). A section of one place is that place. */
export const NAVIGATION: readonly Section[] = [
  { label: 'Home', icon: 'home', places: [{ label: 'Home', path: '/homepage', scopes: ['AutoClaimPolicy.Read.All'] }] },
  {
    label: 'Users',
    icon: 'users',
    places: [{ label: 'Active users', path: '/users', scopes: ['User.Read.All'] }],
  },
  { label: 'Groups', icon: 'groups', places: [{ label: 'Groups', path: '/groups', scopes: ['Group.Read.All'] }] },
  {
    label: 'Billing',
    icon: 'billing',
    places: [
      { label: 'Your products', path: '/products', scopes: ['Organization.Read.All'] },
      { label: 'Licenses', path: '/licenses', scopes: ['Organization.Read.All', 'AutoClaimPolicy.Read.All'] },
    ],
  },
  { label: 'Reports', icon: 'reports', places: [{ label: 'Reports', path: '/reports', scopes: ['Reports.Read.All'] }] },
  {
    label: 'Settings',
    icon: 'settings',
    places: [
      { label: 'Org settings', path: '/settings', scopes: ['AutoClaimPolicy.Read.All'] },
      { label: 'Apps', path: '/settings/apps', scopes: ['Application.Read.All'] },
      { label: 'Identity providers', path: '/settings/identity-providers', scopes: ['Application.Read.All'] },
      { label: 'Sign-in hooks', path: '/settings/hooks', scopes: ['Application.Read.All'] },
      { label: 'Provisioning', path: '/settings/provisioning', scopes: ['Application.Read.All'] },
    ],
  },
  { label: 'Audit', icon: 'audit', places: [{ label: 'Audit', path: '/audit', scopes: ['AuditLog.Read.All'] }] },
  { label: 'My licenses', icon: 'licenses', places: [{ label: 'My licenses', path: '/my-licenses', scopes: [] }] },
];
