import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { EmbeddedFailure } from './failure.ts';

/** The user that PostgreSQL runs as, where Autoclaim itself runs as root. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

/** PostgreSQL refuses to run as root: then an unprivileged user runs it. */
export function userForPostgres(): RunAs | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout));
    if (uid && gid) return { uid, gid, name };
  }
  throw new EmbeddedFailure(
    'Autoclaim runs as root here, and PostgreSQL must not; no user "postgres" or "nobody" is there to run it. Start Autoclaim as an ordinary user.',
  );
}

/** Whether a user may pass through a folder and all above it. Symbolic links must be resolved before. */
export function canReach(user: RunAs, folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    const { mode, uid, gid } = statSync(at);
    const mayPass = uid === user.uid ? mode & 0o100 : gid === user.gid ? mode & 0o010 : mode & 0o001;
    if (!mayPass) return false;
    if (at === dirname(at)) return true;
  }
}

/** A folder for what such a user must reach when the person's own folders are closed to it. */
export function reachableFolder(user: RunAs): string {
  return join(canReach(user, '/var/lib') ? '/var/lib' : tmpdir(), 'autoclaim');
}
