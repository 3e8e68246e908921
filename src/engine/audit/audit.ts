import { v7 as newId } from 'uuid';
import type { TenantTransaction } from '../tenant/tenancy.ts';
import { changeRow, type DirectoryChange } from './directory-changes.ts';

/** A property before and after, as the audit shows it. */
export interface Change {
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** One entry: what was done to what. Who, when and under which request come from the transaction. */
export interface AuditEntry {
  readonly category:
    | 'UserManagement'
    | 'GroupManagement'
    | 'ApplicationManagement'
    | 'RoleManagement'
    | 'Policy'
    | 'DirectoryManagement'
    | 'KeyManagement';
  /** In people's words, as Microsoft's audit has them: "Add user", "Update policy". */
  readonly activity: string;
  readonly operation: 'Add' | 'Update' | 'Delete' | 'Assign' | 'Unassign';
  readonly target: { readonly type: string; readonly id: string | null; readonly name: string | null };
  readonly changes?: readonly Change[];
  readonly details?: Readonly<Record<string, string>>;
}

/** How many go to PostgreSQL at once: they travel as one JSON text. */
const ENTRIES_PER_STATEMENT_MAX = 1_000;

/** The changes between two states of a thing: only the properties that differ. After null the thing is gone, with all it had. */
export function changesBetween(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>> | null,
): Change[] {
  return Object.keys(after ?? before)
    .filter((name) => JSON.stringify(before[name] ?? null) !== JSON.stringify(after?.[name] ?? null))
    .map((name) => ({ name, before: before[name] ?? null, after: after?.[name] ?? null }));
}

/**
 * Writes what happened, in the transaction of what happened: neither is there without the other. What
 * happened to users and groups is noted for delta queries, too.
 */
export async function recordAudit(
  tx: Pick<TenantTransaction, 'tenantId' | 'client' | 'now' | 'actor' | 'correlationId'>,
  entries: readonly AuditEntry[],
): Promise<void> {
  for (let at = 0; at < entries.length; at += ENTRIES_PER_STATEMENT_MAX) {
    await tx.client.query(
      `with entry as materialized (
         select * from jsonb_to_recordset($5::jsonb) as e(audit_id uuid, category text, activity text, operation text,
                target_type text, target_id text, target_name text, changes jsonb, details jsonb,
                is_user boolean, object_id uuid, member_id uuid, is_member_user boolean)
       ), noted as (
         insert into directory_changes (tenant_id, change_id, is_user, object_id, member_id, is_member_user, recorded_at)
         select $1::uuid, audit_id, is_user, object_id, member_id, is_member_user, $2::timestamptz
           from entry where object_id is not null
       )
       insert into audit_entries (tenant_id, audit_id, happened_at, category, activity, operation, actor,
                                  target_type, target_id, target_name, changes, details, correlation_id)
       select $1::uuid, audit_id, $2::timestamptz, category, activity, operation, $3, target_type, target_id, target_name,
              changes, details, $4
         from entry`,
      [
        tx.tenantId,
        tx.now,
        JSON.stringify(tx.actor),
        tx.correlationId,
        JSON.stringify(entries.slice(at, at + ENTRIES_PER_STATEMENT_MAX).map(rowOf)),
      ],
    );
  }
}

function rowOf(entry: AuditEntry) {
  return {
    audit_id: newId(),
    category: entry.category,
    activity: entry.activity,
    operation: entry.operation,
    target_type: entry.target.type,
    target_id: entry.target.id,
    target_name: entry.target.name,
    changes: entry.changes ?? [],
    details: Object.entries(entry.details ?? {}).map(([key, value]) => ({ key, value })),
    ...directoryChange(entry),
  };
}

/** What an entry says of the directory; of other things nothing. */
function directoryChange({ target, details }: AuditEntry) {
  const kind = ({ User: 'user', Group: 'group' } as const)[target.type];
  if (!kind || target.id === null) return undefined;
  const member =
    kind === 'group' && details?.['MemberId'] !== undefined
      ? { id: details['MemberId'], kind: details['MemberType'] as 'user' | 'group' }
      : undefined;
  return changeRow({ kind, id: target.id, ...(member && { member }) } satisfies DirectoryChange);
}
