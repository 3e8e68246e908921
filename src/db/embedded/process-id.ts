import { readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Place } from './place.ts';
import { SOCKET_NAME } from './socket.ts';

/**
 * The running postmaster of a place, by its own pid file. A pid file that a crash left may name a
 * process that is now something else (small numbers come again in a container). PostgreSQL would
 * refuse to start because of it, so it is removed, as is the socket's.
 */
export function findPostmaster({ data, socketFolder }: Place): number | undefined {
  const processId = readProcessId(join(data, 'postmaster.pid'));
  if (processId !== undefined && isAlive(processId)) {
    if (isPostmasterOf(processId, data)) return processId;
    rmSync(join(data, 'postmaster.pid'), { force: true });
  }
  const socketLock = join(socketFolder, `${SOCKET_NAME}.lock`);
  const socketOwner = readProcessId(socketLock);
  if (socketOwner !== undefined && isAlive(socketOwner) && !isPostmasterOf(socketOwner, data))
    rmSync(socketLock, { force: true });
  return undefined;
}

export function isAlive(processId: number): boolean {
  if (!Number.isInteger(processId) || processId <= 0) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readProcessId(file: string): number | undefined {
  try {
    const processId = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return Number.isInteger(processId) && processId > 0 ? processId : undefined;
  } catch {
    return undefined;
  }
}

/** Where /proc is missing (macOS) a live process is taken for the postmaster, as PostgreSQL itself does. */
function isPostmasterOf(processId: number, data: string): boolean {
  if (process.platform !== 'linux') return true;
  let words: string[];
  try {
    words = readFileSync(`/proc/${processId}/cmdline`, 'utf8').split('\0');
  } catch (error) {
    return !['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
  // A zombie has no words, and PostgreSQL's other processes have none of an option.
  const folder = words[words.indexOf('-D') + 1];
  if (basename(words[0] ?? '') !== 'postgres' || !words.includes('-D') || folder === undefined) return false;
  const [its, ours] = [folder, data].map((path) => statSync(path, { throwIfNoEntry: false }));
  // Gone from there: the folder was moved under a running server, which is this one then.
  return !its || (its.dev === ours?.dev && its.ino === ours.ino);
}
