import { addMember } from '../../../src/engine/license/change-members.ts';
import { updateUser } from '../../../src/engine/directory/write-user.ts';
import { deleteUser } from '../../../src/engine/license/delete-user.ts';
import { deleteGroup, removeMember } from '../../../src/engine/license/change-members.ts';
import type { Organisation } from '../model/organisation.ts';
import { concernedBy, isBelowGiving, licenseByGroups, peopleInError } from '../model/group-licensing.ts';
import { deletePerson } from '../model/seats.ts';
import type { Command } from './commands.ts';
import { addPerson } from './found.ts';
import { chosen, doIfAllowed, type Audited, type World } from './world.ts';

type Of<T extends Command['do']> = Extract<Command, { do: T }>;

const PEOPLE_MAX = 9;

export async function join({ tenancy, organisation }: World, { group, member }: Of<'add member'>): Promise<Audited> {
  const { id, own, memberId } = membership(organisation, group, member);
  if (id === undefined) return 0;
  const isAllowed = memberId !== id && !own.has(memberId);
  const outcome = await doIfAllowed(isAllowed, addMember(tenancy, id, memberId));
  own.add(memberId);
  if (memberId === id) own.delete(memberId);
  if (outcome) licenseChanged(organisation, id, memberId);
  return outcome ? 'as it changed' : 0;
}

export async function leave(
  { tenancy, organisation }: World,
  { group, member }: Of<'remove member'>,
): Promise<Audited> {
  const { id, own, memberId } = membership(organisation, group, member);
  if (id === undefined) return 0;
  const outcome = await doIfAllowed(own.has(memberId), removeMember(tenancy, id, memberId));
  own.delete(memberId);
  if (outcome) licenseChanged(organisation, id, memberId);
  return outcome ? 'as it changed' : 0;
}

/** Who has come into a group, or left it, has what groups give from now on: a person, or all those in a group. */
function licenseChanged(organisation: Organisation, groupId: string, memberId: string): void {
  if (!isBelowGiving(organisation, groupId)) return;
  const isGroup = organisation.groups.has(memberId);
  licenseByGroups(organisation, isGroup ? concernedBy(organisation, [memberId]) : [memberId]);
}

function membership({ groups, people }: Organisation, group: number, member: number) {
  const id = chosen([...groups.keys()], group);
  const there = [...people.filter(({ isDeleted }) => !isDeleted).map((person) => person.id), ...groups.keys()];
  return { id, own: groups.get(id ?? '') ?? new Set<string>(), memberId: chosen(there, member) ?? '' };
}

export async function disband({ tenancy, organisation }: World, { group }: Of<'delete group'>): Promise<Audited> {
  const id = chosen([...organisation.groups.keys()], group);
  if (id === undefined) return 0;
  const licenses = organisation.licenses.some(({ paths }) =>
    paths.some((path) => path.kind === 'group' && path.groupId === id),
  );
  const gives = (organisation.given.get(id)?.size ?? 0) > 0;
  const outcome = await doIfAllowed(!licenses && !gives, deleteGroup(tenancy, id));
  if (!outcome) return 0;
  const concerned = isBelowGiving(organisation, id) ? concernedBy(organisation, [id]) : [];
  organisation.groups.delete(id);
  for (const members of organisation.groups.values()) members.delete(id);
  licenseByGroups(organisation, concerned);
  return 'as it changed';
}

export async function hire({ tenancy, organisation }: World, { guest, location }: Of<'add person'>): Promise<Audited> {
  const { people } = organisation;
  if (people.length >= PEOPLE_MAX) return 0;
  people.push(await addPerson(tenancy, 'later', people.length, { blocked: false, guest, location }));
  return 'as it changed';
}

export async function editPerson(
  { tenancy, organisation }: World,
  { who, blocked, guest, location }: Of<'edit person'>,
): Promise<Audited> {
  const person = chosen(organisation.people, who)!;
  const outcome = await doIfAllowed(
    !person.isDeleted,
    updateUser(tenancy, person.id, {
      ...(blocked !== undefined && { accountEnabled: !blocked }),
      ...(guest !== undefined && { userType: guest ? 'Guest' : 'Member' }),
      ...(location !== undefined && { usageLocation: location }),
    }),
  );
  if (!outcome) return 0;
  person.isBlocked = blocked ?? person.isBlocked;
  person.isGuest = guest ?? person.isGuest;
  if (location !== undefined && location !== person.location) {
    person.location = location;
    if (peopleInError(organisation).includes(person.id)) licenseByGroups(organisation, [person.id]);
  }
  return 'as it changed';
}

export async function dismiss({ tenancy, organisation }: World, { who }: Of<'delete person'>): Promise<Audited> {
  const person = chosen(organisation.people, who)!;
  const outcome = await doIfAllowed(!person.isDeleted, deleteUser(tenancy, person.id));
  if (!outcome) return 0;
  deletePerson(organisation, person.id);
  return 'as it changed';
}
