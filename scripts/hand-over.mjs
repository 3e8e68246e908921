// Plain JavaScript on Node's built-ins: runs the program on the project's own Node, as if it were this process.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PINNED_NODE, ROOT } from './install.mjs';

/**
 * Runs src/main.ts with these arguments; signals go on to it, and its exit code is ours.
 * @param {readonly string[]} args
 * @param {Record<string, string | undefined>} env
 */
export function handOver(args, env = process.env) {
  const program = spawn(PINNED_NODE, [join(ROOT, 'src', 'main.ts'), ...args], { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => program.kill(signal));
  program.on('error', (error) => {
    process.stderr.write(
      `The project's own Node can't be run (${error.message}). Delete node_modules and start again.\n`,
    );
    process.exitCode = 1;
  });
  program.on('exit', (code, signal) => {
    // As a shell tells an end by signal.
    process.exitCode = signal ? 128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0) : (code ?? 1);
  });
}
