import { recordAudit } from '../audit/audit.ts';
import { patternRows } from '../patterned-rows.ts';
import type { AssignmentPath } from '../license/path.ts';
import type { TenantClient } from '../tenant/tenancy.ts';
import type { LoggedSignIn } from './sign-in.ts';
import type { Moment } from './moment.ts';
import { newId } from './new-id.ts';

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
  const { rows, patterns } = patternRows(claims.map((claim) => rowOf(moment, claim)));
  await tx.client.query({
    name: 'record-claims',
    text: `
      with made as materialized (
        select *
          from json_to_recordset($2::json) as r(
                 pattern integer, claim_id uuid, user_id uuid, user_principal_name text, user_display_name text,
                 sign_in_id uuid, correlation_id text, audit_id uuid, request_id text)
          join jsonb_to_recordset($3::jsonb) as p(
                 pattern integer, policy_id uuid, policy_display_name text, app_id uuid, app_display_name text,
                 sku_id uuid, sku_part_number text, product_display_name text, is_backup boolean,
                 client_id text, door text, actor jsonb, changes jsonb, details jsonb)
         using (pattern)
      ), claimed as (
        insert into claims (tenant_id, claim_id, claimed_at, user_id, user_principal_name, user_display_name, policy_id,
                            policy_display_name, app_id, app_display_name, sku_id, sku_part_number, product_display_name, is_backup)
        select $1::uuid, claim_id, $4::timestamptz, user_id, user_principal_name, user_display_name, policy_id,
               policy_display_name, app_id, app_display_name, sku_id, sku_part_number, product_display_name, is_backup
          from made
      ), audited as (
        insert into audit_entries (tenant_id, audit_id, happened_at, category, activity, operation, actor,
                                   target_type, target_id, target_name, changes, details, correlation_id)
        select $1::uuid, audit_id, $4::timestamptz, 'UserManagement', 'Claim license', 'Assign', actor,
               'User', user_id::text, user_principal_name,
               jsonb_set(changes, '{0,after,claimId}', to_jsonb(claim_id)),
               details || jsonb_build_object('key', 'ClaimId', 'value', claim_id), request_id
          from made
      )
      insert into sign_ins (tenant_id, sign_in_id, decided_at, user_id, user_principal_name, user_display_name, app_id,
                            app_display_name, client_id, correlation_id, outcome, sku_id, policy_id, claim_id, door)
      select $1::uuid, sign_in_id, $4::timestamptz, user_id, user_principal_name, user_display_name, app_id,
             app_display_name, client_id, correlation_id, 'claimed', sku_id, policy_id, claim_id, door
        from made`,
    values: [tx.tenantId, rows, patterns, moment.now],
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
  const own = {
    claim_id: claimId,
    user_id: user!.userId,
    user_principal_name: user!.userPrincipalName,
    user_display_name: user!.displayName,
    sign_in_id: decided.signInId,
    correlation_id: asked.correlationId,
    audit_id: newId(),
    request_id: asked.requestId,
  };
  const names = {
    policy_display_name: policy!.displayName,
    app_display_name: app!.displayName,
    sku_part_number: product.skuPartNumber,
    product_display_name: product.displayName,
  };
  const pattern = {
    ...names,
    policy_id: policyId,
    app_id: asked.appId,
    sku_id: skuId,
    is_backup: isBackup,
    client_id: asked.clientId,
    door: asked.door,
    actor: asked.actor,
    // Each claim's own id is put into these two by the statement.
    changes: [{ name: 'assignmentPath', before: null, after: audited(skuId, { ...path, claimId: '' }) }],
    details: [
      { key: 'Policy', value: names.policy_display_name },
      { key: 'PolicyId', value: policyId },
      { key: 'App', value: names.app_display_name },
      { key: 'Product', value: names.sku_part_number },
      { key: 'SkuId', value: skuId },
      { key: 'Backup', value: String(isBackup) },
    ],
  };
  return { own, pattern };
}
