import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { ensureCluster } from './cluster.ts';
import { EmbeddedFailure } from './failure.ts';
import { DataFolderInUse, holdFolder } from './folder-lock.ts';
import { refuseMoved } from './moved.ts';
import { preparePlace } from './place.ts';
import { findPrograms } from './programs.ts';
import { ServerProcess } from './server-process.ts';

/** The embedded PostgreSQL, running, and this process the only Autoclaim on its folder. */
export interface EmbeddedServer {
  /** How to connect: the socket's folder, a user and a database. There is no TCP port. */
  readonly connection: pg.PoolConfig;
  /** Fast shutdown: returns when the data are safely closed. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL of a data folder, or adopts the one that a killed Autoclaim left running
 * there. One that dies later is started again.
 * @param say tells the person at the terminal where folders had to be chosen for them
 * @param onLost told, long after the start, where another Autoclaim took the folder: this one must
 *   end, and leave the server to the other
 * @throws DataFolderInUse within 2 s where another Autoclaim uses the folder
 * @throws EmbeddedFailure where it can't run here, with the reason in plain words
 */
export async function startEmbedded(
  dataDirectory: string,
  say: (text: string) => void,
  onLost: (error: DataFolderInUse) => void = (error) => say(error.message),
): Promise<EmbeddedServer> {
  refuseMoved(dataDirectory);
  const place = preparePlace(dataDirectory, say);
  const programs = findPrograms(place.runAs, say);
  ensureCluster(place, programs);
  const server = new ServerProcess(place, programs, say);
  await server.start();
  const lock = await holdFolder(server.connection, dataDirectory, onLost).catch(async (error: unknown) => {
    // Where another Autoclaim holds the folder, the server is that one's, whoever started it.
    if (!(error instanceof DataFolderInUse) && server.isOurs) await server.stop();
    throw error;
  });
  server.keepAlive();
  return {
    connection: server.connection,
    async stop() {
      // The lock goes with the server, not before it: nobody may adopt a server that is ending.
      const stopped = server.stop();
      await lock.release();
      await stopped;
    },
  };
}

/**
 * The embedded PostgreSQL of a folder that has one, for a command: started for it, or, where an
 * Autoclaim serves meanwhile, that one's as it runs, which stop then leaves alone.
 * @throws EmbeddedFailure where there is none, or it can't run here
 */
export async function joinEmbedded(dataDirectory: string, say: (text: string) => void): Promise<EmbeddedServer> {
  requireData(dataDirectory);
  try {
    return await startEmbedded(dataDirectory, say);
  } catch (error) {
    if (!(error instanceof DataFolderInUse)) throw error;
    const place = preparePlace(dataDirectory, say);
    const { connection } = new ServerProcess(place, findPrograms(place.runAs, say), say);
    return { connection, stop: async () => undefined };
  }
}

/** @throws EmbeddedFailure where no Autoclaim has ever been in that folder */
export function requireData(dataDirectory: string): void {
  if (existsSync(join(dataDirectory, 'postgresql'))) return;
  throw new EmbeddedFailure(
    `There is no database in the data folder ${dataDirectory}. Set AUTOCLAIM_DATA_DIR to the folder of your installation, or DATABASE_URL to your PostgreSQL.`,
  );
}
