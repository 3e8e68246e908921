import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, describe, it } from 'node:test';
import { socketFolderFor } from '../../src/db/embedded/socket.ts';
import {
  isRunning,
  postmasterOf,
  startAutoclaim,
  temporaryFolder,
  type AutoclaimProcess,
} from '../harness/autoclaim-process.ts';

const isRoot = process.getuid?.() === 0;

describe('the data folder', { concurrency: false }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let running: AutoclaimProcess[] = [];

  before(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    running.forEach((server) => server.kill('SIGTERM'));
    await Promise.all(running.map((server) => server.ended));
    running = [];
  });

  after(() => folder.remove());

  const start = async (data: string) => {
    const server = await startAutoclaim({ AUTOCLAIM_DATA_DIR: data });
    running.push(server);
    return server;
  };

  it('may have a path that is too long for a socket', async () => {
    const data = join(folder.path, 'a-folder-with-a-rather-long-name'.repeat(4), 'data');
    const server = await start(data);
    await server.ready;
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
    assert.ok(lstatSync(join(data, 'postgresql')).isDirectory());
    assert.ok(!existsSync(join(data, 'postgresql-socket')));
    const second = await start(data);
    assert.equal((await second.ended).code, 1);
    assert.match(second.stderr, /^Another Autoclaim is running/);
    await server.stop();
    rmSync(socketFolderFor(join(data, 'postgresql')), { recursive: true });
  });

  it('is whole after an initdb that was cut short', async () => {
    const data = join(folder.path, 'cut-short');
    const first = await start(data);
    while (!existsSync(data) || !readdirSync(data).some((name) => name.includes('.new.'))) await sleep(2);
    first.kill('SIGKILL');
    await first.ended;
    assert.ok(!existsSync(join(data, 'postgresql')));
    const second = await start(data);
    await second.ready;
    assert.equal((await fetch(`${second.url}/readyz`)).status, 200);
  });

  it('goes to one of two that start in it at the same time, where it is empty', async () => {
    const data = join(folder.path, 'two-at-once');
    const both = await Promise.all([start(data), start(data)]);
    const outcomes = await Promise.all(
      both.map((server) =>
        server.ready.then(
          () => 'runs',
          () => server.stderr,
        ),
      ),
    );
    assert.equal(outcomes.filter((outcome) => outcome === 'runs').length, 1, outcomes.join('\n'));
    assert.match(
      outcomes.find((outcome) => outcome !== 'runs')!,
      /^Another Autoclaim is running/,
    );
    const winner = both[outcomes.indexOf('runs')]!;
    assert.equal((await fetch(`${winner.url}/readyz`)).status, 200);
    assert.ok(isRunning(postmasterOf(data)));
  });

  it('must be for Autoclaim alone: a folder with other things in it is left as it is', async () => {
    const data = join(folder.path, 'home');
    mkdirSync(data, { mode: 0o755 });
    writeFileSync(join(data, 'letter.txt'), 'Dear Ann');
    const server = await start(data);
    assert.equal((await server.ended).code, 1);
    assert.match(server.stderr, /has other things in it \(letter\.txt\)\. Set AUTOCLAIM_DATA_DIR/);
    assert.equal(statSync(data).mode & 0o777, 0o755);
    assert.deepEqual(readdirSync(data), ['letter.txt']);
  });

  it('is told to be none where it is a file', async () => {
    const data = join(folder.path, 'file');
    writeFileSync(data, '');
    const server = await start(data);
    assert.equal((await server.ended).code, 1);
    assert.match(server.stderr, /file is in the way: a folder is needed there\.\n$/);
  });

  it(
    'leads to a folder that PostgreSQL reaches, where root keeps it below a closed one',
    { skip: !isRoot && 'needs root' },
    async () => {
      const home = join(folder.path, 'root');
      mkdirSync(home, { mode: 0o700 });
      const data = join(home, 'data');
      const first = await start(data);
      await first.ready;
      const link = join(data, 'postgresql');
      assert.ok(lstatSync(link).isSymbolicLink());
      const real = readlinkSync(link);
      try {
        assert.match(
          first.stdout,
          /PostgreSQL runs as the user (postgres|nobody), who can't reach .+: its data are in /,
        );
        assert.ok(first.stdout.includes(real));
        assert.equal(statSync(dirname(real)).mode & 0o777, 0o700);
        await first.stop();
        const second = await start(data);
        await second.ready;
        assert.equal(readlinkSync(link), real);
        assert.match(second.stdout, /its id and secret are in/);
        await second.stop();
      } finally {
        rmSync(dirname(real), { recursive: true, force: true });
      }
      const third = await start(data);
      assert.equal((await third.ended).code, 1);
      assert.match(third.stderr, /are not where .+ leads to .+ Put them back; or delete that link/);
    },
  );

  it('is refused where its data belong to somebody else', { skip: !isRoot && 'needs root' }, async () => {
    const data = join(folder.path, 'of-another');
    mkdirSync(join(data, 'postgresql'), { recursive: true });
    chownSync(join(data, 'postgresql'), 12_345, 12_345);
    const server = await start(data);
    assert.equal((await server.ended).code, 1);
    assert.match(
      server.stderr,
      /belong to the user with the number 12345\. Start Autoclaim as the user who started it first/,
    );
  });

  it('may be a symbolic link', async () => {
    const target = join(folder.path, 'target');
    mkdirSync(target);
    chmodSync(target, 0o755);
    const data = join(folder.path, 'a-link');
    symlinkSync(target, data);
    const server = await start(data);
    await server.ready;
    assert.equal(statSync(target).mode & 0o777, 0o700);
    assert.match(readFileSync(join(target, 'first-client.env'), 'utf8'), /^AUTOCLAIM_CLIENT_ID=/m);
  });
});
