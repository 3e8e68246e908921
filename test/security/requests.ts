import { readdirSync } from 'node:fs';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createCertificate } from '../harness/certificate.ts';
import type { Things } from './two-tenants.ts';

// How each route is called so that it does something: what the tests that look at every route
// begin with, and then vary. A new route finds its ids by its path; a new body is to be added here.

/** Whose id stands in a path behind this segment. */
const ID_BEHIND: Record<string, keyof Things> = {
  users: 'user',
  groups: 'group',
  members: 'member',
  applications: 'application',
  autoClaimPolicies: 'policy',
  signInHooks: 'hook',
  forwardAuth: 'forwardAuth',
  provisioningClients: 'provisioningClient',
  Users: 'user',
  Groups: 'group',
  Schemas: 'interaction',
  ResourceTypes: 'interaction',
  identityProviders: 'identityProvider',
  with: 'identityProvider',
  test: 'interaction',
  subscribedSkus: 'pool',
  subscriptions: 'subscription',
  directoryAudits: 'directoryAudit',
  signIns: 'signIn',
  products: 'sku',
  organization: 'tenantId',
  authorize: 'interaction',
  device: 'interaction',
  'sign-in': 'interaction',
  refused: 'interaction',
  'set-up': 'interaction',
  '': 'tenantId',
};

/** Roles are no tenant's own: their ids are Microsoft's. */
const REPORTS_READER = '4a5d8f65-41da-4de4-8968-e035b65339cf';
const withRole = (template: string) => template.replace('/directoryRoles/:id', `/directoryRoles/${REPORTS_READER}`);

/** Which of a tenant's things a path names, in its order. */
export function thingsNamed(template: string): (keyof Things)[] {
  const segments = withRole(template).split('/');
  return segments.flatMap((segment, index) => {
    if (!segment.startsWith(':')) return [];
    const thing = ID_BEHIND[segments[index - 1]!];
    assert.ok(thing, `test/security/requests.ts doesn't know what ${segment} in ${template} is`);
    return [thing];
  });
}

/** A path with these things' ids in it. */
export function pathOf(template: string, things: Things): string {
  if (template === '/assets/:file')
    return `/assets/${readdirSync(new URL('../../web/dist/assets', import.meta.url))[0]!}`;
  const names = thingsNamed(template);
  return withRole(template).replace(/:\w+/g, () => things[names.shift()!]);
}

/** What no app gets to, whatever it sends: people's own (test/api/me.test.ts, roles.test.ts). */
export const isPeoplesOwn = (path: string) => /^\/v1\.0\/me(\/|$)/.test(path);

