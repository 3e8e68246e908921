import type { Selectable, Updateable } from 'kysely';
import type { GroupsTable } from '../../db/group-tables.ts';

/** What can be written of a group, by the names on the wire. */
export type GroupValues = {
  readonly displayName: string;
  readonly description: string | null;
  readonly mailNickname: string;
  readonly mailEnabled: boolean;
  readonly securityEnabled: boolean;
  /** Empty, or Unified for a Microsoft 365 group. */
  readonly groupTypes: readonly string[];
  readonly visibility: string | null;
};

/** A group to add. */
export type NewGroup = Pick<GroupValues, 'displayName'> & Partial<GroupValues>;

const GROUP_COLUMNS = {
  displayName: 'display_name',
  description: 'description',
  mailNickname: 'mail_nickname',
  mailEnabled: 'is_mail_enabled',
  securityEnabled: 'is_security_enabled',
  groupTypes: 'group_types',
  visibility: 'visibility',
} as const satisfies Record<keyof GroupValues, keyof GroupsTable>;

const GROUP_PROPERTIES = Object.keys(GROUP_COLUMNS) as (keyof GroupValues)[];

/** A group's values as columns; those that aren't given are left out. */
export function groupColumns(values: Partial<GroupValues>): Updateable<GroupsTable> {
  const given = GROUP_PROPERTIES.filter((name) => values[name] !== undefined);
  return Object.fromEntries(given.map((name) => [GROUP_COLUMNS[name], values[name]]));
}

/** The values of a row, as the audit compares them. */
export function groupValues(row: Selectable<GroupsTable>): GroupValues {
  return Object.fromEntries(GROUP_PROPERTIES.map((name) => [name, row[GROUP_COLUMNS[name]]])) as unknown as GroupValues;
}

/** A nickname from a name: the letters and digits of ASCII, as mail addresses have them. */
export function nicknameFrom(displayName: string, id: string): string {
  return displayName.replace(/[^\w.-]/g, '').slice(0, 64) || id;
}
