import { sql } from 'kysely';
import type { Resource } from '../odata/resource.ts';

/** Claims as the report's rows; `c` is claimRows of the report noun. */
export const REPORT_RESOURCE: Resource = {
  name: 'reports/autoClaim',
  key: 'claimId',
  defaultOrder: 'claimedDateTime desc',
  properties: {
    claimId: { type: 'guid', sql: sql.ref('c.claim_id'), filter: true },
    claimedDateTime: { type: 'dateTime', sql: sql.ref('c.claimed_at'), sort: true, filter: true },
    userId: { type: 'guid', sql: sql.ref('c.user_id'), filter: true },
    userPrincipalName: { type: 'string', sql: sql.ref('c.user_principal_name'), filter: true },
    userDisplayName: { type: 'string', sql: sql.ref('c.user_display_name'), filter: true },
    policyId: { type: 'guid', sql: sql.ref('c.policy_id'), filter: true },
    policyDisplayName: { type: 'string', sql: sql.ref('c.policy_display_name'), filter: true },
    appId: { type: 'guid', sql: sql.ref('c.app_id'), filter: true },
    appDisplayName: { type: 'string', sql: sql.ref('c.app_display_name'), filter: true },
    skuId: { type: 'guid', sql: sql.ref('c.sku_id'), filter: true },
    skuPartNumber: { type: 'string', sql: sql.ref('c.sku_part_number'), filter: true },
    productDisplayName: { type: 'string', sql: sql.ref('c.product_display_name'), filter: true },
    isBackup: { type: 'boolean', sql: sql.ref('c.is_backup'), filter: true },
  },
};

/** The properties by which claims are counted by the hour. */
export const COUNTED_PROPERTIES: readonly string[] = ['policyId', 'appId', 'skuId', 'isBackup'];

/** What a summary's $filter may name of refusals, too: they have a user and an app, and nothing that was claimed. */
export const REFUSAL_RESOURCE: Resource = {
  name: 'reports/autoClaim/summary',
  key: 'signInId',
  defaultOrder: 'signInId',
  properties: {
    signInId: { type: 'guid', sql: sql.ref('s.sign_in_id') },
    userId: { type: 'guid', sql: sql.ref('s.user_id'), filter: true },
    userPrincipalName: { type: 'string', sql: sql.ref('s.user_principal_name'), filter: true },
    userDisplayName: { type: 'string', sql: sql.ref('s.user_display_name'), filter: true },
    appId: { type: 'guid', sql: sql.ref('s.app_id'), filter: true },
    policyId: { type: 'guid', sql: sql.ref('s.policy_id'), filter: true },
    skuId: { type: 'guid', sql: sql.ref('s.sku_id'), filter: true },
  },
};
