import { nameOf } from './people.ts';

/** The columns of the admin center's user export, in its order. */
const COLUMNS = [
  ...['Display name', 'DirSyncEnabled', 'User principal name', 'Object Id', 'First name', 'Last name', 'When created'],
  ...[
    'Soft deletion time stamp',
    'Title',
    'Department',
    'Preferred data location',
    'City',
    'CountryOrRegion',
    'Office',
  ],
  ...[
    'StateOrProvince',
    'Usage location',
    'Last dirsync time',
    'Block credential',
    'Licenses',
    'Password never expires',
  ],
  ...['Last password change time stamp', 'Mobile Phone', 'Phone number', 'Postal code', 'Preferred language'],
  ...['Street address', 'Fax', 'Proxy addresses'],
] as const;

type Column = (typeof COLUMNS)[number];

/** A user export of so many people, as the admin center would write it. */
export function userTable(people: number): Buffer<ArrayBuffer> {
  const lines = [COLUMNS.join(',')];
  for (let person = 0; person < people; person += 1) {
    const cells = cellsOf(person);
    lines.push(COLUMNS.map((column) => quoted(cells[column] ?? '')).join(','));
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

function cellsOf(person: number): Partial<Record<Column, string>> {
  const name = nameOf(person);
  return {
    'Display name': `Person Number ${person}`,
    DirSyncEnabled: 'False',
    'User principal name': name,
    'First name': 'Person',
    'Last name': `Number ${person}`,
    'When created': '2022-03-18 19:49:35Z',
    Title: `Engineer, grade ${person % 7}`,
    Department: `Department ${person % 40}`,
    City: 'Seattle',
    CountryOrRegion: 'United States',
    Office: `${person % 30}/${person % 2_000}`,
    StateOrProvince: 'WA',
    'Usage location': 'US',
    'Block credential': person % 50 === 0 ? 'True' : 'False',
    Licenses: 'Unlicensed',
    'Password never expires': 'False',
    'Last password change time stamp': '2022-03-18 19:49:35Z',
    'Phone number': `+1 425 555 ${String(person % 10_000).padStart(4, '0')}`,
    'Postal code': '98052',
    'Preferred language': 'en-US',
    'Street address': `${person % 900} Example Way`,
    'Proxy addresses': `SMTP:${name}`,
  };
}

function quoted(cell: string): string {
  return cell.includes(',') ? `"${cell}"` : cell;
}
