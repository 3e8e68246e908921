import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort, isRunning, postmasterOf, temporaryFolder } from '../harness/autoclaim-process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

type Folder = Awaited<ReturnType<typeof temporaryFolder>>;

describe('npm start', () => {
  let folder: Folder;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => folder.remove());

  const npmStart = (settings: Record<string, string>) => {
    const { PATH = '', HOME = '' } = process.env;
    const npm = spawn('npm', ['start'], {
      cwd: ROOT,
      env: { PATH, HOME, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const written = { text: '' };
    for (const stream of [npm.stdout, npm.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (written.text += text));
    return { npm, written, ended: once(npm, 'close') as Promise<[number | null, NodeJS.Signals | null]> };
  };

  it('serves the sample organisation, and ends in order where npm is told to', async () => {
    const data = join(folder.path, 'data');
    const { npm, written, ended } = npmStart({ PORT: String(await freePort()), AUTOCLAIM_DATA_DIR: data });
    while (!written.text.includes('for Contoso') && npm.exitCode === null) await sleep(20);
    assert.match(written.text, /Autoclaim is running at http:\/\/localhost:\d+ for Contoso\./);
    assert.match(written.text, /Client secret {3}\S{43}/);
    const postmaster = postmasterOf(data);
    npm.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    assert.match(written.text, /Stopping \(SIGTERM\)/);
    assert.ok(!isRunning(postmaster));
  });

  it('fails as the server fails', async () => {
    const { written, ended } = npmStart({ PORT: '80000' });
    assert.deepEqual(await ended, [1, null]);
    assert.match(written.text, /PORT must be a whole number from 1 to 65535/);
  });
});

describe('what npm start and npm test install', () => {
  let folder: Folder;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => folder.remove());

  // A project of the same scripts, and an npm that notes how it was called.
  const at = (name: string) => join(folder.path, name);
  const lock = (packages: object) => JSON.stringify({ packages: { '': { name: 'x' }, ...packages } });
  const ONE = { 'node_modules/one': { version: '1.0.0', integrity: 'sha512-1' } };
  const OTHER_PLATFORM = { 'node_modules/for-another-machine': { version: '1.0.0', optional: true } };

  beforeEach(() => {
    rmSync(folder.path, { recursive: true });
    mkdirSync(at('bin'), { recursive: true });
    cpSync(join(ROOT, 'scripts'), at('scripts'), { recursive: true });
    writeFileSync(at('package-lock.json'), lock({ ...ONE, ...OTHER_PLATFORM }));
    installs(ONE);
  });

  /** What this npm ci leaves behind. */
  const installs = (packages: object) => {
    const lines = [
      '#!/bin/sh',
      `echo "$@" >> ${at('called')}`,
      `case "$PATH" in *${at('node_modules/.bin')}*) echo pinned >> ${at('called')};; esac`,
      `mkdir -p ${at('node_modules/.bin')}`,
      `ln -sf ${process.execPath} ${at('node_modules/.bin/node')}`,
      `echo '${lock(packages)}' > ${at('node_modules/.package-lock.json')}`,
    ];
    writeFileSync(at('bin/npm'), `${lines.join('\n')}\n`, { mode: 0o755 });
  };
  const ensureInstalled = async (settings: Record<string, string> = {}) => {
    const script = spawn(process.execPath, [at('scripts/ensure-install.mjs')], {
      env: { PATH: `${at('node_modules/.bin')}:${at('bin')}:${process.env['PATH'] ?? ''}`, ...settings },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    script.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(script, 'close')) as [number | null];
    const called = existsSync(at('called')) ? readFileSync(at('called'), 'utf8') : '';
    rmSync(at('called'), { force: true });
    return { code, stderr, called };
  };

  it('is what package-lock.json names, once', async () => {
    const first = await ensureInstalled();
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.called, /^ci /);
    assert.doesNotMatch(first.called, /pinned/);
    assert.deepEqual(await ensureInstalled(), { code: 0, stderr: '', called: '' });
  });

  it('is installed again where the lock file changed', async () => {
    await ensureInstalled();
    const two = { ...ONE, 'node_modules/two': { version: '2.0.0', integrity: 'sha512-2' } };
    writeFileSync(at('package-lock.json'), lock(two));
    installs(two);
    assert.match((await ensureInstalled()).called, /^ci /);
    const newer = { ...two, 'node_modules/one': { version: '1.0.1', integrity: 'sha512-3' } };
    writeFileSync(at('package-lock.json'), lock(newer));
    installs(newer);
    assert.match((await ensureInstalled()).called, /^ci /);
    assert.equal((await ensureInstalled()).called, '');
  });

  it('is installed again where an install was cut short', async () => {
    mkdirSync(at('node_modules/.bin'), { recursive: true });
    symlinkSync(process.execPath, at('node_modules/.bin/node'));
    assert.match((await ensureInstalled()).called, /^ci /);
  });

  it('is told to be missing where npm fails, is none, or brings no Node', async () => {
    writeFileSync(at('bin/npm'), '#!/bin/sh\nexit 7\n', { mode: 0o755 });
    const failed = await ensureInstalled();
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /npm ci failed \(exit code 7\)/);
    writeFileSync(at('bin/npm'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
    assert.match((await ensureInstalled()).stderr, /has not installed the project's own Node/);
    assert.match((await ensureInstalled({ PATH: '/nowhere' })).stderr, /npm can't be run .+ It comes with Node/);
    rmSync(at('package-lock.json'));
    symlinkOfNode();
    assert.match((await ensureInstalled()).stderr, /package-lock\.json is missing or broken/);
  });

  function symlinkOfNode(): void {
    mkdirSync(at('node_modules/.bin'), { recursive: true });
    symlinkSync(process.execPath, at('node_modules/.bin/node'));
  }
});
