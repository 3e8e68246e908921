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

/** Runs a script of pgbench, its statements prepared. @returns transactions per second */
export async function runPgbench(
  { host, port, user, database }: pg.PoolConfig,
  script: string,
  { clients, seconds, variables }: { clients: number; seconds: number; variables: Record<string, string | number> },
): Promise<{ transactions: number; perSecond: number }> {
  const file = join(tmpdir(), `autoclaim-bench-${randomUUID()}.sql`);
  await writeFile(file, script);
  try {
    const { stdout } = await promisify(execFile)('pgbench', [
      ...['--host', host!, '--port', String(port), '--username', String(user)],
      ...['--no-vacuum', '--protocol=prepared', '--file', file, '--time', String(seconds)],
      ...['--client', String(clients), '--jobs', String(Math.min(clients, 2))],
      ...Object.entries(variables).map(([name, value]) => `--define=${name}=${value}`),
      database!,
    ]);
    const [, transactions] = /transactions actually processed: (\d+)/.exec(stdout) ?? [];
    const [, perSecond] = /^tps = ([\d.]+)/m.exec(stdout) ?? [];
    if (!transactions || !perSecond) throw new Error(`pgbench said: ${stdout}`);
    return { transactions: Number(transactions), perSecond: Number(perSecond) };
  } finally {
    await rm(file, { force: true });
  }
}
