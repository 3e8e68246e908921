// Plain JavaScript on Node's built-ins: this runs before anything is installed, on whatever Node is there.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** The Node that package.json pins; the launcher's own is only good for getting here. */
export const PINNED_NODE = join(ROOT, 'node_modules', '.bin', 'node');

const LAUNCHER_NODE_MIN = 18;

/** A message for the person at the terminal; no stack trace helps them. */
export class InstallError extends Error {}

/**
 * Runs `npm ci` unless node_modules already holds what package-lock.json names.
 * @throws InstallError
 */
export function ensureInstalled() {
  const major = Number.parseInt(process.versions.node, 10);
  if (major < LAUNCHER_NODE_MIN) {
    throw new InstallError(
      `Autoclaim needs Node ${LAUNCHER_NODE_MIN} or later to begin with, and this is ${process.version}. Get one from https://nodejs.org.`,
    );
  }
  if (process.platform === 'win32') {
    throw new InstallError(
      'Autoclaim runs on Linux and macOS. On Windows, start it inside WSL: https://learn.microsoft.com/windows/wsl.',
    );
  }
  if (!isInstalled()) install();
}

/**
 * npm notes in node_modules/.package-lock.json what it has put there, as the last thing it does.
 * Comparing that to package-lock.json also sees installs that someone did by hand.
 */
function isInstalled() {
  if (!existsSync(PINNED_NODE)) return false;
  const wanted = readPackages(join(ROOT, 'package-lock.json'));
  if (!wanted)
    throw new InstallError('package-lock.json is missing or broken. Restore it: git checkout package-lock.json');
  const present = readPackages(join(ROOT, 'node_modules', '.package-lock.json'));
  if (!present) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    const found = present[path];
    if (path === '') return true;
    // Other platforms' binaries are never there.
    if (!found) return optional === true;
    return found.version === version && found.integrity === integrity;
  });
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function install() {
  process.stderr.write('Installing what package-lock.json names; the first time takes about a minute …\n');
  // Warnings would be about the machine's Node, which runs nothing but npm itself.
  const options = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const { command, leading } = npm();
  const { status, signal, error } = spawnSync(command, [...leading, ...options], {
    cwd: ROOT,
    // npm's output is no part of ours (`npm test | …`): all of it goes to stderr.
    stdio: ['ignore', 2, 2],
    env: environmentWithoutPinnedNode(),
  });
  if (error) throw new InstallError(`npm can't be run (${error.message}). It comes with Node: https://nodejs.org.`);
  if (status !== 0) {
    throw new InstallError(
      `npm ci failed (${signal ?? `exit code ${status}`}); what npm says above tells why. Without a network or a registry's mirror nothing can be installed.`,
    );
  }
  if (!existsSync(PINNED_NODE)) {
    throw new InstallError(
      'npm ci has not installed the project\'s own Node (the package "node"). Are install scripts turned off? Look at: npm config get ignore-scripts',
    );
  }
}

/** The npm that runs us, on its own Node, or else whichever is on the PATH. */
function npm() {
  const { npm_execpath: program, npm_node_execpath: node } = process.env;
  if (program?.endsWith('.js') && node && existsSync(node) && !node.startsWith(join(ROOT, 'node_modules') + sep)) {
    return { command: node, leading: [program] };
  }
  return { command: 'npm', leading: [] };
}

/** npm ci deletes node_modules, so it must not itself run on the Node in there. */
function environmentWithoutPinnedNode() {
  const own = join(ROOT, 'node_modules', '.bin');
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== own);
  return { ...process.env, PATH: folders.join(delimiter) };
}
