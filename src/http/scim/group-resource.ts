import { sql } from 'kysely';
import type { MemberChange, ProvisionedGroup, ProvisionedMember } from '../../engine/provisioning/groups.ts';
import { SCIM_PATH } from './address.ts';
import type { Filterables } from './filter-sql.ts';
import { isObject, type Operation } from './patch.ts';
import { CORE_GROUP } from './schemas.ts';
import { invalidPath, invalidValue } from './scim-error.ts';
import { versionOf } from './user-resource.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What a request says of a group: what is undefined stays. */
export interface GroupWords {
  displayName: string | undefined;
  externalId: string | null | undefined;
  readonly members: MemberChange & { isWhole: boolean; readonly add: Set<string>; readonly remove: Set<string> };
}

export const noWords = (): GroupWords => ({
  displayName: undefined,
  externalId: undefined,
  members: { isWhole: false, add: new Set(), remove: new Set() },
});

/** A whole group, of POST and PUT. @throws ScimError */
export function wholeGroup(body: unknown): GroupWords {
  if (!isObject(body)) throw invalidValue('The body must be an object.');
  const words = noWords();
  words.members.isWhole = true;
  words.externalId = null;
  for (const [key, value] of Object.entries(body)) say(words, 'replace', key, value);
  if (words.displayName === undefined) throw invalidValue('displayName is missing.');
  return words;
}

/** What the operations of a PatchOp come to, one after the other. @throws ScimError */
export function groupWords(operations: readonly Operation[]): GroupWords {
  const words = noWords();
  for (const { op, path, value } of operations) {
    if (path !== undefined) say(words, op, path, value);
    else if (!isObject(value)) throw invalidValue('value must be an object where there is no path.');
    else for (const [key, one] of Object.entries(value)) say(words, op, key, one);
  }
  return words;
}

function say(words: GroupWords, op: Operation['op'], told: string, value: unknown): void {
  const path = told.replace(new RegExp(`^${CORE_GROUP}:`, 'i'), '');
  const one = /^members\s*\[\s*value\s+eq\s+"([^"]*)"\s*\]$/i.exec(path)?.[1];
  if (one !== undefined) {
    if (op !== 'remove') throw invalidPath('members[value eq "…"] can only be removed.');
    leave(words, one);
    return;
  }
  switch (path.toLowerCase()) {
    case 'displayname':
      if (typeof value !== 'string' || value.trim() === '' || value.length > 256)
        throw invalidValue('displayName must be a text of 1 to 256 characters.');
      words.displayName = value;
      return;
    case 'externalid':
      if (op !== 'remove' && value !== null && typeof value !== 'string')
        throw invalidValue('externalId must be a text.');
      words.externalId = op === 'remove' ? null : (value as string | null);
      return;
    case 'members':
      sayMembers(words, op, value);
      return;
    case 'id':
    case 'meta':
    case 'schemas':
      return;
    default:
      throw invalidPath(`path: there is no ${path.slice(0, 100)}.`);
  }
}

function sayMembers(words: GroupWords, op: Operation['op'], value: unknown): void {
  const ids = (value === undefined || value === null ? [] : [value].flat()).map((one: unknown) => {
    const id = isObject(one) ? one['value'] : one;
    if (typeof id !== 'string') throw invalidValue('members must be objects with a value.');
    return id;
  });
  if (op === 'replace' || (op === 'remove' && value === undefined)) {
    words.members.isWhole = true;
    words.members.add.clear();
    words.members.remove.clear();
  }
  for (const id of ids) {
    if (op === 'remove') leave(words, id);
    else {
      const lower = checked(id);
      words.members.add.add(lower);
      words.members.remove.delete(lower);
    }
  }
}

function leave({ members }: GroupWords, id: string): void {
  const lower = checked(id);
  members.add.delete(lower);
  members.remove.add(lower);
}

function checked(id: string): string {
  if (!GUID.test(id)) throw invalidValue(`members: there is no user or group ${id.slice(0, 100)}.`);
  return id.toLowerCase();
}

/** @param members undefined where they weren't asked for */
export function groupResource(
  { id, displayName, createdAt, externalId }: ProvisionedGroup,
  members: readonly ProvisionedMember[] | undefined,
  baseUrl: string,
) {
  const meta = {
    resourceType: 'Group',
    created: createdAt.toISOString(),
    location: `${baseUrl}${SCIM_PATH}/Groups/${id}`,
    ...(members && { version: versionOf([displayName, externalId, members]) }),
  };
  return {
    schemas: [CORE_GROUP],
    id,
    displayName,
    ...(externalId !== null && { externalId }),
    ...(members && {
      members: members.map((one) => ({
        value: one.id,
        $ref: `${baseUrl}${SCIM_PATH}/${one.kind}s/${one.id}`,
        display: one.name,
        type: one.kind,
      })),
    }),
    meta,
  };
}

const hasMember = (id: string) =>
  sql<boolean>`(exists (select from group_users m where m.tenant_id = g.tenant_id and m.group_id = g.group_id and m.user_id = ${id}::uuid)
    or exists (select from group_groups m where m.tenant_id = g.tenant_id and m.group_id = g.group_id and m.member_group_id = ${id}::uuid))`;

/** What groups can be filtered by; `g` is their table, `p` what this client has told. */
export const GROUP_FILTERABLES: Filterables = {
  id: { type: 'guid', sql: sql.ref('g.group_id') },
  externalid: { type: 'exact', sql: sql.ref('p.external_id') },
  displayname: { type: 'text', sql: sql.ref('g.display_name') },
  'meta.created': { type: 'time', sql: sql.ref('g.created_at') },
  members: { type: 'member', has: hasMember },
  'members.value': { type: 'member', has: hasMember },
};
