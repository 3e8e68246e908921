import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { EmbeddedFailure } from './failure.ts';
import { makePrivateFolder } from './private-folder.ts';
import { canReach, reachableFolder, userForPostgres, type RunAs } from './run-as.ts';
import { socketFolderFor } from './socket.ts';

/** Where the embedded PostgreSQL's data and socket are, and as whom it runs. */
export interface Place {
  /** PostgreSQL's own data folder; made by initdb. Its log is beside it, with .log at the end. */
  readonly data: string;
  readonly socketFolder: string;
  readonly runAs: RunAs | undefined;
}

/** What Autoclaim itself puts into its data folder begins with one of these. */
const OUR_OWN = /^(postgresql|first-client|\.|lost\+found$)/;

/**
 * Makes the folders, for their owner alone.
 * Started as root, an unprivileged user runs PostgreSQL; where that user can't reach the data
 * folder (below a 0700 home, say), PostgreSQL's data go to a folder that it can reach, a symbolic
 * link in the data folder leads there, and say tells so.
 * @throws EmbeddedFailure where the folder is another's, or not meant for this
 */
export function preparePlace(dataDirectory: string, say: (text: string) => void): Place {
  const runAs = userForPostgres();
  const folder = prepareDataDirectory(dataDirectory, runAs, say);
  const data = dataFolderIn(folder, runAs, say);
  refuseForeignData(data, runAs);
  const socketFolder = socketFolderFor(data);
  makePrivateFolder(socketFolder, runAs);
  return { data, socketFolder, runAs };
}

/** @returns its path without symbolic links */
function prepareDataDirectory(dataDirectory: string, runAs: RunAs | undefined, say: (text: string) => void): string {
  mkdirSync(dirname(dataDirectory), { recursive: true });
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const folder = realpathSync(dataDirectory);
  // The folder is about to be closed to everybody else: that must not happen to somebody's home.
  const names = readdirSync(folder);
  const foreign = names.find((name) => !OUR_OWN.test(name));
  if (foreign !== undefined && !names.includes('postgresql')) {
    throw new EmbeddedFailure(
      `The data folder ${dataDirectory} has other things in it (${foreign}). Set AUTOCLAIM_DATA_DIR to a folder for Autoclaim alone.`,
    );
  }
  // Before anything of it changes hands: its owner's server may be running on it.
  refuseForeignData(join(folder, 'postgresql'), runAs);
  if (process.getuid?.() === 0 || statSync(folder).uid === process.getuid?.()) {
    chmodSync(folder, 0o700);
    if (runAs && canReach(runAs, dirname(folder))) chownSync(folder, runAs.uid, runAs.gid);
  } else {
    say(`Warning: the data folder ${dataDirectory} belongs to another user, who can reach into it.`);
  }
  return folder;
}

function dataFolderIn(folder: string, runAs: RunAs | undefined, say: (text: string) => void): string {
  const data = join(folder, 'postgresql');
  const elsewhere = linkTarget(data);
  if (elsewhere !== undefined) {
    if (lstatSync(dirname(elsewhere), { throwIfNoEntry: false })) return elsewhere;
    throw new EmbeddedFailure(
      `PostgreSQL's data are not where ${data} leads to (${elsewhere}). Put them back; or delete that link, to begin with nothing.`,
    );
  }
  if (!runAs || canReach(runAs, dirname(folder))) return data;
  const chosen = join(reachableFolder(runAs), randomBytes(8).toString('hex'), 'postgresql');
  makePrivateFolder(dirname(dirname(chosen)), runAs);
  makePrivateFolder(dirname(chosen), runAs);
  symlinkSync(chosen, data);
  say(`PostgreSQL runs as the user ${runAs.name}, who can't reach ${folder}: its data are in ${chosen}.`);
  return chosen;
}

function linkTarget(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined;
}

function refuseForeignData(data: string, runAs: RunAs | undefined): void {
  const found = statSync(data, { throwIfNoEntry: false });
  if (!found || found.uid === (runAs?.uid ?? process.getuid?.())) return;
  throw new EmbeddedFailure(
    `PostgreSQL's data in ${data} belong to the user with the number ${found.uid}. Start Autoclaim as the user who started it first.`,
  );
}
