import { v7 as newId } from 'uuid';
import type { TenantTransaction } from '../tenant/tenancy.ts';

/** A property before and after, as the audit shows it. */
export interface Change {
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** One entry: what was done to what. Who, when and under which request come from the transaction. */
export interface AuditEntry {
  readonly category:
    'UserManagement' | 'GroupManagement' | 'ApplicationManagement' | 'Policy' | 'DirectoryManagement' | 'KeyManagement';
  /** In people's words, as Microsoft's audit has them: "Add user", "Update policy". */
  readonly activity: string;
  readonly operation: 'Add' | 'Update' | 'Delete' | 'Assign' | 'Unassign';
  readonly target: { readonly type: string; readonly id: string | null; readonly name: string | null };
  readonly changes?: readonly Change[];
  readonly details?: Readonly<Record<string, string>>;
}

/** PostgreSQL takes at most 65,535 parameters in a statement, and an entry has 13. */
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

/** Writes what happened, in the transaction of what happened: neither is there without the other. */
export async function recordAudit(tx: TenantTransaction, entries: readonly AuditEntry[]): Promise<void> {
  for (let at = 0; at < entries.length; at += ENTRIES_PER_STATEMENT_MAX) {
    const part = entries.slice(at, at + ENTRIES_PER_STATEMENT_MAX);
    await tx.query
      .insertInto('audit_entries')
      .values(part.map((entry) => rowOf(tx, entry)))
      .execute();
  }
}

function rowOf(tx: TenantTransaction, entry: AuditEntry) {
  return {
    tenant_id: tx.tenantId,
    audit_id: newId(),
    happened_at: tx.now,
    category: entry.category,
    activity: entry.activity,
    operation: entry.operation,
    actor: JSON.stringify(tx.actor),
    target_type: entry.target.type,
    target_id: entry.target.id,
    target_name: entry.target.name,
    changes: JSON.stringify(entry.changes ?? []),
    details: JSON.stringify(Object.entries(entry.details ?? {}).map(([key, value]) => ({ key, value }))),
    correlation_id: tx.correlationId,
  };
}
