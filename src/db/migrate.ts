import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { MIGRATION_LOCK } from './advisory-locks.ts';
import type { Database } from './open.ts';
import { inTransaction } from './transaction.ts';

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly isBreaking: boolean;
  readonly sql: string;
}

/** The database was migrated by a newer Autoclaim in a way that this one can't work with. */
export class SchemaTooNew extends Error {
  override readonly name = 'SchemaTooNew';
}

const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../migrations/', import.meta.url));
const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;
/** First line of a migration after which servers of an older version must not start. */
const BREAKING_MARK = '-- breaking';

/**
 * Brings the schema to this version, each missing migration and its record in one transaction.
 * Servers that start at once wait for each other on a lock, and the second finds nothing to do.
 * @returns the names of the migrations that were run
 * @throws SchemaTooNew when the database holds a breaking migration that this version doesn't know
 */
export async function migrate(db: Database): Promise<string[]> {
  const migrations = await readMigrations();
  return inTransaction(db, async ({ client }) => {
    await client.query('set local statement_timeout = 0');
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await client.query(`create table if not exists schema_migrations (
      version integer primary key,
      name text not null,
      is_breaking boolean not null,
      applied_at timestamptz not null default clock_timestamp()
    )`);
    const { rows: applied } = await client.query<{ version: number; name: string; is_breaking: boolean }>(
      'select version, name, is_breaking from schema_migrations order by version',
    );
    const known = new Set(migrations.map((migration) => migration.version));
    const tooNew = applied.find((row) => row.is_breaking && !known.has(row.version));
    if (tooNew) {
      throw new SchemaTooNew(
        `The database was migrated by a newer version of Autoclaim (${tooNew.name}). Start that version or a later one.`,
      );
    }
    const done = new Set(applied.map((row) => row.version));
    const missing = migrations.filter((migration) => !done.has(migration.version));
    for (const migration of missing) {
      await client.query(migration.sql);
      await client.query('insert into schema_migrations (version, name, is_breaking) values ($1, $2, $3)', [
        migration.version,
        migration.name,
        migration.isBreaking,
      ]);
    }
    return missing.map((migration) => migration.name);
  });
}

async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(MIGRATIONS_FOLDER)).filter((name) => FILE_NAME.test(name)).sort();
  if (names.length === 0) throw new Error(`No migrations in ${MIGRATIONS_FOLDER}`);
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(MIGRATIONS_FOLDER + name, 'utf8');
      return {
        version: Number(FILE_NAME.exec(name)?.[1]),
        name: name.replace(/\.sql$/, ''),
        isBreaking: sql.startsWith(BREAKING_MARK),
        sql,
      };
    }),
  );
}
