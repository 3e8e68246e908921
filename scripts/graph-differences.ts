// What differs from Microsoft Graph v1.0, request by request, in words: for the tables of docs/graph.md
// (graph-table.ts), which has the rest from the routes themselves. '' is: nothing that a client notices.

/** What Graph has no such thing as, told from Graph's by where it stands. */
export function isOurs(path: string): boolean {
  return /^\/v1\.0\/(admin|signIns|policies|reports)(\/|$)/.test(path);
}

/** Our own requests that stand among Graph's. */
export const OUR_OWN: readonly string[] = [
  'GET /me/licenses',
  'GET /me/permissions',
  'GET /groups/{id}/licenseErrors',
  'GET /groups/{id}/licenses',
  'GET /subscribedSkus/{id}/usage',
  'GET /users/{id}/licenses',
  'POST /users/{user}/resetPassword',
];

const NO_OWNERS = 'No owners.';
const MEMBERS_OF_ROLES =
  'A role’s id is its template’s id, so that it is the same in every tenant. All roles are there; none is activated first.';
const LICENSE_TEXTS = 'Errors have Graph’s texts, to the letter.';

export const DIFFERENCES: Readonly<Record<string, string>> = {
  'POST /$batch':
    'Any order of `dependsOn` without a circle (Graph: all after one, or each after the one before). A body needs no `Content-Type`. What isn’t JSON comes as base64. An answer over 8 MB is refused: ask for it by itself. An `Idempotency-Key` of the batch is each POST’s.',
  'GET /applications':
    'Ours beside Graph’s: `requiredServicePlanIds`, `permissions`, `onRefusal`. No service principals: an app is both.',
  'POST /applications': 'As above. Permissions are given here, by name; nobody consents.',
  'GET /applications/{id}': '',
  'PATCH /applications/{id}': '',
  'DELETE /applications/{id}': 'Refused while the app has policies. At once: nothing is kept to be restored.',
  'POST /applications/{id}/addPassword': '',
  'POST /applications/{id}/removePassword': '',
  'GET /auditLogs/directoryAudits': 'Kept for ever (Graph: 30 days).',
  'GET /auditLogs/directoryAudits/{id}': '',
  'GET /auditLogs/signIns':
    'Sign-ins to apps and what was decided of each; ours: `outcome`, `reason`, `skuId`, `policyId`, `claimId`. No devices, no risk.',
  'GET /auditLogs/signIns/{id}': 'As above.',
  'GET /directory/subscriptions': 'Graph reads alone.',
  'POST /directory/subscriptions': 'Ours: what is bought is entered here.',
  'GET /directory/subscriptions/{id}': '',
  'PATCH /directory/subscriptions/{id}': 'Ours: quantity, end and status.',
  'GET /directoryRoles': MEMBERS_OF_ROLES,
  'GET /directoryRoles/{id}': 'By id, which is the template’s; not by `roleTemplateId=…`.',
  'GET /directoryRoles/{id}/members': 'Users alone hold roles.',
  'POST /directoryRoles/{id}/members/$ref': '',
  'DELETE /directoryRoles/{id}/members/{memberId}/$ref': 'The last Global Administrator keeps the role.',
  'GET /groups': `${NO_OWNERS} Assigned groups alone, no dynamic ones. \`$expand=members\` answers 20 at most, as Graph’s.`,
  'POST /groups': '`mailNickname` may be left out.',
  'GET /groups/$count': 'Without `ConsistencyLevel`, too: everything here is consistent.',
  'GET /groups/delta':
    'What has changed is told whatever `$select` names: which property it was isn’t known. Members come with groups unless `$select` leaves them out, 1,000 on a page. Links live for 30 days. `$filter` isn’t there, `Prefer: return=minimal` changes nothing. What is deleted is gone: `reason` is always `deleted`.',
  'GET /groups/{id}': 'As the list.',
  'PATCH /groups/{id}': '',
  'DELETE /groups/{id}': 'Refused while it assigns licenses, as at Graph. At once: nothing is kept to be restored.',
  'POST /groups/{id}/assignLicense': `202, and the members get them soon after. ${LICENSE_TEXTS}`,
  'GET /groups/{id}/memberOf': 'Groups alone; itself a member, not through others.',
  'GET /groups/{id}/members':
    'Own members, users and groups. Properties that only one of them has can’t be filtered by.',
  'GET /groups/{id}/members/$count': '',
  'GET /groups/{id}/members/microsoft.graph.user': 'Its one cast; `/graph.user` too.',
  'POST /groups/{id}/members/$ref': 'A link may name any host.',
  'DELETE /groups/{id}/members/{memberId}/$ref': '',
  'GET /groups/{id}/membersWithLicenseErrors': '',
  'POST /groups/{id}/reprocessLicenseAssignment': 'Graph has it for users alone.',
  'GET /me': 'For people; an app that asks is refused, as by Graph.',
  'POST /me/changePassword': 'Ends the person’s other sessions.',
  'GET /me/licenseDetails': '',
  'GET /me/memberOf': 'Groups alone; roles are at `/microsoft.graph.directoryRole`.',
  'GET /me/memberOf/microsoft.graph.directoryRole': '',
  'GET /organization': '`$select` alone. Ours: `defaultUsageLocation`. No `assignedPlans`.',
  'GET /organization/{id}': 'As above.',
  'GET /subscribedSkus':
    'All options of a list (Graph: `$select`). Ours, where selected: `displayName`, `availableUnits`.',
  'GET /subscribedSkus/{id}': '',
  'GET /users':
    '`$filter` knows `eq`, `ne`, `gt`, `ge`, `lt`, `le`, `in`, `startswith`, `not`, `and`, `or`, `any()`, `/$count` with 0; no `endswith`, no `contains`. What isn’t understood is refused and never ignored. `$orderby` and `$filter` go together, without `ConsistencyLevel`.',
  'POST /users':
    '`mailNickname`, `accountEnabled` and `passwordProfile` may be left out: whoever signs in elsewhere needs no password.',
  'GET /users/$count': 'Without `ConsistencyLevel`, too.',
  'GET /users/delta':
    'As `/groups/delta`. Claims count as changes where `$select` names licenses (`assignedLicenses`, `assignedPlans`, `licenseAssignmentStates`).',
  'GET /users/{user}': '`$expand=memberOf` alone; no `manager`.',
  'PATCH /users/{user}': '',
  'DELETE /users/{user}': 'At once: licenses end, nothing is kept to be restored.',
  'POST /users/{id}/assignLicense': `${LICENSE_TEXTS} What is assigned by hand takes over from policies.`,
  'GET /users/{id}/licenseDetails': '',
  'POST /users/{id}/reprocessLicenseAssignment': '',
  'GET /users/{user}/memberOf':
    'Groups alone; roles are at `/microsoft.graph.directoryRole`. Itself a member, not through others.',
  'GET /users/{user}/memberOf/microsoft.graph.directoryRole': '',
};