/** Bodies that are good as they are, for every route that takes JSON. Two where a route takes one of two forms. */
export const BODIES: Readonly<Record<string, (things: Things) => readonly object[]>> = {
  'POST /v1.0/$batch': ({ user }) => [
    {
      requests: [
        { id: '1', method: 'GET', url: `/users/${user}`, headers: { accept: 'application/json' }, dependsOn: ['2'] },
        { id: '2', method: 'GET', url: '/organization' },
      ],
    },
  ],
  'POST /v1.0/admin/identityProviders': ({ group }) => [
    {
      kind: 'oidc',
      displayName: 'Another provider',
      issuer: 'https://another.example',
      clientId: 'a-client',
      clientSecret: 'a secret that is long',
      isEnabled: true,
      domains: [`${randomUUID()}.example`],
      attributes: { displayName: 'full_name' },
      groupsClaim: 'groups',
      groupMappings: [{ value: 'painters', groupId: group }],
    },
  ],
  'PATCH /v1.0/admin/identityProviders/:id': ({ group }) => [
    {
      displayName: 'A new name',
      clientId: 'another-client',
      clientSecret: 'another secret that is long',
      isEnabled: false,
      domains: ['fabrikam.example'],
      attributes: { jobTitle: 'job' },
      groupsClaim: null,
      groupMappings: [{ value: 'painters', groupId: group }],
    },
  ],
  'POST /v1.0/admin/provisioningClients': () => [{ kind: 'entra', displayName: 'Entra ID', releasesLicenses: false }],
  'PATCH /v1.0/admin/provisioningClients/:id': () => [{ displayName: 'Another name', releasesLicenses: true }],
  'PATCH /v1.0/admin/signIn': () => [{ isPasswordAllowed: true }],
  'POST /v1.0/admin/signInHooks': ({ appId }) => [
    {
      kind: 'entra',
      displayName: 'Entra ID',
      isEnabled: true,
      onRefusal: 'reasonClaim',
      entraTenantId: randomUUID(),
      entraAudience: randomUUID(),
      entraCloud: 'global',
      userNameDomain: 'contoso.example',
      apps: [{ clientId: 'a-client', appId }],
    },
  ],
  'PATCH /v1.0/admin/signInHooks/:id': ({ appId }) => [
    {
      displayName: 'Another name',
      isEnabled: false,
      onRefusal: 'noClaims',
      entraTenantId: null,
      entraAudience: null,
      entraCloud: null,
      userNameDomain: null,
      apps: [{ clientId: 'a-client', appId }],
    },
  ],
  'POST /v1.0/admin/signInHooks/:id/test': ({ userPrincipalName, appId }) => [{ userPrincipalName, clientId: appId }],
  'POST /v1.0/admin/forwardAuth': ({ otherAppId }) => [
    {
      appId: otherAppId,
      origins: ['https://other.contoso.example'],
      trustedAddresses: ['10.1.2.0/24'],
      userHeader: 'Remote-User',
    },
  ],
  'PATCH /v1.0/admin/forwardAuth/:id': () => [
    { origins: ['https://app.fabrikam.example:8443'], trustedAddresses: ['::1'], userHeader: 'X-User' },
  ],
  'POST /v1.0/applications': ({ plan }) => [
    {
      displayName: `App ${randomUUID()}`,
      keyCredentials: [
        {
          type: 'AsymmetricX509Cert',
          usage: 'Verify',
          key: CERTIFICATE,
          keyId: randomUUID(),
          displayName: 'Key',
          startDateTime: new Date().toISOString(),
          endDateTime: new Date(Date.now() + 3_600_000).toISOString(),
          customKeyIdentifier: null,
        },
      ],
      requiredServicePlanIds: [plan],
      permissions: ['User.Read.All'],
      onRefusal: 'continue',
    },
  ],
  'PATCH /v1.0/applications/:id': ({ plan }) => [
    {
      displayName: `App ${randomUUID()}`,
      keyCredentials: [
        {
          type: 'AsymmetricX509Cert',
          usage: 'Verify',
          key: CERTIFICATE,
          displayName: 'Key',
          customKeyIdentifier: null,
        },
      ],
      requiredServicePlanIds: [plan],
      permissions: ['User.Read.All'],
      onRefusal: 'continue',
    },
  ],
  'POST /v1.0/applications/:id/addPassword': () => [
    { passwordCredential: { displayName: 'Secret', endDateTime: new Date(Date.now() + 3_600_000).toISOString() } },
  ],
  'POST /v1.0/applications/:id/removePassword': ({ secret }) => [{ keyId: secret }],
  'POST /v1.0/users': () => [newUser()],
  'PATCH /v1.0/users/:user': () => [newUser()],
  'POST /v1.0/me/changePassword': () => [{ currentPassword: 'wrong password', newPassword: 'another password' }],
  'POST /v1.0/directoryRoles/:id/members/$ref': ({ otherUser }) => [{ '@odata.id': linkTo(otherUser) }],
  'POST /v1.0/groups': ({ user }) => [{ ...newGroup(), 'members@odata.bind': [linkTo(user)] }],
  'PATCH /v1.0/groups/:id': ({ user }) => [{ ...newGroup(), 'members@odata.bind': [linkTo(user)] }],
  'POST /v1.0/groups/:id/members/$ref': ({ otherUser }) => [{ '@odata.id': linkTo(otherUser) }],
  'POST /v1.0/admin/products': () => [{ skuId: randomUUID(), appliesTo: 'User', ...product([newPlan(), newPlan()]) }],
  'PATCH /v1.0/admin/products/:skuId': ({ plan, otherPlan }) => [
    product([
      { ...newPlan(), servicePlanId: plan },
      { ...newPlan(), servicePlanId: otherPlan },
    ]),
  ],
  'PATCH /v1.0/admin/autoClaim': () => [
    { isEnabled: true, createUsersOnSignIn: false, allowedDomains: ['contoso.example'], defaultUsageLocation: 'DE' },
  ],
  // The whole order: good until there is another policy.
  'POST /v1.0/policies/autoClaimPolicies/reorder': (things) => [{ ids: [things.policy] }],
  'POST /v1.0/policies/autoClaimPolicies': ({ appId, ...things }) => [{ appId, ...policy(things) }],
  'PATCH /v1.0/policies/autoClaimPolicies/:id': (things) => [policy(things)],
  'POST /v1.0/policies/autoClaimPolicies/preview': ({ appId, sku, otherPlan, group }) => [
    { appId, products: [{ skuId: sku, disabledPlans: [otherPlan] }], includeGroups: [group], includeGuests: true },
  ],
  'POST /v1.0/admin/setUp/plan': (things) => [{ ...setUpRequest(things), compareOnly: false }],
  'POST /v1.0/admin/setUp/apply': (things) => [setUpRequest(things)],
  'POST /v1.0/signIns': ({ appId, user }) => [
    { appId, userId: user, correlationId: randomUUID() },
    { value: [{ appId, userId: user, correlationId: randomUUID() }] },
  ],
  'POST /v1.0/signIns/explain': ({ appId, userPrincipalName }) => [{ appId, userPrincipalName, correlationId: 'x' }],
  'POST /v1.0/directory/subscriptions': ({ sku }) => [
    { skuId: sku, totalLicenses: 5, nextLifecycleDateTime: later(), status: 'Enabled', isTrial: true },
  ],
  'PATCH /v1.0/directory/subscriptions/:id': () => [
    { totalLicenses: 11, nextLifecycleDateTime: later(), status: 'Enabled' },
  ],
  'POST /v1.0/users/:id/assignLicense': ({ sku, otherPlan }) => [
    { addLicenses: [{ skuId: sku, disabledPlans: [otherPlan] }], removeLicenses: [] },
  ],
  'POST /v1.0/groups/:id/assignLicense': ({ sku, otherPlan }) => [
    { addLicenses: [{ skuId: sku, disabledPlans: [otherPlan] }], removeLicenses: [] },
  ],
  'POST /v1.0/admin/licenseChanges': ({ user, sku, otherPlan }) => [
    { userIds: [user], addLicenses: [{ skuId: sku, disabledPlans: [otherPlan] }], removeLicenses: [] },
  ],
  'POST /v1.0/admin/licenseChanges/preview': ({ user, sku, otherPlan }) => [
    { userIds: [user], addLicenses: [{ skuId: sku, disabledPlans: [otherPlan] }], removeLicenses: [] },
  ],
  'POST /v1.0/admin/tenants': () => [
    { displayName: 'Fabrikam', defaultDomain: `${randomUUID()}.example`, countryLetterCode: 'US' },
  ],
};

