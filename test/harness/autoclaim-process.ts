import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { COMPILED } from './compiled.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const READY_WITHIN_MS = 60_000;

/** A real Autoclaim: the program itself, in a process of its own. */
export interface AutoclaimProcess {
  readonly url: string;
  readonly processId: number;
  /** When it was spawned (performance.now). */
  readonly spawnedAt: number;
  /** What it has written so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves when it says that it runs; rejects with what it said where it ends instead. */
  readonly ready: Promise<void>;
  /** Resolves with how it ended, and how long after its start. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; afterMs: number }>;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
}

/**
 * Starts `src/main.ts serve` with these settings alone, on a free loopback port unless they name one.
 * @param main of another version
 */
export async function startAutoclaim(settings: Record<string, string>, main = MAIN): Promise<AutoclaimProcess> {
  const port = settings['PORT'] ?? String(await freePort());
  const spawnedAt = performance.now();
  const child = spawn(process.execPath, [main, 'serve'], {
    env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: COMPILED, PORT: port, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithUs(child);
  const written = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
  const ended = once(child, 'close').then(([code, signal]: (number | NodeJS.Signals | null)[]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    afterMs: performance.now() - spawnedAt,
  }));
  const ready = untilReady(child, written);
  // Who looks at the end alone isn't interested in this.
  ready.catch(() => undefined);
  return {
    url: `http://127.0.0.1:${port}`,
    processId: child.pid!,
    spawnedAt,
    get stdout() {
      return written.stdout;
    },
    get stderr() {
      return written.stderr;
    },
    ready,
    ended,
    kill: (signal) => void child.kill(signal),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

const children = new Set<ChildProcess>();

/** A test run that is stopped half-way leaves no server behind. */
function endWithUs(child: ChildProcess): void {
  if (children.size === 0) {
    const endAll = () => children.forEach((one) => one.kill('SIGTERM'));
    process.once('exit', endAll);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        endAll();
        process.exit(1);
      });
    }
  }
  children.add(child);
}

async function untilReady(child: ChildProcess, written: { stdout: string; stderr: string }): Promise<void> {
  const until = performance.now() + READY_WITHIN_MS;
  while (!written.stdout.includes('Autoclaim is running at ')) {
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > until) {
      throw new Error(`Autoclaim did not start: ${written.stdout}${written.stderr}`);
    }
    await sleep(10);
  }
}

/**
 * A folder of a test's own, which PostgreSQL's user can reach where root runs the tests.
 * Its remove waits for nothing: stop what runs in it before.
 */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'autoclaim-test-'));
  await chmod(path, 0o755);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** The postmaster of a data folder, by its pid file. */
export function postmasterOf(dataDirectory: string): number {
  return Number.parseInt(readFileSync(join(dataDirectory, 'postgresql', 'postmaster.pid'), 'utf8'), 10);
}

/** Whether a process is there, and not just its remains. */
export function isRunning(processId: number): boolean {
  try {
    const status = readFileSync(`/proc/${processId}/stat`, 'utf8');
    return status[status.lastIndexOf(')') + 2] !== 'Z';
  } catch {
    return false;
  }
}

/**
 * A limit of time, as it is meant for a machine of its own: where everything is slow at this moment
 * (other work on the same machine), so much longer.
 */
export async function inThisMoment(limitMs: number): Promise<number> {
  const began = performance.now();
  await once(spawn(process.execPath, ['--eval', '0'], { stdio: 'ignore' }), 'close');
  return limitMs * Math.max(1, (performance.now() - began) / EMPTY_PROGRAM_MS);
}

/** What an empty program takes on a slow machine that has nothing else to do. */
const EMPTY_PROGRAM_MS = 100;

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
