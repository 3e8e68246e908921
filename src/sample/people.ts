import { addressName, GUESTS, OFFICES, type Office } from './names.ts';
import { sampleId } from './sample-id.ts';

/** One of the sample's 250 users. */
export interface Person {
  readonly id: string;
  readonly userPrincipalName: string;
  readonly displayName: string;
  readonly givenName: string;
  readonly surname: string;
  readonly mail: string;
  readonly userType: 'Member' | 'Guest';
  readonly isEnabled: boolean;
  readonly usageLocation: string | null;
  readonly department: string | null;
  readonly jobTitle: string | null;
  readonly companyName: string;
  readonly employeeId: string | null;
  readonly office: Office | undefined;
}

export const DOMAIN = 'contoso.example';

/** The departments, with what people in them are, and how many of 24 people are in each. */
const DEPARTMENTS: readonly (readonly [name: string, share: number, titles: readonly string[]])[] = [
  ['Engineering', 6, ['Software engineer', 'Test engineer', 'Engineering manager']],
  ['Sales', 5, ['Account executive', 'Sales representative', 'Sales manager']],
  ['Operations', 4, ['Field technician', 'Warehouse operator', 'Shift lead']],
  ['Marketing', 3, ['Content designer', 'Campaign manager', 'Market analyst']],
  ['Finance', 2, ['Accountant', 'Controller', 'Payroll specialist']],
  ['Information Technology', 2, ['Systems administrator', 'Service desk analyst', 'Security analyst']],
  ['Human Resources', 1, ['Recruiter', 'People partner', 'Training lead']],
  ['Legal', 1, ['Counsel', 'Contract manager', 'Paralegal']],
];
const SEATING = DEPARTMENTS.flatMap(([name, share, titles]) => Array.from({ length: share }, () => ({ name, titles })));

/** Every so manieth person: without a usage location (direct assignment fails), or blocked. */
const WITHOUT_LOCATION_EVERY = 17;
const BLOCKED_EVERY = 41;

export const DEPARTMENT_NAMES = DEPARTMENTS.map(([name]) => name);

/** Everybody: the administrator, the people of the offices, the guests. */
export const PEOPLE: readonly Person[] = [
  administrator(),
  ...OFFICES.flatMap(peopleOf).map(employee),
  ...GUESTS.map(guest),
];

function administrator(): Person {
  return {
    ...person('Contoso', 'Administrator', `admin@${DOMAIN}`),
    displayName: 'Contoso Administrator',
    usageLocation: 'US',
    department: 'Information Technology',
    jobTitle: 'Global administrator',
    office: OFFICES[0],
  };
}

/** Each pair of names once: the surnames move on by one each time that the given names begin again. */
function peopleOf(office: Office) {
  const { givenNames, surnames, people } = office;
  return Array.from({ length: people }, (_, index) => {
    const [round, place] = [Math.floor(index / givenNames.length), index % givenNames.length];
    return { office, givenName: givenNames[place]!, surname: surnames[(place + round) % surnames.length]! };
  });
}

function employee({ office, givenName, surname }: ReturnType<typeof peopleOf>[number], index: number): Person {
  // 7 and 24 have no common divisor: neighbours in an office sit in different departments.
  const { name, titles } = SEATING[(index * 7) % SEATING.length]!;
  return {
    ...person(givenName, surname, `${addressName(givenName, surname)}@${DOMAIN}`),
    isEnabled: index % BLOCKED_EVERY !== BLOCKED_EVERY - 1,
    usageLocation: index % WITHOUT_LOCATION_EVERY === WITHOUT_LOCATION_EVERY - 1 ? null : office.location,
    department: name,
    jobTitle: titles[index % titles.length]!,
    employeeId: String(100_001 + index),
    office,
  };
}

function guest([givenName, surname, domain]: (typeof GUESTS)[number]): Person {
  const mail = `${addressName(givenName, surname)}@${domain}`;
  // As Microsoft names guests: their own address, and where they are guests.
  return {
    ...person(givenName, surname, `${mail.replace('@', '_')}#EXT#@${DOMAIN}`),
    mail,
    userType: 'Guest',
    companyName: domain.replace('.example', '').replace(/^./, (letter) => letter.toUpperCase()),
  };
}

function person(givenName: string, surname: string, userPrincipalName: string): Person {
  return {
    id: sampleId('user', userPrincipalName),
    userPrincipalName,
    displayName: `${givenName} ${surname}`,
    givenName,
    surname,
    mail: userPrincipalName,
    userType: 'Member',
    isEnabled: true,
    usageLocation: null,
    department: null,
    jobTitle: null,
    companyName: 'Contoso',
    employeeId: null,
    office: undefined,
  };
}
