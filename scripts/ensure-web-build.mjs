// `npm run build:web`, and what `npm test` begins with: builds the admin center unless it is built already.
import { ensureInstalled, InstallError } from './install.mjs';
import { ensureWebBuilt } from './web-build.mjs';

try {
  ensureInstalled();
  ensureWebBuilt();
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
