// Built-ins only: `npm start` and `npm test` begin with it, on whatever Node is there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InstallError, PINNED_NODE, ROOT } from './install.mjs';

const WEB = join(ROOT, 'web');
const BUILT = join(WEB, 'dist', 'index.html');
/** Says of which sources the build was made. */
const STAMP = join(WEB, 'dist', '.built-from');

/**
 * Builds the admin center unless web/dist was made of just these sources.
 * @throws InstallError
 */
export function ensureWebBuilt() {
  const sources = hashOfSources();
  if (existsSync(BUILT) && readStamp() === sources) return;
  process.stderr.write('Building the admin center …\n');
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  if (!existsSync(vite)) {
    throw new InstallError(
      'The admin center is not built, and what builds it is not installed (npm ci --omit=dev leaves it out). Run: npm ci && npm run build:web',
    );
  }
  const { status, stderr, stdout } = spawnSync(PINNED_NODE, [vite, 'build', 'web', '--logLevel', 'warn'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (status !== 0) throw new InstallError(`The admin center could not be built.\n${stdout}${stderr}`);
  writeFileSync(STAMP, sources);
}

/** Over names and contents: a checkout of another commit changes times, and may change nothing. */
function hashOfSources() {
  const hash = createHash('sha256');
  const names = [...filesOf(WEB), ...filesOf(join(ROOT, 'contract')), join(ROOT, 'package-lock.json')].sort();
  for (const name of names) hash.update(name.slice(ROOT.length)).update('\0').update(readFileSync(name)).update('\0');
  return hash.digest('hex');
}

function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'dist' || entry.name === 'node_modules' || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesOf(path) : [path];
  });
}

function readStamp() {
  try {
    return readFileSync(STAMP, 'utf8');
  } catch {
    return undefined;
  }
}
