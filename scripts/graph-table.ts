import { readFile, writeFile } from 'node:fs/promises';
import { pino } from 'pino';
import { readConfig } from '../src/config.ts';
import { openDatabase } from '../src/db/open.ts';
import { createApp } from '../src/http/app.ts';
import { DIFFERENCES, isOurs, MISSING, OUR_OWN } from './graph-differences.ts';

// Writes the tables of docs/graph.md from the routes as they are: `node scripts/graph-table.ts`.
// test/api/graph-table.test.ts fails while they aren't what this would write.

const PAGE = new URL('../docs/graph.md', import.meta.url);
/** What lists take, all of them. */
const OF_LISTS = ['$top', '$select', '$filter', '$search', '$orderby', '$count', '$skiptoken'];

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}
interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** The page with its tables as they should be. @param described the API's own description */
export function withTables(page: string, described: Described): string {
  return [
    ['there', thereTable(described)],
    ['missing', missingTable()],
  ].reduce((text, [name, table]) => {
    const marked = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`);
    if (!marked.test(text)) throw new Error(`docs/graph.md has no place for the table "${name}".`);
    return text.replace(marked, (_all, begin: string, end: string) => `${begin}\n${table}\n\n${end}`);
  }, page);
}

/** Of each request of Graph's whether and how it differs. @throws Error for a route that nothing says that of */
function thereTable({ paths }: Described): string {
  const known = new Set<string>();
  const rows = Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1.0/') && !isOurs(path))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, operation]) => {
        const name = `${method.toUpperCase()} ${path.replace('/v1.0', '')}`;
        if (OUR_OWN.includes(name)) {
          known.add(name);
          return [];
        }
        const difference = DIFFERENCES[name];
        if (difference === undefined)
          throw new Error(
            `${name} is new: say in scripts/graph-differences.ts how it differs from Graph's, or that it is ours.`,
          );
        known.add(name);
        return [`| \`${name}\` | ${operation.summary ?? ''} | ${optionsOf(operation)} | ${difference} |`];
      }),
    );
  const gone = [...Object.keys(DIFFERENCES), ...OUR_OWN].find((name) => !known.has(name));
  if (gone !== undefined) throw new Error(`scripts/graph-differences.ts speaks of ${gone}, which isn't there.`);
  return ['| request | | query options | what differs, and why |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function optionsOf({ parameters = [] }: Operation): string {
  const options = parameters.filter((one) => one.in === 'query').map(({ name }) => name);
  const isList = OF_LISTS.every((name) => options.includes(name));
  const shown = isList ? ['all of a list', ...options.filter((name) => !OF_LISTS.includes(name))] : options;
  return shown.map((name) => (name.startsWith('$') ? `\`${name}\`` : name)).join(', ');
}

function missingTable(): string {
  const rows = MISSING.map(([request, why]) => `| \`${request}\` | ${why} |`);
  return ['| not there | why, and what to do |', '| --- | --- |', ...rows].join('\n');
}

/** The routes' own description, without a database: nothing is asked. */
async function describe(): Promise<Described> {
  const config = readConfig({});
  const db = openDatabase({ host: '/nowhere', database: 'none', user: 'nobody' }, () => undefined);
  const app = await createApp({ config, db }, pino({ level: 'silent' }));
  await app.ready();
  const answer = await app.inject({ method: 'GET', url: '/openapi.json' });
  await app.close();
  await db.close();
  return answer.json<Described>();
}

if (import.meta.main) {
  const page = await readFile(PAGE, 'utf8');
  await writeFile(PAGE, withTables(page, await describe()));
}
