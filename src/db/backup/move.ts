import { readMigrations } from '../migrations.ts';
import type { Connection } from '../open.ts';
import { fillDatabase, type Filled, type FillOptions } from './fill.ts';
import { withSession } from './session.ts';
import { openSnapshot } from './snapshot.ts';
import { Tally } from './tally.ts';

/**
 * Copies all of a database, as of one moment, into an empty one. Nobody may write to the first any
 * more: what is written after that moment stays behind.
 * @throws BackupRefused, StoreUnavailable
 */
export async function moveDatabase(
  from: Connection,
  to: Connection,
  options: Partial<FillOptions> = {},
): Promise<Filled> {
  const migrations = options.migrations ?? (await readMigrations());
  return withSession(from, options.signal, async (client) => {
    const snapshot = await openSnapshot(client, migrations);
    return fillDatabase(
      to,
      {
        migrations: snapshot.migrations,
        tables: snapshot.tables,
        async give(take) {
          const tables = [];
          for (const table of snapshot.tables) {
            const tally = new Tally();
            await take(table.name, tally.over(snapshot.copy(table)));
            tables.push({ name: table.name, rows: tally.close().rows });
          }
          return { tables, sequences: snapshot.sequences };
        },
      },
      { ...options, migrations },
    );
  });
}
