import { joinEmbedded, startEmbedded } from '../db/embedded/embedded.ts';
import { openDatabase, type Connection } from '../db/open.ts';
import { examine } from '../start-up/store.ts';
import type { CommandContext } from './run.ts';

/** The installation's database as it is, served or not: DATABASE_URL's, or the embedded one. */
export async function reachInstallation({ config, started, say }: CommandContext): Promise<Connection> {
  if (config.databaseUrl !== undefined) return { connectionString: config.databaseUrl };
  const embedded = await joinEmbedded(config.dataDirectory, say);
  started.defer(() => embedded.stop());
  return embedded.connection;
}

/** The database of the settings for this command alone; an embedded one is made where there is none. */
export async function reachAlone(context: CommandContext): Promise<Connection> {
  const { config, started, say } = context;
  if (config.databaseUrl !== undefined) return reachForeign(config.databaseUrl, 'DATABASE_URL', context);
  const embedded = await startEmbedded(config.dataDirectory, say);
  started.defer(() => embedded.stop());
  return embedded.connection;
}

/** Somebody's own PostgreSQL, once it has been looked at. */
export async function reachForeign(url: string, setting: string, { say }: CommandContext): Promise<Connection> {
  const connection = { connectionString: url };
  const db = openDatabase({ ...connection, max: 1 }, () => undefined);
  try {
    await examine(db, say, setting);
  } finally {
    await db.close();
  }
  return connection;
}
