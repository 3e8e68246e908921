import type { Readable } from 'node:stream';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { MIGRATION_LOCK } from '../advisory-locks.ts';
import { isDistributed } from '../distribute/citus.ts';
import { readApplied } from '../migrate.ts';
import { tablesOf, type Migration } from '../migrations.ts';
import { quoted, readSequenceNames, readTables, type Table } from './catalog.ts';
import type { Manifest, Sequence } from './manifest.ts';
import { BackupRefused } from './refusal.ts';

/** All of a database as of one moment, for as long as its transaction is open. */
export interface Snapshot extends Pick<Manifest, 'postgresql' | 'migrations' | 'sequences'> {
  readonly tables: readonly Table[];
  /** A table's rows in COPY's text form: a line each. One table at a time. */
  copy(table: Table): Readable;
}

/**
 * Opens a snapshot in a transaction of this session, which others don't notice: it takes no lock
 * that a claim waits for.
 * @param migrations those of this version
 * @throws BackupRefused where there is no Autoclaim in the database, or a newer one, or it is distributed
 */
export async function openSnapshot(client: pg.PoolClient, migrations: readonly Migration[]): Promise<Snapshot> {
  // Before the snapshot, so that it doesn't fall into a migration.
  await client.query('select pg_advisory_lock_shared($1)', [MIGRATION_LOCK]);
  await client.query('begin isolation level repeatable read read only');
  const applied = await readSchema(client, migrations);
  if (await isDistributed(client)) {
    throw new BackupRefused(
      'The database is distributed over several nodes, and one file could not be of one moment of all of them. Back up each node (docs/scale.md).',
    );
  }
  const own = tablesOf(migrations);
  const tables = (await readTables(client)).filter(({ name }) => own.has(name));
  // A migration that comes later waits for these, and lets everybody else through (migrate.ts).
  await client.query(`lock table ${tables.map(({ name }) => quoted(name)).join()} in access share mode`);
  await client.query('select pg_advisory_unlock_shared($1)', [MIGRATION_LOCK]);
  const { rows } = await client.query<{ version: string }>(`select current_setting('server_version') as version`);
  return {
    postgresql: rows[0]!.version,
    migrations: applied,
    tables,
    sequences: await readSequences(client, tables),
    copy: ({ name, columns }) =>
      client.query(copyTo(`copy (select ${columns.map(quoted).join()} from ${quoted(name)}) to stdout`)),
  };
}

async function readSchema(client: pg.PoolClient, migrations: readonly Migration[]): Promise<Manifest['migrations']> {
  const { rows } = await client.query<{ is_there: boolean }>(
    "select to_regclass('schema_migrations') is not null as is_there",
  );
  const applied = rows[0]?.is_there ? await readApplied(client) : [];
  if (applied.length === 0) throw new BackupRefused('There is no Autoclaim in that database.');
  const unknown = applied.find((one) => !migrations.some(({ name }) => name === one.name));
  if (unknown) {
    throw new BackupRefused(
      `The database is of a newer version of Autoclaim (${unknown.name}). Use that version's command.`,
    );
  }
  return applied.map(({ version, name }) => ({ version, name }));
}

/** Sequences are outside of transactions: read last, they are at or beyond whatever the snapshot holds. */
async function readSequences(client: pg.PoolClient, tables: readonly Table[]): Promise<Sequence[]> {
  const sequences: Sequence[] = [];
  for (const name of await readSequenceNames(client, tables)) {
    const { rows } = await client.query<{ value: string; is_called: boolean }>(
      `select last_value::text as value, is_called from ${quoted(name)}`,
    );
    sequences.push({ name, lastValue: rows[0]!.value, isCalled: rows[0]!.is_called });
  }
  return sequences;
}
