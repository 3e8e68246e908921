// What `npm test` and `npm run lint` begin with, so that they work in a fresh clone.
import { ensureInstalled, InstallError } from './install.mjs';

try {
  ensureInstalled();
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
