import { link, lstat, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BackupRefused } from './refusal.ts';

/**
 * Writes a file that only its owner may read, whole or not at all: under a name aside, flushed to
 * the disk, then renamed.
 * @param mayReplace whether a file of that name may go
 * @throws BackupRefused where there is one, and it may not
 */
export async function writePrivateFile<T>(
  path: string,
  mayReplace: boolean,
  write: (handle: FileHandle) => Promise<T>,
): Promise<T> {
  await refuseTaken(path, mayReplace);
  const part = `${path}.part-${process.pid}`;
  const handle = await open(part, 'wx', 0o600).catch((error: unknown) => Promise.reject(explain(path, error)));
  try {
    const result = await write(handle);
    await handle.sync();
    if (mayReplace) await rename(part, path);
    else await renameToFree(part, path);
    await flushNames(dirname(path));
    return result;
  } catch (error) {
    await rm(part, { force: true });
    throw explain(path, error);
  } finally {
    await handle.close().catch(() => undefined);
  }
}

async function refuseTaken(path: string, mayReplace: boolean): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return;
  if (!mayReplace)
    throw new BackupRefused(`${path} is there already. Choose another name, or replace it with --force.`);
  if (!found.isFile()) throw new BackupRefused(`${path} is no file that could be replaced.`);
}

function explain(path: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new BackupRefused(`There is no room for ${path}: the disk is full.`, { cause: error });
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'EIO':
      return new BackupRefused(`${path} can't be written: ${message}.`, { cause: error });
    default:
      return error;
  }
}

/** A rename would replace what somebody put there in the meantime; a link doesn't. */
async function renameToFree(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return refuseTaken(to, false);
    // A file system without hard links.
    await rename(from, to);
    return;
  }
  await rm(from);
}

/** A power loss must not take back the name of what it has left. */
async function flushNames(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
