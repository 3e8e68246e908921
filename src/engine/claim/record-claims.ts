import { v7 as newId } from 'uuid';
import { recordAudit } from '../audit/audit.ts';
import type { AssignmentPath } from '../license/path.ts';
import type { TenantClient } from '../tenant/tenancy.ts';
import type { LoggedSignIn } from './sign-in.ts';
import type { Moment } from './moment.ts';

type PolicyPath = Extract<AssignmentPath, { kind: 'policy' }>;

/** A sign-in that claimed, and the path that it gave. */
export interface Claimed extends LoggedSignIn {
  readonly path: PolicyPath;
}

/** A sign-in that turned plans on at the path of a claim that was there. */
export interface Widening extends Claimed {
  readonly before: PolicyPath;
}

/**
 * Writes claims, with the sign-ins that made them and their audit entries, in one statement.
 * A claim is kept for ever, with the names of its day.
 */
export async function recordClaims(tx: TenantClient, moment: Moment, claims: readonly Claimed[]): Promise<void> {
  if (claims.length === 0) return;
  await tx.client.query({
    name: 'record-claims',
    text: `
      with made as materialized (
        select * from jsonb_to_recordset($2::jsonb) as m(
          claim_id uuid, user_id uuid, user_principal_name text, user_display_name text,
          policy_id uuid, policy_display_name text, app_id uuid, app_display_name text,
          sku_id uuid, sku_part_number text, product_display_name text, is_backup boolean,
          sign_in_id uuid, client_id text, correlation_id text, audit_id uuid, actor jsonb, changes jsonb, details jsonb, request_id text)
      ), claimed as (
        insert into claims (tenant_id, claim_id, claimed_at, user_id, user_principal_name, user_display_name, policy_id,
                            policy_display_name, app_id, app_display_name, sku_id, sku_part_number, product_display_name, is_backup)
        select $1::uuid, claim_id, $3::timestamptz, user_id, user_principal_name, user_display_name, policy_id,
               policy_display_name, app_id, app_display_name, sku_id, sku_part_number, product_display_name, is_backup
          from made
      ), audited as (
        insert into audit_entries (tenant_id, audit_id, happened_at, category, activity, operation, actor,
                                   target_type, target_id, target_name, changes, details, correlation_id)
        select $1::uuid, audit_id, $3::timestamptz, 'UserManagement', 'Claim license', 'Assign', actor,
               'User', user_id::text, user_principal_name, changes, details, request_id
          from made
      )
      insert into sign_ins (tenant_id, sign_in_id, decided_at, user_id, user_principal_name, user_display_name, app_id,
                            app_display_name, client_id, correlation_id, outcome, sku_id, policy_id, claim_id)
      select $1::uuid, sign_in_id, $3::timestamptz, user_id, user_principal_name, user_display_name, app_id,
             app_display_name, client_id, correlation_id, 'claimed', sku_id, policy_id, claim_id
        from made`,
    values: [tx.tenantId, JSON.stringify(claims.map((claim) => rowOf(moment, claim))), moment.now],
  });
}

/** Writes the audit entries of paths that were widened; their claims stay as they are. */
export async function recordWidenings(tx: TenantClient, moment: Moment, widenings: readonly Widening[]): Promise<void> {
  for (const { asked, decided, user, app, before, path } of widenings) {
    const { skuId, skuPartNumber } = decided.entitlement!;
    const entry = {
      category: 'UserManagement' as const,
      activity: 'Change user license',
      operation: 'Update' as const,
      target: { type: 'User', id: user!.userId, name: user!.userPrincipalName },
      changes: [{ name: 'assignmentPath', before: audited(skuId, before), after: audited(skuId, path) }],
      details: { App: app!.displayName, Product: skuPartNumber, ClaimId: path.claimId },
    };
    await recordAudit({ ...tx, now: moment.now, actor: asked.actor, correlationId: asked.requestId }, [entry]);
  }
}

function audited(skuId: string, { policyId, claimId, disabledPlans }: PolicyPath) {
  return { skuId, policyId, claimId, disabledPlans };
}

function rowOf(moment: Moment, { asked, decided, user, app, path }: Claimed) {
  const { skuId, policyId, claimId, isBackup } = decided.entitlement!;
  const product = moment.products.get(skuId)!;
  const policy = moment.policies.get(asked.appId)?.find((one) => one.policyId === policyId);
  const names = {
    policy_display_name: policy!.displayName,
    app_display_name: app!.displayName,
    sku_part_number: product.skuPartNumber,
    product_display_name: product.displayName,
  };
  return {
    ...names,
    claim_id: claimId,
    user_id: user!.userId,
    user_principal_name: user!.userPrincipalName,
    user_display_name: user!.displayName,
    policy_id: policyId,
    app_id: asked.appId,
    sku_id: skuId,
    is_backup: isBackup,
    sign_in_id: decided.signInId,
    client_id: asked.clientId,
    correlation_id: asked.correlationId,
    audit_id: newId(),
    actor: asked.actor,
    changes: [{ name: 'assignmentPath', before: null, after: audited(skuId, path) }],
    details: [
      { key: 'Policy', value: names.policy_display_name },
      { key: 'PolicyId', value: policyId },
      { key: 'App', value: names.app_display_name },
      { key: 'Product', value: names.sku_part_number },
      { key: 'SkuId', value: skuId },
      { key: 'ClaimId', value: claimId },
      { key: 'Backup', value: String(isBackup) },
    ],
    request_id: asked.requestId,
  };
}
