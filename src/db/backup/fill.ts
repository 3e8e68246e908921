import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { MIGRATION_LOCK } from '../advisory-locks.ts';
import { sqlState } from '../failures.ts';
import { applyMigrations } from '../migrate.ts';
import { tablesOf, type Migration } from '../migrations.ts';
import type { Connection } from '../open.ts';
import { inTransaction } from '../transaction.ts';
import { quoted, readRelationNames, readTables, stripTables, type Table } from './catalog.ts';
import type { Manifest, TableContent } from './manifest.ts';
import { BackupRefused } from './refusal.ts';
import { withPatience } from './session.ts';

/** Where the rows come from: a back-up that was checked, or another database. */
export interface FillSource {
  readonly migrations: Manifest['migrations'];
  readonly tables: readonly Table[];
  /**
   * Gives every table's rows, one table after another, and answers what was given, which must be
   * what the tables then have. Each call begins anew.
   */
  give(take: (table: string, rows: AsyncIterable<Buffer>) => Promise<void>): Promise<FillContent>;
}

export type FillContent = Pick<Manifest, 'sequences'> & {
  readonly tables: readonly Pick<TableContent, 'name' | 'rows'>[];
};

export interface Filled {
  readonly tables: FillContent['tables'];
  /** Run after the rows were there: the source was of an older version. */
  readonly migrated: readonly string[];
}

export interface FillOptions {
  readonly migrations: readonly Migration[];
  readonly signal?: AbortSignal;
  /** Told when a table is done. */
  readonly onTable?: (table: { name: string; rows: number }) => void;
}

/** Indexes are made anew, in memory as far as it goes. */
const SETTINGS = [
  "set local maintenance_work_mem = '256MB'",
  "set local client_encoding = 'UTF8'",
  "set local datestyle = 'ISO, YMD'",
];

/**
 * Fills an empty database, in one transaction: the schema as it was at the source, the rows, every
 * key and index over them, then the migrations that are newer. Either all of it is there
 * afterwards, or nothing.
 * @throws BackupRefused where the database isn't empty or the rows don't fit; StoreUnavailable
 */
export async function fillDatabase(connection: Connection, source: FillSource, options: FillOptions): Promise<Filled> {
  const { migrations, signal } = options;
  const former = migrationsOf(source, migrations);
  return withPatience(connection, signal, async (db) => {
    const filled = await inTransaction(db, async ({ client }) => {
      for (const setting of SETTINGS) await client.query(setting);
      // A server that starts on the database meanwhile waits here, and then finds it whole.
      await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
      await refuseUnlessEmpty(client);
      await applyMigrations(client, former, { refuseOthers: false });
      const content = await fillTables(client, source, options);
      const migrated = await applyMigrations(client, migrations, { refuseOthers: false });
      return { tables: content.tables, migrated };
    });
    // Whoever comes first should not be planned without statistics.
    await db.pool.query('analyze');
    return filled;
  });
}

/** Those that had been run at the source: a beginning of ours, or it is of a newer version. */
function migrationsOf(source: FillSource, migrations: readonly Migration[]): Migration[] {
  const former = migrations.slice(0, source.migrations.length);
  const unknown = source.migrations.find(({ name }, index) => former[index]?.name !== name);
  if (!unknown) return former;
  throw new BackupRefused(
    `It is of another version of Autoclaim, newer than this one (${unknown.name}). Use that version or a later one.`,
  );
}

async function refuseUnlessEmpty(client: pg.ClientBase): Promise<void> {
  const names = await readRelationNames(client);
  if (names.length === 0) return;
  const shown = names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
  throw new BackupRefused(`The database is not empty: it has ${shown}. Only an empty one can be filled.`);
}

async function fillTables(client: pg.ClientBase, source: FillSource, options: FillOptions): Promise<FillContent> {
  const own = tablesOf(options.migrations);
  const tables = (await readTables(client)).filter(({ name }) => own.has(name));
  compareTables(source.tables, tables);
  const makeAgain = await stripTables(client);
  const counted = new Map<string, number>();
  const content = await source.give(async (name, rows) => {
    const table = source.tables.find((one) => one.name === name);
    if (!table) throw new BackupRefused(`There is no table ${name} in a database of its version.`);
    counted.set(name, await copyInto(client, table, rows, options.signal));
    options.onTable?.({ name, rows: counted.get(name)! });
  });
  for (const { name, rows } of content.tables) {
    if (counted.get(name) !== rows)
      throw new BackupRefused(`${counted.get(name) ?? 0} of ${rows} rows of ${name} came.`);
  }
  for (const { name, lastValue, isCalled } of content.sequences) {
    await client.query('select setval($1::regclass, $2, $3)', [quoted(name), lastValue, isCalled]);
  }
  for (const statement of makeAgain) {
    await client.query(statement).catch((error: unknown) => Promise.reject(explainRows(error, statement)));
  }
  return content;
}

function compareTables(given: readonly Table[], ours: readonly Table[]): void {
  const columnsOf = (tables: readonly Table[]) =>
    new Map(tables.map(({ name, columns }) => [name, columns.toSorted().join()]));
  const [its, wanted] = [columnsOf(given), columnsOf(ours)];
  for (const name of new Set([...its.keys(), ...wanted.keys()])) {
    if (its.get(name) === wanted.get(name)) continue;
    throw new BackupRefused(`Its table ${name} is not as a database of its version has it.`);
  }
}

async function copyInto(
  client: pg.ClientBase,
  { name, columns }: Table,
  rows: AsyncIterable<Buffer>,
  signal: AbortSignal | undefined,
): Promise<number> {
  const copy = client.query(copyFrom(`copy ${quoted(name)} (${columns.map(quoted).join()}) from stdin`));
  try {
    await pipeline(Readable.from(rows, { objectMode: false }), copy, { signal });
  } catch (error) {
    throw explainRows(error, name);
  }
  return copy.rowCount;
}

/** Values that are none (class 22) or break a rule of the schema (23): the rows are not the server's to blame for. */
function explainRows(error: unknown, where: string): unknown {
  if (!/^2[23]/.test(sqlState(error) ?? '')) return error;
  return new BackupRefused(`Its rows don't fit (${where}: ${(error as Error).message}).`, { cause: error });
}
