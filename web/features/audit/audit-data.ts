import { literal, query, searchText } from '../../ui/api.ts';
import type { ListState } from '../../ui/list/list-state.ts';

/** An entry, as Graph's directoryAudit. */
export interface AuditEntry {
  readonly id: string;
  readonly activityDateTime: string;
  readonly activityDisplayName: string;
  readonly category: string;
  readonly operationType: string;
  readonly correlationId: string | null;
  readonly initiatedBy: {
    readonly app: { readonly displayName: string | null } | null;
    readonly user: { readonly displayName: string | null; readonly userPrincipalName: string | null } | null;
  };
  readonly targetResources: readonly {
    readonly id: string | null;
    readonly displayName: string | null;
    readonly type: string;
    readonly modifiedProperties: readonly Modified[];
  }[];
  readonly additionalDetails: readonly { readonly key: string; readonly value: string | null }[];
}

/** A property before and after, each as JSON. */
export interface Modified {
  readonly displayName: string;
  readonly oldValue: string | null;
  readonly newValue: string | null;
}

/** The API's categories, and what they are on screen. */
export const CATEGORIES: Readonly<Record<string, string>> = {
  UserManagement: 'Users',
  GroupManagement: 'Groups',
  ApplicationManagement: 'Apps',
  RoleManagement: 'Roles',
  Policy: 'Auto-claim',
  DirectoryManagement: 'Products and organisation',
  KeyManagement: 'Keys',
};

export const OPERATIONS = {
  Add: 'Add',
  Update: 'Update',
  Delete: 'Delete',
  Assign: 'Assign',
  Unassign: 'Unassign',
} as const;

/** Filters by their name in the address. */
export const FILTERS = ['category', 'operation'] as const;

/** The entries of a period that the list is narrowed to. */
export function auditPath(state: ListState, { from, to }: { from: string; to?: string }, top: number): string {
  const [category, operation] = FILTERS.map((name) => state.filter(name));
  const filter = [
    `activityDateTime ge ${from}`,
    to && `activityDateTime lt ${to}`,
    category && `category eq ${literal(category)}`,
    operation && `operationType eq ${literal(operation)}`,
  ];
  return `/v1.0/auditLogs/directoryAudits${query({
    $filter: filter.filter(Boolean).join(' and '),
    $search: searchText(state.search),
    $orderby: state.order,
    $top: top,
    $count: true,
  })}`;
}

/** Who did it: a person, an app, or Autoclaim itself. */
export function actorOf({ initiatedBy: { user, app } }: AuditEntry): { name: string; detail: string } {
  if (user)
    return { name: user.displayName ?? user.userPrincipalName ?? 'A person', detail: user.userPrincipalName ?? '' };
  return { name: app?.displayName ?? 'Autoclaim', detail: 'App' };
}

/** What it was done to. */
export function targetOf({ targetResources: [target] }: AuditEntry): { name: string; type: string } {
  return { name: target?.displayName ?? target?.id ?? '–', type: target?.type ?? '' };
}
