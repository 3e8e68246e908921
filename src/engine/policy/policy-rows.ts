import type { Kysely } from 'kysely';
import type { Tables } from '../../db/schema.ts';
import { notFound } from '../refused.ts';
import type { TenantTransaction } from '../tenant/tenancy.ts';
import type { Policy, PolicyDraft, PolicyProduct } from './policy.ts';

interface Reading {
  readonly query: Kysely<Tables>;
  readonly tenantId: string;
}

const COLUMNS = [
  'policy_id',
  'app_id',
  'display_name',
  'is_enabled',
  'position',
  'products',
  'include_groups',
  'exclude_groups',
  'include_guests',
  'version',
  'created_at',
  'modified_at',
] as const;

/** All policies of a tenant, by app and order; there are tens of them. */
export async function policyRows({ query, tenantId }: Reading): Promise<Policy[]> {
  const rows = await query
    .selectFrom('policies')
    .select(COLUMNS)
    .where('tenant_id', '=', tenantId)
    .orderBy('app_id')
    .orderBy('position')
    .execute();
  return rows.map(policyOf);
}

/** @throws Refused notFound */
export async function readPolicy({ query, tenantId }: Reading, policyId: string): Promise<Policy> {
  const row = await query
    .selectFrom('policies')
    .select(COLUMNS)
    .where('tenant_id', '=', tenantId)
    .where('policy_id', '=', policyId)
    .executeTakeFirst();
  if (!row) throw notFound(policyId);
  return policyOf(row);
}

/** Under the tenant's pool locks: writes a new policy behind the others of its app. */
export async function insertPolicy(tx: TenantTransaction, policyId: string, appId: string, draft: PolicyDraft) {
  const { rows } = await tx.client.query<{ next: number }>(
    'select coalesce(max(position), 0) + 1 as next from policies where tenant_id = $1 and app_id = $2',
    [tx.tenantId, appId],
  );
  await tx.query
    .insertInto('policies')
    .values({
      tenant_id: tx.tenantId,
      policy_id: policyId,
      app_id: appId,
      position: rows[0]!.next,
      created_at: tx.now,
      modified_at: tx.now,
      ...writtenColumns(draft),
    })
    .execute();
}

/** Under the tenant's pool locks: writes a policy's new state. */
export async function updatePolicyRow(tx: TenantTransaction, policyId: string, draft: PolicyDraft): Promise<void> {
  await tx.query
    .updateTable('policies')
    .set((row) => ({ ...writtenColumns(draft), version: row('version', '+', 1), modified_at: tx.now }))
    .where('tenant_id', '=', tx.tenantId)
    .where('policy_id', '=', policyId)
    .execute();
}

function writtenColumns(draft: PolicyDraft) {
  return {
    display_name: draft.displayName,
    is_enabled: draft.isEnabled,
    products: JSON.stringify(draft.products.map(({ skuId, disabledPlans }) => ({ skuId, disabledPlans }))),
    include_groups: [...draft.includeGroups],
    exclude_groups: [...draft.excludeGroups],
    include_guests: draft.includeGuests,
  };
}

type PolicyRow = {
  policy_id: string;
  app_id: string;
  display_name: string;
  is_enabled: boolean;
  position: number;
  products: PolicyProduct[];
  include_groups: string[];
  exclude_groups: string[];
  include_guests: boolean;
  version: number;
  created_at: Date;
  modified_at: Date;
};

function policyOf(row: PolicyRow): Policy {
  return {
    policyId: row.policy_id,
    displayName: row.display_name,
    isEnabled: row.is_enabled,
    appId: row.app_id,
    order: row.position,
    products: row.products,
    includeGroups: row.include_groups,
    excludeGroups: row.exclude_groups,
    includeGuests: row.include_guests,
    version: row.version,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
  };
}
