import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { COMPILED } from './compiled.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** What is installed as `autoclaim`: it hands over to the program. */
export const LAUNCHER = fileURLToPath(new URL('../../scripts/autoclaim.mjs', import.meta.url));

/** How a command ended, and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that is under way. */
export interface RunningCommand {
  readonly ended: Promise<Ended>;
  /** Waits until it tells this to the person at the terminal; rejects with what it said where it ends before. */
  says(text: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
}

/**
 * Begins `autoclaim …` in a process of its own, with these settings alone.
 * @param more.input what standard input has; nothing unless given
 * @param more.program the program, or what hands over to it
 */
export function beginCommand(
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  { input = '', program = MAIN }: { readonly input?: string; readonly program?: string } = {},
): RunningCommand {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: COMPILED, ...settings },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // Who reads no input may have ended.
  child.stdin.on('error', () => undefined).end(input);
  const written = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
  const ended = once(child, 'close').then(([code]: (number | null)[]) => ({ code: code ?? null, ...written }));
  const says = async (text: RegExp) => {
    for (;;) {
      const found = text.exec(written.stderr);
      if (found) return found;
      if (child.exitCode !== null) throw new Error(`It ended: ${written.stdout}${written.stderr}`);
      await sleep(10);
    }
  };
  return { ended, says, kill: (signal) => void child.kill(signal) };
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
