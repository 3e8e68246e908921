// `npm start`: installs what is missing, builds the admin center if it is stale and hands over to the server on the project's own Node.
import { handOver } from './hand-over.mjs';
import { ensureInstalled, InstallError } from './install.mjs';
import { ensureWebBuilt } from './web-build.mjs';

try {
  ensureInstalled();
  ensureWebBuilt();
  handOver(['serve', ...process.argv.slice(2)], {
    ...process.env,
    AUTOCLAIM_SAMPLE: process.env.AUTOCLAIM_SAMPLE || 'contoso',
  });
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
