import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import type pg from 'pg';

/** Whether pgbench is on the machine; it doesn't come with the embedded PostgreSQL. */
export function hasPgbench(): boolean {
  return spawnSync('pgbench', ['--version']).status === 0;
}

interface PgbenchOrder {
  readonly clients: number;
  /** So long, or so many transactions of each client. */
  readonly seconds?: number;
  readonly transactions?: number;
  readonly variables: Readonly<Record<string, string | number>>;
}

export interface PgbenchRun {
  readonly transactions: number;
  readonly perSecond: number;
  /** How long each of the script's commands took on average, in their order. */
  readonly commands: readonly { readonly ms: number; readonly text: string }[];
}

/** Runs a script of pgbench, its statements prepared. */
export async function runPgbench(
  { host, port, user, database }: pg.PoolConfig,
  script: string,
  { clients, seconds, transactions: each, variables }: PgbenchOrder,
): Promise<PgbenchRun> {
  const file = join(tmpdir(), `autoclaim-bench-${randomUUID()}.sql`);
  await writeFile(file, script);
  try {
    const { stdout } = await promisify(execFile)('pgbench', [
      ...['--host', host!, '--port', String(port), '--username', String(user)],
      ...['--no-vacuum', '--protocol=prepared', '--report-per-command', '--file', file],
      ...(each === undefined ? ['--time', String(seconds)] : ['--transactions', String(each)]),
      ...['--client', String(clients), '--jobs', String(Math.min(clients, 2))],
      ...Object.entries(variables).map(([name, value]) => `--define=${name}=${value}`),
      database!,
    ]);
    const [, transactions] = /transactions actually processed: (\d+)/.exec(stdout) ?? [];
    const [, perSecond] = /^tps = ([\d.]+)/m.exec(stdout) ?? [];
    if (!transactions || !perSecond) throw new Error(`pgbench said: ${stdout}`);
    const commands = [...stdout.matchAll(/^ +([\d.]+) +\d+ +(\S.*)$/gm)].map(([, ms, text]) => ({
      ms: Number(ms),
      text: text!,
    }));
    return { transactions: Number(transactions), perSecond: Number(perSecond), commands };
  } finally {
    await rm(file, { force: true });
  }
}
