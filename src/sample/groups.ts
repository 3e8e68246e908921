import { nicknameFrom } from '../engine/directory/group.ts';
import { DEPARTMENT_NAMES, PEOPLE } from './people.ts';
import { sampleId } from './sample-id.ts';

/** One of the sample's groups; members are users and groups by their ids. */
export interface SampleGroup {
  readonly id: string;
  readonly displayName: string;
  readonly description: string;
  readonly mailNickname: string;
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

const members = PEOPLE.filter((person) => person.userType === 'Member');

/** A group for each department, some over these, and some across. */
export const GROUPS: readonly SampleGroup[] = [
  ...DEPARTMENT_NAMES.map((name) =>
    group(
      name,
      `Everybody in ${name}`,
      PEOPLE.filter((person) => person.department === name).map(({ id }) => id),
    ),
  ),
  // Nested: people are in these through the groups of their departments, two levels deep in the last.
  group('Go to market', 'Sales and Marketing together', [], ['Sales', 'Marketing']),
  group(
    'Company',
    'Every employee, through the departments',
    [],
    ['Go to market', ...DEPARTMENT_NAMES.filter((name) => name !== 'Sales' && name !== 'Marketing')],
  ),
  group('Power Apps makers', 'Build apps beside their own work', every(members, 9)),
  group('Diagram authors', 'Draw processes and floor plans in Visio', every(members, 12)),
  group(
    'Guests',
    'People of other organisations',
    PEOPLE.filter(({ userType }) => userType === 'Guest').map(({ id }) => id),
  ),
];

function group(
  displayName: string,
  description: string,
  users: readonly string[],
  names: readonly string[] = [],
): SampleGroup {
  const id = sampleId('group', displayName);
  return {
    id,
    displayName,
    description,
    mailNickname: nicknameFrom(displayName, id),
    users,
    groups: names.map((name) => sampleId('group', name)),
  };
}

function every(people: typeof members, step: number): string[] {
  return people.filter((_, index) => index % step === step - 1).map(({ id }) => id);
}
