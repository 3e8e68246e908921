import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** How a command ended, and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that is under way. */
export interface RunningCommand {
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
}

/** Begins `autoclaim …` in a process of its own, with these settings alone. */
export function beginCommand(args: readonly string[], settings: Readonly<Record<string, string>> = {}): RunningCommand {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
  const ended = once(child, 'close').then(([code]: (number | null)[]) => ({ code: code ?? null, ...written }));
  return { ended, kill: (signal) => void child.kill(signal) };
}

/** Runs a command to its end. */
export function runCommand(args: readonly string[], settings: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return beginCommand(args, settings).ended;
}

/** Runs a command that must succeed; its `--json`. */
export async function runForJson(
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<any> {
  const { code, stdout, stderr } = await runCommand([...args, '--json'], settings);
  if (code !== 0) throw new Error(`autoclaim ${args.join(' ')}: ${String(code)} ${stdout}${stderr}`);
  return JSON.parse(stdout);
}
