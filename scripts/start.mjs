// `npm start`: installs what is missing, builds the admin center if it is stale and hands over to the server on the project's own Node.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled, InstallError, PINNED_NODE, ROOT } from './install.mjs';
import { ensureWebBuilt } from './web-build.mjs';

try {
  ensureInstalled();
  ensureWebBuilt();
  start();
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function start() {
  const server = spawn(PINNED_NODE, [join(ROOT, 'src', 'main.ts'), 'serve', ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, AUTOCLAIM_SAMPLE: process.env.AUTOCLAIM_SAMPLE || 'contoso' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => server.kill(signal));
  server.on('error', (error) => {
    process.stderr.write(
      `The project's own Node can't be run (${error.message}). Delete node_modules and start again.\n`,
    );
    process.exitCode = 1;
  });
  server.on('exit', (code, signal) => {
    // As a shell tells an end by signal.
    process.exitCode = signal ? 128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0) : (code ?? 1);
  });
}
