import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EmbeddedFailure } from './failure.ts';
import type { Place } from './place.ts';
import type { Programs } from './programs.ts';
import { isAlive } from './process-id.ts';

export const DATABASE_USER = 'autoclaim';
const FORMER = '-of-version-';

/**
 * Makes PostgreSQL's data folder where there is none.
 * @throws EmbeddedFailure where it is of another version of PostgreSQL, or can't be made
 */
export function ensureCluster(place: Place, programs: Programs): void {
  if (!existsSync(place.data)) initialise(place, programs);
  const version = readFileSync(join(place.data, 'PG_VERSION'), 'utf8').trim();
  if (version !== programs.majorVersion) {
    throw new EmbeddedFailure(
      `The data in ${place.data} are PostgreSQL ${version}'s, and this Autoclaim brings ${programs.majorVersion}. Nothing was changed. ${
        Number(version) < Number(programs.majorVersion)
          ? 'To bring them over: autoclaim db upgrade. Or start the version of Autoclaim that made them.'
          : 'Start the version of Autoclaim that made them.'
      }`,
    );
  }
}

/**
 * Aside, then renamed: an initdb that was cut short leaves nothing that looks like a database. The
 * folder aside carries this process's id, since another Autoclaim may be at the same.
 */
function initialise(place: Place, programs: Programs): void {
  refuseHalfUpgraded(place);
  removeAbandoned(place);
  const part = `${place.data}.new.${process.pid}`;
  const options = [
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
  ];
  const { status, stderr, error } = spawnSync(join(programs.folder, 'initdb'), options, {
    encoding: 'utf8',
    cwd: '/',
    env: { LC_ALL: 'C' },
    uid: place.runAs?.uid,
    gid: place.runAs?.gid,
  });
  if (status !== 0) {
    rmSync(part, { recursive: true, force: true });
    throw new EmbeddedFailure(
      `PostgreSQL's data folder ${place.data} can't be made: ${error?.message ?? stderr.trim()}`,
    );
  }
  try {
    renameSync(part, place.data);
  } catch (failure) {
    rmSync(part, { recursive: true, force: true });
    // Another Autoclaim was faster; who goes on is for the folder's lock to decide.
    if (!existsSync(place.data)) throw failure;
  }
  flushNames(dirname(place.data));
}

/** Where an upgrade leaves the data of a former major version; a free name. */
export function folderOfFormer({ data }: Place, majorVersion: string): string {
  const plain = `${data}${FORMER}${majorVersion}`;
  return existsSync(plain) ? `${plain}-${new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14)}` : plain;
}

/** Between the two renames that end an upgrade there are no data: nothing new may be begun in their place. */
function refuseHalfUpgraded({ data }: Place): void {
  const [upgraded] = [`${data}-upgrade`].filter((path) => existsSync(path));
  const former = readdirSync(dirname(data)).find((name) => name.startsWith(`${basename(data)}${FORMER}`));
  if (former === undefined) return;
  const path = upgraded ?? join(dirname(data), former);
  throw new EmbeddedFailure(
    `There are no data in ${data}: an upgrade of PostgreSQL was cut short at its last step. To end it, rename ${path} to ${data}; to begin with nothing instead, move ${join(dirname(data), former)} away.`,
  );
}

/** What killed processes have left of an initdb. */
function removeAbandoned({ data }: Place): void {
  const prefix = `${basename(data)}.new.`;
  for (const name of readdirSync(dirname(data))) {
    if (!name.startsWith(prefix) || isAlive(Number(name.slice(prefix.length)))) continue;
    try {
      rmSync(join(dirname(data), name), { recursive: true, force: true });
    } catch {
      // The killed one's initdb is still at it. It fails without its files; a later start takes the rest away.
    }
  }
}

/** A power loss must not take back the rename when it has left the data. */
function flushNames(folder: string): void {
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
