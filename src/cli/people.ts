import { EXIT_NOT_FOUND, EXIT_USAGE } from './exit-codes.ts';
import { literal, type Api } from './remote/api.ts';
import { CommandFailure } from './remote/failure.ts';
import type { NamedUser, Names } from './remote/names.ts';
import { readText } from './terminal/input.ts';

/** As many are asked for at once: a filter may compare so often, and an address be so long. */
const ASKED_AT_ONCE = 50;
/** As many names as an error lists before it only counts them. */
const LISTED_MAX = 10;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Of the admin center's export of users. */
const COLUMN = 'user principal name';

/** Somebody whom a command is about. */
export type Person = Pick<NamedUser, 'id' | 'userPrincipalName'>;

/**
 * The people whom arguments and a file name, each once. All are found before anything is done: one
 * who isn't there changes nothing.
 * @param file a CSV file with the column User principal name, or one name or id a line; - for standard input
 */
export async function findPeople(
  named: readonly string[],
  file: string | undefined,
  { api, names }: { readonly api: Api; readonly names: Names },
): Promise<Person[]> {
  const fromFile = file === undefined ? [] : await namesIn(file);
  const people = [...(await Promise.all(named.map((name) => names.user(name)))), ...(await findAll(fromFile, api))];
  if (people.length === 0) throw new CommandFailure('Whom? Name people, or a file with --from-file.', EXIT_USAGE);
  return [...new Map(people.map(({ id, userPrincipalName }) => [id, { id, userPrincipalName }])).values()];
}

async function namesIn(file: string): Promise<string[]> {
  const text = readText(file);
  const { parse } = await import('csv-parse/sync');
  let rows: string[][];
  try {
    rows = parse(text, { bom: true, relax_column_count: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    throw new CommandFailure(`${file} is no CSV: ${(error as Error).message}.`);
  }
  const column = rows[0]?.findIndex((cell) => cell.toLowerCase() === COLUMN) ?? -1;
  const cells = column < 0 ? rows.map(([first]) => first) : rows.slice(1).map((row) => row[column]);
  return cells.filter((cell): cell is string => cell !== undefined && cell !== '');
}

async function findAll(named: readonly string[], api: Api): Promise<Person[]> {
  const found: Person[] = [];
  for (let at = 0; at < named.length; at += ASKED_AT_ONCE) {
    const some = named.slice(at, at + ASKED_AT_ONCE);
    const [ids, userNames] = [some.filter((one) => GUID.test(one)), some.filter((one) => !GUID.test(one))];
    const $filter = [
      ...(ids.length > 0 ? [`id in (${ids.join(',')})`] : []),
      ...(userNames.length > 0 ? [`userPrincipalName in (${userNames.map(literal).join(',')})`] : []),
    ].join(' or ');
    found.push(...(await api.all<Person>('/users', { $filter, $select: 'id,userPrincipalName' })));
  }
  const known = new Set(found.flatMap(({ id, userPrincipalName }) => [id, userPrincipalName.toLowerCase()]));
  const missing = named.filter((one) => !known.has(one.toLowerCase()));
  if (missing.length > 0) {
    const more = missing.length > LISTED_MAX ? [`  and ${missing.length - LISTED_MAX} more`] : [];
    const lines = missing.slice(0, LISTED_MAX).map((one) => `  ${one}`);
    throw new CommandFailure(
      ['Nothing was changed. These users are not there:', ...lines, ...more].join('\n'),
      EXIT_NOT_FOUND,
    );
  }
  return found;
}
