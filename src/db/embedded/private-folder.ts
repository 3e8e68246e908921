import { chmodSync, chownSync, lstatSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { EmbeddedFailure } from './failure.ts';
import type { RunAs } from './run-as.ts';

/**
 * Makes a folder that only PostgreSQL's user can enter, or takes one that is so already.
 * @throws EmbeddedFailure where the name is taken by something of somebody else's: in a shared
 *   folder such as /tmp anybody may have been there first
 */
export function makePrivateFolder(folder: string, runAs: RunAs | undefined): void {
  mkdirSync(dirname(folder), { recursive: true });
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const found = lstatSync(folder);
    if (!found.isDirectory() || ![process.getuid?.(), runAs?.uid].includes(found.uid)) {
      throw new EmbeddedFailure(
        `${folder} is needed for PostgreSQL, but is somebody else's. Move it away and start again.`,
      );
    }
  }
  if (runAs) chownSync(folder, runAs.uid, runAs.gid);
  chmodSync(folder, 0o700);
}
