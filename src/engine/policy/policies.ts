import { v7 as newId } from 'uuid';
import { isUniqueViolation } from '../../db/failures.ts';
import { changesBetween, recordAudit } from '../audit/audit.ts';
import { duplicate, invalid, notFound, Refused } from '../refused.ts';
import { lockAllPools } from '../subscription/pools.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import { checkPolicy, type Policy, type PolicyDraft } from './policy.ts';
import { readPolicyFacts } from './policy-facts.ts';
import { insertPolicy, policyRows, readPolicy, updatePolicyRow } from './policy-rows.ts';

// Every write takes all the tenant's pool locks first, as claims do: once it has answered, no
// claim is decided by what stood before (PRODUCT.md, "Off is a barrier").

/** Makes a policy, the last of its app's. */
export function createPolicy(tenancy: Tenancy, appId: string, draft: PolicyDraft): Promise<Policy> {
  return writing(tenancy, async (tx) => {
    const facts = await readPolicyFacts(tx, appId, draft);
    if (!facts) throw invalid('appId', `no app has the id ${appId}.`);
    checkPolicy(draft, facts);
    const policyId = newId();
    await insertPolicy(tx, policyId, appId, draft);
    const made = await readPolicy(tx, policyId);
    await audit(tx, 'Add auto-claim policy', 'Add', made, {}, { ...audited(made), appId });
    return made;
  });
}

/**
 * Changes a policy; a new list of products adds, removes and reorders at once.
 * @param etagVersions the versions that If-Match allows; undefined: any
 * @throws Refused stale where the policy has changed since the client read it
 */
export function updatePolicy(
  tenancy: Tenancy,
  policyId: string,
  patch: Partial<PolicyDraft>,
  etagVersions: readonly number[] | undefined,
): Promise<Policy> {
  return writing(tenancy, async (tx) => {
    const before = await readPolicy(tx, policyId);
    refuseStale(before, etagVersions);
    const draft: PolicyDraft = { ...before, ...patch };
    const facts = await readPolicyFacts(tx, before.appId, draft, [...before.includeGroups, ...before.excludeGroups]);
    if (!facts) throw notFound(policyId);
    checkPolicy(draft, facts);
    // What changes nothing is no change: no version, no audit entry.
    if (changesBetween(audited(before), audited(draft)).length === 0) return before;
    await updatePolicyRow(tx, policyId, draft);
    const after = await readPolicy(tx, policyId);
    await audit(tx, 'Update auto-claim policy', 'Update', after, audited(before), audited(after));
    return after;
  });
}

/** Deletes a policy. Who claimed under it keeps the license, and the claims stay in the report. */
export function deletePolicy(
  tenancy: Tenancy,
  policyId: string,
  etagVersions: readonly number[] | undefined,
): Promise<void> {
  return writing(tenancy, async (tx) => {
    const before = await readPolicy(tx, policyId);
    refuseStale(before, etagVersions);
    await tx.query
      .deleteFrom('policies')
      .where('tenant_id', '=', tx.tenantId)
      .where('policy_id', '=', policyId)
      .execute();
    // Those behind it move up, so that order stays 1, 2, 3 …
    await tx.query
      .updateTable('policies')
      .set((row) => ({ position: row('position', '-', 1) }))
      .where('tenant_id', '=', tx.tenantId)
      .where('app_id', '=', before.appId)
      .where('position', '>', before.order)
      .execute();
    await audit(tx, 'Delete auto-claim policy', 'Delete', before, { ...audited(before), appId: before.appId }, null);
  });
}

/**
 * Puts all policies of one app into an order.
 * @param policyIds each policy of that app, once
 */
export function reorderPolicies(tenancy: Tenancy, policyIds: readonly string[]): Promise<Policy[]> {
  return writing(tenancy, async (tx) => {
    const all = await policyRows(tx);
    const first = all.find((policy) => policy.policyId === policyIds[0]);
    if (!first) throw invalid('ids[0]', `no policy has the id ${policyIds[0]}.`);
    const ofApp = all.filter((policy) => policy.appId === first.appId);
    policyIds.forEach((policyId, index) => {
      if (!ofApp.some((policy) => policy.policyId === policyId)) {
        throw invalid(`ids[${index}]`, `policy ${policyId} is not one of the same app as the first.`);
      }
      if (policyIds.indexOf(policyId) < index) throw invalid(`ids[${index}]`, `policy ${policyId} is named twice.`);
    });
    const left = ofApp.find((policy) => !policyIds.includes(policy.policyId));
    if (left)
      throw invalid('ids', `the whole order is needed; policy ${left.policyId} ("${left.displayName}") is missing.`);
    if (ofApp.every((policy, index) => policy.policyId === policyIds[index])) return ofApp;
    await tx.client.query(
      `update policies set position = o.place, version = version + 1, modified_at = $3
         from unnest($2::uuid[]) with ordinality as o(policy_id, place)
        where policies.tenant_id = $1 and policies.policy_id = o.policy_id and policies.position <> o.place`,
      [tx.tenantId, policyIds, tx.now],
    );
    await audit(
      tx,
      'Reorder auto-claim policies',
      'Update',
      first,
      { order: ofApp.map((policy) => policy.policyId) },
      { order: policyIds },
    );
    return (await policyRows(tx)).filter((policy) => policy.appId === first.appId);
  });
}

function writing<T>(tenancy: Tenancy, work: (tx: TenantTransaction) => Promise<T>): Promise<T> {
  return inTenant(tenancy, async (tx) => {
    await lockAllPools(tx);
    return work(tx);
  }).catch((error: unknown) => {
    // By the locks it can only be the name; a distributed table doesn't tell which key it was.
    throw isUniqueViolation(error) ? duplicate('displayName') : error;
  });
}

function refuseStale(policy: Policy, etagVersions: readonly number[] | undefined): void {
  if (etagVersions && !etagVersions.includes(policy.version)) {
    throw new Refused('stale', 'The policy has been changed since you read it. Read it again and repeat your change.');
  }
}

function audited(policy: PolicyDraft): Record<string, unknown> {
  const { displayName, isEnabled, products, includeGroups, excludeGroups, includeGuests } = policy;
  return { displayName, isEnabled, products, includeGroups, excludeGroups, includeGuests };
}

function audit(
  tx: TenantTransaction,
  activity: string,
  operation: 'Add' | 'Update' | 'Delete',
  policy: Policy,
  before: Record<string, unknown>,
  after: Record<string, unknown> | null,
): Promise<void> {
  const target = { type: 'Policy', id: policy.policyId, name: policy.displayName };
  return recordAudit(tx, [{ category: 'Policy', activity, operation, target, changes: changesBetween(before, after) }]);
}
