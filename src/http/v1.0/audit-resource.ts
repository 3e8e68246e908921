import { sql, type SqlBool } from 'kysely';
import type { Change } from '../../engine/audit/audit.ts';
import { sentenceForAdmin } from '../../engine/claim/sentences.ts';
import type { Reason } from '../../engine/claim/decision.ts';
import type { Actor } from '../../engine/tenant/tenancy.ts';
import type { Resource } from '../odata/resource.ts';

interface Target {
  readonly id: string | null;
  readonly type: string;
  readonly name: string | null;
  readonly changes: readonly Change[];
}

/** Entries as Graph's directoryAudit; `e` is the audit_entries table. */
export const DIRECTORY_AUDIT_RESOURCE: Resource = {
  name: 'auditLogs/directoryAudits',
  key: 'id',
  defaultOrder: 'activityDateTime desc',
  properties: {
    id: { type: 'guid', sql: sql.ref('e.audit_id'), filter: true },
    activityDateTime: { type: 'dateTime', sql: sql.ref('e.happened_at'), filter: true, sort: true },
    activityDisplayName: { type: 'string', sql: sql.ref('e.activity'), filter: true },
    category: { type: 'string', sql: sql.ref('e.category'), filter: true },
    correlationId: { type: 'string', sql: sql.ref('e.correlation_id'), filter: true },
    loggedByService: { type: 'string', sql: sql`'Autoclaim'` },
    operationType: { type: 'string', sql: sql.ref('e.operation'), filter: true },
    // Written with what it tells of: what didn't succeed has left nothing to tell.
    result: { type: 'string', sql: sql`'success'` },
    resultReason: { type: 'string', sql: sql`''` },
    initiatedBy: { type: 'json', sql: sql.ref('e.actor'), present: (actor) => initiatedBy(actor as Actor) },
    targetResources: {
      type: 'json',
      sql: sql`json_build_object('id', e.target_id, 'type', e.target_type, 'name', e.target_name, 'changes', e.changes)`,
      present: (target) => [targetResource(target as Target)],
      collection: {
        elements: {
          id: { type: 'string', sql: sql.ref('e.target_id'), filter: true },
          displayName: { type: 'string', sql: sql.ref('e.target_name'), filter: true },
          type: { type: 'string', sql: sql.ref('e.target_type'), filter: true },
        },
        // Every entry has just one target, in its own row.
        exists: (condition) => sql`(${condition})`,
      },
    },
    additionalDetails: { type: 'json', sql: sql.ref('e.details') },
  },
  search: {
    // What was done, to what, by whom: wherever the text stands.
    '': (text) =>
      sql<SqlBool>`strpos(lower(concat_ws(' ', e.activity, e.target_name, e.actor ->> 'displayName', e.actor ->> 'userPrincipalName')), lower(${text}::text)) > 0`,
  },
};

function initiatedBy(actor: Actor) {
  if (actor.kind === 'user') {
    const { userId, userPrincipalName, displayName } = actor;
    return { app: null, user: { id: userId, displayName, userPrincipalName, ipAddress: null } };
  }
  return {
    app: {
      appId: actor.kind === 'application' ? actor.appId : null,
      displayName: actor.displayName,
      servicePrincipalId: null,
      servicePrincipalName: null,
    },
    user: null,
  };
}

function targetResource({ id, type, name, changes }: Target) {
  return {
    id,
    displayName: name,
    type,
    userPrincipalName: type === 'User' ? name : null,
    groupType: null,
    modifiedProperties: changes.map((change) => ({
      displayName: change.name,
      oldValue: valueText(change.before),
      newValue: valueText(change.after),
    })),
  };
}

/** As Graph: JSON as a text, and null where there is nothing. */
function valueText(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** AADSTS50105, "the user isn't assigned to a role for the application": the nearest that Entra ID has. */
const REFUSED_ERROR_CODE = 50105;

/** Decisions as Graph's signIn, and beside it what was decided; `s` is the sign_ins table. */
export const SIGN_IN_RESOURCE: Resource = {
  name: 'auditLogs/signIns',
  key: 'id',
  defaultOrder: 'createdDateTime desc',
  properties: {
    id: { type: 'guid', sql: sql.ref('s.sign_in_id'), filter: true },
    createdDateTime: { type: 'dateTime', sql: sql.ref('s.decided_at'), filter: true, sort: true },
    // Graph's is never null: nobody known has no id.
    userId: { type: 'guid', sql: sql.ref('s.user_id'), filter: true, present: (id) => id ?? '' },
    userPrincipalName: { type: 'string', sql: sql.ref('s.user_principal_name'), filter: true },
    userDisplayName: { type: 'string', sql: sql.ref('s.user_display_name'), filter: true },
    appId: { type: 'guid', sql: sql.ref('s.app_id'), filter: true },
    appDisplayName: { type: 'string', sql: sql.ref('s.app_display_name'), filter: true },
    door: { type: 'string', sql: sql.ref('s.door'), filter: true },
    clientAppUsed: { type: 'string', sql: sql.ref('s.client_id'), filter: true },
    correlationId: { type: 'string', sql: sql.ref('s.correlation_id'), filter: true },
    isInteractive: { type: 'boolean', sql: sql`true` },
    status: { type: 'json', sql: sql.ref('s.reason'), present: (reason) => statusOf(reason as Reason | null) },
    outcome: { type: 'string', sql: sql.ref('s.outcome'), filter: true },
    reason: { type: 'string', sql: sql.ref('s.reason'), filter: true },
    skuId: { type: 'guid', sql: sql.ref('s.sku_id'), filter: true },
    policyId: { type: 'guid', sql: sql.ref('s.policy_id'), filter: true },
    claimId: { type: 'guid', sql: sql.ref('s.claim_id'), filter: true },
  },
};

function statusOf(reason: Reason | null) {
  if (reason === null) return { errorCode: 0, failureReason: null, additionalDetails: null };
  return {
    errorCode: REFUSED_ERROR_CODE,
    failureReason: sentenceForAdmin('refused', reason),
    additionalDetails: reason,
  };
}
