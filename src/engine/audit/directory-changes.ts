import { v7 as newId } from 'uuid';
import type { TenantTransaction } from '../tenant/tenancy.ts';

/** That something of a user or a group is another now, for delta queries. What it is, they read themselves. */
export interface DirectoryChange {
  readonly kind: 'user' | 'group';
  readonly id: string;
  /** Of a group: who came in or went out. */
  readonly member?: { readonly id: string; readonly kind: 'user' | 'group' };
}

/**
 * Notes changes that no audit entry of their own tells of, in the transaction that makes them. What
 * has an entry is noted with it (recordAudit).
 */
export async function noteDirectoryChanges(
  tx: Pick<TenantTransaction, 'tenantId' | 'client' | 'now'>,
  changes: readonly DirectoryChange[],
): Promise<void> {
  if (changes.length === 0) return;
  await tx.client.query(
    `insert into directory_changes (tenant_id, change_id, is_user, object_id, member_id, is_member_user, recorded_at)
     select $1, change_id, is_user, object_id, member_id, is_member_user, $2
       from jsonb_to_recordset($3::jsonb)
         as r(change_id uuid, is_user boolean, object_id uuid, member_id uuid, is_member_user boolean)`,
    [tx.tenantId, tx.now, JSON.stringify(changes.map((change) => ({ change_id: newId(), ...changeRow(change) })))],
  );
}

/** A change as its row. */
export function changeRow({ kind, id, member }: DirectoryChange) {
  return {
    is_user: kind === 'user',
    object_id: id,
    member_id: member?.id ?? null,
    is_member_user: member ? member.kind === 'user' : null,
  };
}
