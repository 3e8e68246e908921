import { sql } from 'kysely';
import type { Policy } from '../../engine/policy/policy.ts';
import type { Resource } from '../odata/resource.ts';

/** Policies as their lists can be asked for; `p` is the policies table. */
export const POLICY_RESOURCE: Resource = {
  name: 'policies/autoClaimPolicies',
  key: 'id',
  defaultOrder: 'appId,order',
  properties: {
    '@odata.etag': {
      type: 'json',
      sql: sql.ref('p.version'),
      always: true,
      present: (version) => etagOf(version as number),
    },
    id: { type: 'guid', sql: sql.ref('p.policy_id'), filter: true, sort: true },
    displayName: { type: 'string', sql: sql.ref('p.display_name'), filter: true, sort: true },
    isEnabled: { type: 'boolean', sql: sql.ref('p.is_enabled'), filter: true, sort: true },
    appId: { type: 'guid', sql: sql.ref('p.app_id'), filter: true, sort: true },
    order: { type: 'integer', sql: sql.ref('p.position'), filter: true, sort: true },
    products: { type: 'json', sql: sql.ref('p.products') },
    includeGroups: { type: 'json', sql: sql.ref('p.include_groups') },
    excludeGroups: { type: 'json', sql: sql.ref('p.exclude_groups') },
    includeGuests: { type: 'boolean', sql: sql.ref('p.include_guests'), filter: true },
    createdDateTime: { type: 'dateTime', sql: sql.ref('p.created_at'), filter: true, sort: true },
    lastModifiedDateTime: { type: 'dateTime', sql: sql.ref('p.modified_at'), filter: true, sort: true },
  },
};

/** The etag of a policy's version: weak, since $select may answer less of it. */
export function etagOf(version: number): string {
  return `W/"${version}"`;
}

/**
 * The versions that an If-Match header allows; undefined: any (no header, or *).
 * A tag that is none of ours matches nothing, as RFC 9110 has it.
 */
export function versionsAllowed(ifMatch: string | undefined): number[] | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  return ifMatch
    .split(',')
    .map((tag) => /^\s*(?:W\/)?"(\d{1,15})"\s*$/.exec(tag)?.[1])
    .filter((version) => version !== undefined)
    .map(Number);
}

/** A policy as it is answered after it was written. */
export function policyAnswer(policy: Policy, baseUrl: string) {
  return {
    '@odata.context': `${baseUrl}/v1.0/$metadata#${POLICY_RESOURCE.name}/$entity`,
    ...policyEntity(policy),
  };
}

export function policyEntity(policy: Policy) {
  return {
    '@odata.etag': etagOf(policy.version),
    id: policy.policyId,
    displayName: policy.displayName,
    isEnabled: policy.isEnabled,
    appId: policy.appId,
    order: policy.order,
    products: policy.products.map(({ skuId, disabledPlans }) => ({ skuId, disabledPlans: [...disabledPlans] })),
    includeGroups: [...policy.includeGroups],
    excludeGroups: [...policy.excludeGroups],
    includeGuests: policy.includeGuests,
    createdDateTime: policy.createdAt.toISOString(),
    lastModifiedDateTime: policy.modifiedAt.toISOString(),
  };
}
