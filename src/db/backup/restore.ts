import { open, type FileHandle } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { readMigrations } from '../migrations.ts';
import type { Connection } from '../open.ts';
import { fillDatabase, type Filled, type FillOptions } from './fill.ts';
import type { Manifest } from './manifest.ts';
import { readBackup } from './read.ts';
import { BackupRefused } from './refusal.ts';

/**
 * Reads a back-up to its end, and compares all of it with its manifest. Touches no database.
 * @throws BackupRefused where it is not whole; it names the file
 */
export async function checkBackup(path: string, signal?: AbortSignal): Promise<Manifest> {
  await using handle = await openToRead(path);
  return await readBackup(handle, undefined, signal).catch((error: unknown) => Promise.reject(naming(path, error)));
}

/**
 * Restores a back-up into an empty database. The file is checked whole before anything is written,
 * and again while it is read for that.
 * @throws BackupRefused, StoreUnavailable
 */
export async function restoreBackup(
  connection: Connection,
  path: string,
  options: Partial<FillOptions> = {},
): Promise<Filled & { readonly manifest: Manifest }> {
  const migrations = options.migrations ?? (await readMigrations());
  await using handle = await openToRead(path);
  try {
    const manifest = await readBackup(handle, undefined, options.signal);
    const filled = await fillDatabase(
      connection,
      {
        migrations: manifest.migrations,
        tables: manifest.tables,
        async give(take) {
          const again = await readBackup(handle, take, options.signal);
          if (!isDeepStrictEqual(again, manifest)) throw new BackupRefused('It was changed while it was read.');
          return manifest;
        },
      },
      { ...options, migrations },
    );
    return { ...filled, manifest };
  } catch (error) {
    throw naming(path, error);
  }
}

async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new BackupRefused(
      isMissing
        ? `There is no file ${path}.`
        : `${path} can't be read (${String((error as NodeJS.ErrnoException).code)}).`,
      { cause: error },
    );
  }
}

function naming(path: string, error: unknown): unknown {
  return error instanceof BackupRefused
    ? new BackupRefused(`${path} can't be restored. ${error.message}`, { cause: error })
    : error;
}