/** What clients may look for in vain: as they would ask, and what instead. */
export const MISSING: readonly (readonly [request: string, why: string])[] = [
  ['GET /directoryObjects/{id}', 'Ask `/users` or `/groups`; links to `directoryObjects` are understood in `$ref`.'],
  ['GET /directory/deletedItems/microsoft.graph.user', 'What is deleted is gone; the audit has what it was.'],
  ['GET /groups/{id}/owners', 'Groups have no owners: roles administrate them.'],
  [
    'GET /groups/{id}/transitiveMembers',
    'Nested members count for policies and licenses; only own members are listed.',
  ],
  ['GET /users/{id}/transitiveMemberOf', 'As above.'],
  ['GET /users/{id}/manager', 'Licenses depend on no manager.'],
  ['POST /users/{id}/getMemberGroups', 'Ask `/users/{id}/memberOf`.'],
  [
    'POST /users/{id}/revokeSignInSessions',
    'Block the account (`accountEnabled`), or reset the password: both end sessions.',
  ],
  ['GET /servicePrincipals', 'An app is both: `/applications`.'],
  ['GET /domains', '`/organization` has `verifiedDomains`.'],
  ['GET /roleManagement/directory/roleAssignments', 'Ask `/directoryRoles` with `$expand=members`.'],
  ['POST /subscriptions', 'No change notifications: follow `/users/delta` and `/groups/delta`.'],
  ['GET /identity/conditionalAccess/policies', 'Sign-in policies of other kinds are your identity provider’s.'],
];
