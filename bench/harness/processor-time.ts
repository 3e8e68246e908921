import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';

// What work costs is told better by the processor time that it takes than by how long it takes,
// where other work shares the processor. Read from Linux's /proc; elsewhere it isn't measured.

/** Linux counts in hundredths of a second, whatever its clock. */
const TICK_MS = 10;

interface Times {
  readonly parent: number;
  readonly own: number;
  /** Of children that have ended. */
  readonly ended: number;
}

/** The processor time in ms that a process has used until now; NaN where it can't be told. */
export function processorTime(processId: number): number {
  return read(processId)?.own ?? NaN;
}

/** The same of a PostgreSQL server with all of its processes, given the postmaster's. */
export function processorTimeOfFamily(processId: number): number {
  const parent = read(processId);
  if (!parent) return NaN;
  const children = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (read(Number(name)) ?? []) : []));
  const living = children.filter((child) => child.parent === processId).reduce((sum, child) => sum + child.own, 0);
  return parent.own + parent.ended + living;
}

/** The postmaster of the server that a pool is connected to; NaN where its data folder can't be read. */
export async function postmasterOf(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ folder: string }>("select current_setting('data_directory') as folder");
  try {
    return Number.parseInt(readFileSync(join(rows[0]!.folder, 'postmaster.pid'), 'utf8'), 10);
  } catch {
    return NaN;
  }
}

function read(processId: number): Times | undefined {
  try {
    const text = readFileSync(`/proc/${processId}/stat`, 'utf8');
    // After the name, which may hold anything, in brackets: state, parent, … (proc(5)).
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [parent, user, system, endedUser, endedSystem] = [1, 11, 12, 13, 14].map((index) => Number(fields[index]));
    return { parent: parent!, own: (user! + system!) * TICK_MS, ended: (endedUser! + endedSystem!) * TICK_MS };
  } catch {
    return undefined;
  }
}
