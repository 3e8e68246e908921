import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { holdFolder } from './folder-lock.ts';
import { preparePlace, type Place } from './place.ts';
import { DATABASE_USER, ServerProcess } from './server-process.ts';

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
 * @throws DataFolderInUse within 2 s where another Autoclaim uses the folder
 */
export async function startEmbedded(dataDirectory: string, say: (text: string) => void): Promise<EmbeddedServer> {
  const place = preparePlace(dataDirectory, say);
  if (!existsSync(place.data)) initialise(place);
  const server = new ServerProcess(place, say);
  const wasRunning = await server.start();
  const lock = await holdFolder(server.connection, dataDirectory).catch(async (error: unknown) => {
    // A server that this process started is nobody else's: it goes with the refusal.
    if (!wasRunning) await server.stop();
    throw error;
  });
  server.keepAlive();
  return {
    connection: server.connection,
    async stop() {
      await lock.release();
      await server.stop();
    },
  };
}

function initialise(place: Place): void {
  // Aside, then renamed: an initdb that was cut short leaves nothing that looks like a database.
  const part = `${place.data}.new`;
  rmSync(part, { recursive: true, force: true });
  const { status, stderr, error } = spawnSync(
    join(place.programs, 'initdb'),
    [
      '-D',
      part,
      `--username=${DATABASE_USER}`,
      // Who may connect is decided by the socket's folder, which only its owner can enter.
      '--auth=trust',
      '--encoding=UTF8',
      // PostgreSQL's own C.UTF-8: the same order and the same lower() on every machine.
      '--locale-provider=builtin',
      '--locale=C.UTF-8',
      '--no-instructions',
    ],
    { encoding: 'utf8', cwd: '/', uid: place.runAs?.uid, gid: place.runAs?.gid },
  );
  if (status !== 0) throw new Error(`PostgreSQL's initdb failed: ${error?.message ?? stderr}`);
  renameSync(part, place.data);
}
