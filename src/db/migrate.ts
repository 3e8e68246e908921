import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { MIGRATION_LOCK, SCHEMA_IN_USE_LOCK } from './advisory-locks.ts';
import { isDistributed } from './distribute/citus.ts';
import { distributeNewTables } from './distribute/distribute-tables.ts';
import { sqlState } from './failures.ts';
import { readMigrations, type Migration } from './migrations.ts';
import { unhurried, type Database } from './open.ts';
import { inTransaction } from './transaction.ts';

/** The database was migrated by a newer Autoclaim in a way that this one can't work with. */
export class SchemaTooNew extends Error {
  override readonly name = 'SchemaTooNew';
}

/** The schema can't be changed at this moment: the message says what is in the way. */
export class SchemaInUse extends Error {
  override readonly name = 'SchemaInUse';
}

/**
 * How long a migration waits for a table that somebody reads for long (a back-up). Who waits for a
 * table in vain holds up everybody behind it: sign-ins too, for so long.
 */
const TABLE_WAIT_MS = 2_000;
const RETRY_PAUSE_MS = 3_000;
/** After so much of trying the start fails, and says why. */
const TRY_FOR_MS = 600_000;
/** How long a breaking migration waits for servers that are just ending. */
const SERVERS_WAIT_MS = 5_000;
const SERVERS_RETRY_MS = 200;

/**
 * A line of a migration: what follows needs the tables before it distributed, where the database is
 * (foreign keys from a new table of the tenants to another).
 */
const ONCE_DISTRIBUTED = /^-- once distributed$/m;

export interface MigrateOptions {
  readonly migrations?: readonly Migration[];
  /** For how long tables that others use are waited for, in all. */
  readonly tryForMs?: number;
  /** Told when there is something to wait for. */
  readonly say?: (text: string) => void;
}

/**
 * Brings the schema to this version, all missing migrations and their records in one transaction.
 * Servers that start at once wait for each other on a lock, and the second finds nothing to do.
 * Older servers may go on serving meanwhile, unless a migration is breaking.
 * @returns the names of the migrations that were run
 * @throws SchemaTooNew when the database holds a breaking migration that this version doesn't know
 * @throws SchemaInUse where tables stay in use, or a breaking migration finds servers that run
 */
export async function migrate(db: Database, options: MigrateOptions = {}): Promise<string[]> {
  const { migrations = await readMigrations(), tryForMs = TRY_FOR_MS, say } = options;
  const until = performance.now() + tryForMs;
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await inTransaction(db, async ({ client }) => {
        await client.query('set local statement_timeout = 0');
        await client.query(unhurried('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]));
        await client.query(`set local lock_timeout = ${TABLE_WAIT_MS}`);
        return applyMigrations(client, migrations, { refuseOthers: true });
      });
    } catch (error) {
      if (sqlState(error) !== '55P03') throw error;
      if (performance.now() > until) {
        throw new SchemaInUse(
          "The database can't be migrated: other sessions keep its tables in use (a back-up, a long transaction). Let them end, then start again.",
          { cause: error },
        );
      }
      if (isFirst) say?.('Waiting to migrate the database: its tables are in use (a back-up, a long transaction) …');
      await sleep(RETRY_PAUSE_MS);
    }
  }
}

/**
 * Runs the migrations that are missing, in the caller's transaction, which holds the migration lock
 * (or is alone in its database).
 * @param options.refuseOthers a breaking migration makes sure that no server runs
 * @returns the names of those that were run
 */
export async function applyMigrations(
  client: pg.ClientBase,
  migrations: readonly Migration[],
  options: { refuseOthers: boolean },
): Promise<string[]> {
  await client.query(`create table if not exists schema_migrations (
    version integer primary key,
    name text not null,
    is_breaking boolean not null,
    applied_at timestamptz not null default clock_timestamp()
  )`);
  const applied = await readApplied(client);
  refuseTooNew(applied, migrations);
  const done = new Set(applied.map((row) => row.version));
  const missing = migrations.filter((migration) => !done.has(migration.version));
  const breaking = missing.find(({ isBreaking }) => isBreaking);
  // An empty database has nobody to break.
  if (breaking && options.refuseOthers && applied.length > 0) await refuseWhileServed(client, breaking);
  const isSpread = missing.length > 0 && (await isDistributed(client));
  for (const migration of missing) {
    const [tables, keys] = migration.sql.split(ONCE_DISTRIBUTED);
    await client.query(unhurried(tables!));
    if (isSpread) await distributeNewTables(client);
    if (keys !== undefined) await client.query(unhurried(keys));
    await client.query('insert into schema_migrations (version, name, is_breaking) values ($1, $2, $3)', [
      migration.version,
      migration.name,
      migration.isBreaking,
    ]);
  }
  return missing.map((migration) => migration.name);
}

export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  readonly is_breaking: boolean;
}

/** What has been run on this database, in order. Its table must be there. */
export async function readApplied(client: Pick<pg.ClientBase, 'query'>): Promise<AppliedMigration[]> {
  const { rows } = await client.query<AppliedMigration>(
    'select version, name, is_breaking from schema_migrations order by version',
  );
  return rows;
}

/** @throws SchemaTooNew where the database holds a breaking migration that is not among these */
export function refuseTooNew(applied: readonly AppliedMigration[], migrations: readonly Migration[]): void {
  const known = new Set(migrations.map((migration) => migration.version));
  const tooNew = applied.find((row) => row.is_breaking && !known.has(row.version));
  if (!tooNew) return;
  throw new SchemaTooNew(
    `The database was migrated by a newer version of Autoclaim (${tooNew.name}). Start that version or a later one.`,
  );
}

/**
 * Every server holds this lock shared for as long as it lives (held-schema.ts); it is taken to the
 * end of the transaction here, so that a server that starts meanwhile waits, and then sees the migration.
 */
async function refuseWhileServed(client: pg.ClientBase, breaking: Migration): Promise<void> {
  const until = performance.now() + SERVERS_WAIT_MS;
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_xact_lock($1) as taken', [
      SCHEMA_IN_USE_LOCK,
    ]);
    if (rows[0]?.taken) return;
    if (performance.now() > until) break;
    await sleep(SERVERS_RETRY_MS);
  }
  throw new SchemaInUse(
    `This version changes the database in a way that servers of the version before can't work with (${breaking.name}), and such servers are running on it. Stop them all, then start this one. Nothing was changed.`,
  );
}
