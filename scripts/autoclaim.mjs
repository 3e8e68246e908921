#!/usr/bin/env node
// The command `autoclaim`, on whatever Node is there: hands over to the program on the project's own Node.
import { handOver } from './hand-over.mjs';
import { ensureInstalled, InstallError } from './install.mjs';
import { ensureWebBuilt } from './web-build.mjs';

const args = process.argv.slice(2);
try {
  ensureInstalled();
  if (args[0] === 'serve') ensureWebBuilt();
  handOver(args);
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
