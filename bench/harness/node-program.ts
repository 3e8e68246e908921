import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '../..');
const START_TIMEOUT_MS = 30_000;

/** An HTTP server in a process of its own, by a script of this repository that reads PORT. */
export interface NodeProgram {
  readonly url: string;
  readonly processId: number;
}

/**
 * Starts a script and waits until it answers HTTP; it is stopped with the stack.
 * @param flags for node itself, as --cpu-prof
 */
export async function startProgram(
  started: AsyncDisposableStack,
  script: readonly string[],
  { port, environment, flags }: { port: number; environment: Record<string, string>; flags: readonly string[] },
): Promise<NodeProgram> {
  const child = spawn(process.execPath, [...flags, ...script], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...environment, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4_000);
  });
  started.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  const url = `http://127.0.0.1:${port}`;
  const until = Date.now() + START_TIMEOUT_MS;
  while (child.exitCode === null && Date.now() < until) {
    if (await answers(url)) return { url, processId: child.pid! };
    await sleep(50);
  }
  throw new Error(`${script.join(' ')} did not start: ${log}`);
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/healthz`).then(
    () => true,
    () => false,
  );
}

/** A port of the loopback interface that nobody listens on now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  const closed = once(probe, 'close');
  probe.close();
  await closed;
  return port;
}
