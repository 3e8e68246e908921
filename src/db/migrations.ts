import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** One file of migrations/. */
export interface Migration {
  readonly version: number;
  /** The file's name without its end: `0001_start`. */
  readonly name: string;
  /** Servers of an older version must not run on the schema that it leaves. */
  readonly isBreaking: boolean;
  readonly sql: string;
}

const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../migrations/', import.meta.url));
const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;
/** First line of a migration after which servers of an older version must not start. */
const BREAKING_MARK = '-- breaking';
const CREATED_TABLE = /^create (?:unlogged )?table (?:if not exists )?([a-z_][a-z0-9_]*)/gim;

/** The migrations that this version of Autoclaim brings, in order. */
export async function readMigrations(folder = MIGRATIONS_FOLDER): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => FILE_NAME.test(name)).sort();
  if (names.length === 0) throw new Error(`No migrations in ${folder}`);
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(`${folder.replace(/\/$/, '')}/${name}`, 'utf8');
      return {
        version: Number(FILE_NAME.exec(name)?.[1]),
        name: name.replace(/\.sql$/, ''),
        isBreaking: sql.startsWith(BREAKING_MARK),
        sql,
      };
    }),
  );
}

/** The tables that migrations make: which of a database's are Autoclaim's own. Some may be gone again. */
export function tablesOf(migrations: readonly Migration[]): ReadonlySet<string> {
  return new Set(migrations.flatMap(({ sql }) => [...sql.matchAll(CREATED_TABLE)].map((match) => match[1]!)));
}
