import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { moveDatabase } from '../backup/move.ts';
import type { Filled, FillOptions } from '../backup/fill.ts';
import { ensureCluster, folderOfFormer } from './cluster.ts';
import { requireData } from './embedded.ts';
import { EmbeddedFailure } from './failure.ts';
import { holdFolder } from './folder-lock.ts';
import { preparePlace, type Place } from './place.ts';
import { makePrivateFolder } from './private-folder.ts';
import { findPrograms, type Programs } from './programs.ts';
import { ServerProcess } from './server-process.ts';
import { socketFolderFor } from './socket.ts';

/** Where packages of PostgreSQL put the programs of a major version: Debian, Red Hat, Homebrew. */
const KNOWN_FOLDERS = [
  '/usr/lib/postgresql/%/bin',
  '/usr/pgsql-%/bin',
  '/opt/homebrew/opt/postgresql@%/bin',
  '/usr/local/opt/postgresql@%/bin',
];

export interface Upgraded extends Filled {
  readonly from: string;
  readonly to: string;
  /** The data as they were, of the former version. */
  readonly former: string;
}

/**
 * Brings the data of a folder from an older major version of PostgreSQL to the one that comes
 * along: the old server and a new one run side by side, all is copied and counted, then the folders
 * change places. The old data stay beside.
 * @param oldPrograms the folder of the old version's postgres; undefined: where packages put it
 * @throws EmbeddedFailure where there is nothing to upgrade, or no old version to do it with
 * @throws DataFolderInUse while an Autoclaim serves
 */
export async function upgradeEmbedded(
  dataDirectory: string,
  oldPrograms: string | undefined,
  say: (text: string) => void,
  options: Partial<FillOptions> = {},
): Promise<Upgraded> {
  requireData(dataDirectory);
  const place = preparePlace(dataDirectory, say);
  const programs = findPrograms(place.runAs, say);
  const former = formerPrograms(place, programs, oldPrograms);
  const aside: Place = {
    ...place,
    data: `${place.data}-upgrade`,
    socketFolder: socketFolderFor(`${place.data}-upgrade`),
  };
  await using stopping = new AsyncDisposableStack();
  const oldServer = new ServerProcess(place, former, say);
  await oldServer.start();
  const lock = await holdFolder(oldServer.connection, dataDirectory, (error) => say(error.message));
  stopping.defer(() => oldServer.stop());
  stopping.defer(() => lock.release());
  // What an upgrade that was cut short has left.
  rmSync(aside.data, { recursive: true, force: true });
  makePrivateFolder(aside.socketFolder, place.runAs);
  stopping.defer(() => rmSync(aside.socketFolder, { recursive: true, force: true }));
  ensureCluster(aside, programs);
  const newServer = new ServerProcess(aside, programs, say);
  await newServer.start();
  stopping.defer(() => newServer.stop());
  const filled = await moveDatabase(oldServer.connection, newServer.connection, options);
  await stopping.disposeAsync();
  const kept = folderOfFormer(place, former.majorVersion);
  renameSync(place.data, kept);
  renameSync(aside.data, place.data);
  rmSync(`${aside.data}.log`, { force: true });
  return { ...filled, from: former.majorVersion, to: programs.majorVersion, former: kept };
}

function formerPrograms({ data }: Place, { majorVersion }: Programs, given: string | undefined): Programs {
  const version = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  if (Number(version) === Number(majorVersion)) {
    throw new EmbeddedFailure(`There is nothing to upgrade: the data in ${data} are PostgreSQL ${version}'s already.`);
  }
  if (Number(version) > Number(majorVersion)) {
    throw new EmbeddedFailure(
      `The data in ${data} are PostgreSQL ${version}'s, which is newer than this Autoclaim's ${majorVersion}. Use a newer version of Autoclaim.`,
    );
  }
  const folders = given === undefined ? KNOWN_FOLDERS.map((one) => one.replace('%', version)) : [resolve(given)];
  const folder = folders.find((one) => existsSync(join(one, 'postgres')) && statSync(join(one, 'postgres')).isFile());
  if (folder === undefined) {
    throw new EmbeddedFailure(
      `The data in ${data} can only be read by PostgreSQL ${version}, which is not in ${folders.join(', ')}. Install it, or name its folder with --old-programs.`,
    );
  }
  const { stdout } = spawnSync(join(folder, 'postgres'), ['--version'], { encoding: 'utf8' });
  if (/ (\d+)/.exec(stdout)?.[1] !== version) {
    throw new EmbeddedFailure(
      `${folder} has ${stdout.trim() || 'no PostgreSQL that runs here'}, not PostgreSQL ${version}.`,
    );
  }
  return { folder, majorVersion: version };
}