function setUpRequest({ appId, sku, plan, otherPlan, group, user }: Things) {
  return {
    prune: false,
    setUp: {
      version: 1,
      setting: {
        isEnabled: true,
        createUsersOnSignIn: false,
        allowedDomains: ['contoso.example'],
        defaultUsageLocation: 'DE',
      },
      apps: [
        {
          displayName: `App ${randomUUID()}`,
          requiredServicePlans: [plan],
          onRefusal: 'continue',
          permissions: ['User.Read.All'],
          redirectUris: { web: ['https://app.contoso.example/'], spa: [], publicClient: [] },
        },
      ],
      policies: [
        {
          displayName: `Policy ${randomUUID()}`,
          app: appId,
          isEnabled: true,
          products: [{ product: sku, disabledPlans: [otherPlan] }],
          includeGroups: [group],
          excludeGroups: [],
          includeGuests: false,
        },
      ],
      groupLicenses: [{ group, products: [{ product: sku, disabledPlans: [] }] }],
      roles: [{ role: 'Reports Reader', members: [user] }],
    },
  };
}

/** The good bodies of a route; undefined for one that takes none. */
export function bodiesOf(route: { method: string; path: string }, things: Things): readonly object[] | undefined {
  return BODIES[`${route.method} ${route.path}`]?.(things);
}

const CERTIFICATE = createCertificate().key;

const linkTo = (id: string) => `https://graph.microsoft.com/v1.0/directoryObjects/${id}`;
const later = () => new Date(Date.now() + 86_400_000).toISOString();

function newUser(): object {
  return {
    '@odata.type': '#microsoft.graph.user',
    accountEnabled: true,
    displayName: 'Somebody',
    userPrincipalName: `${randomUUID()}@contoso.example`,
    mailNickname: 'somebody',
    passwordProfile: { password: 'correct horse 1 Battery', forceChangePasswordNextSignIn: true },
    businessPhones: ['+1 425 555 0100'],
    otherMails: ['somebody@fabrikam.example'],
    usageLocation: 'US',
  };
}

function newGroup(): object {
  return {
    '@odata.type': '#microsoft.graph.group',
    displayName: 'Some people',
    description: 'Whoever they are',
    groupTypes: [],
    mailEnabled: false,
    mailNickname: randomUUID(),
    securityEnabled: true,
    visibility: 'Private',
  };
}

function newPlan() {
  const servicePlanId = randomUUID();
  return { servicePlanId, servicePlanName: 'PLAN', friendlyName: 'A plan', dependsOn: [], conflictsWith: [] };
}

function product(servicePlans: readonly object[]): object {
  return { skuPartNumber: 'PART', displayName: 'A product', prohibitedUsageLocations: ['KP'], servicePlans };
}

function policy({ sku, otherPlan, group }: Pick<Things, 'sku' | 'otherPlan' | 'group'>): object {
  return {
    displayName: `Policy ${randomUUID()}`,
    isEnabled: true,
    products: [{ skuId: sku, disabledPlans: [otherPlan] }],
    includeGroups: [group],
    excludeGroups: [],
    includeGuests: true,
  };
}
