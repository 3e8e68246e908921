import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { isRunning, startAutoclaim, temporaryFolder, type AutoclaimProcess } from '../harness/autoclaim-process.ts';
import { Chance } from './history/chance.ts';
import { found, type Organisation } from './history/organisation.ts';
import { assertHonest, claimed, prepareRush, signIn, type Rush, type Told } from './rush.ts';

// The embedded PostgreSQL on a small disk that somebody else fills.

const DISK = '160m';
const USERS = 900;

const folder = await temporaryFolder();
const disk = join(folder.path, 'disk');
mkdirSync(disk);
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', disk]).status === 0;

describe('a disk that is full', { skip: !isMounted && 'mounting a small disk is not permitted here' }, () => {
  const data = join(disk, 'data');
  const filler = join(disk, 'filler');
  let server: AutoclaimProcess;
  let pool: pg.Pool;
  let organisation: Organisation;
  let rush: Rush;
  const told: Told[] = [];

  before(async () => {
    chmodSync(disk, 0o755);
    const [clientId, clientSecret] = ['disk', 'a secret of the test of the full disk'];
    server = await startAutoclaim({
      AUTOCLAIM_DATA_DIR: data,
      AUTOCLAIM_BOOTSTRAP_CLIENT_ID: clientId,
      AUTOCLAIM_BOOTSTRAP_CLIENT_SECRET: clientSecret,
    });
    await server.ready;
    pool = new pg.Pool({ host: join(data, 'postgresql-socket'), user: 'autoclaim', database: 'autoclaim', max: 2 });
    pool.on('error', () => undefined);
    organisation = await found(server.url, { clientId, clientSecret }, new Chance(1), USERS);
    rush = await prepareRush(server.url, organisation.tenants[0], [USERS]);
  });
  after(async () => {
    server.kill('SIGTERM');
    await server.ended;
    await pool.end();
    spawnSync('umount', [disk]);
    await folder.remove();
  });

  const fill = () => {
    const block = Buffer.alloc(64 * 1024);
    for (;;) {
      try {
        appendFileSync(filler, block);
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
        return;
      }
    }
  };
  const users = () => organisation.tenants[0].users;
  const rushIn = async (from: number, to: number) => {
    const answers = await Promise.all(
      users()
        .slice(from, to)
        .map((userId) => signIn(server.url, rush, userId)),
    );
    told.push(...answers);
    return answers;
  };
  const isReady = async () => (await fetch(`${server.url}/readyz`)).status === 200;

  it('is a 503 with Retry-After for whoever would claim, and nothing is acknowledged that isn’t kept', async () => {
    assert.equal(claimed(await rushIn(0, 100)).length, 100);
    fill();
    let refused: Told[] = [];
    for (let from = 100; from < 500 && refused.length === 0; from += 50) {
      // To the end of what PostgreSQL has set aside for its log of changes.
      await pool.query('select pg_switch_wal()').catch(() => undefined);
      refused = (await rushIn(from, from + 50)).filter(({ status }) => status !== 200);
    }
    assert.ok(refused.length > 0, 'the disk was never full');
    for (const { status, retryAfter, body } of refused) {
      assert.deepEqual([status, retryAfter, body.error?.code], [503, '1', 'ServiceUnavailable']);
    }
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  });

  it('is told by /readyz, and keeps nobody waiting', async () => {
    const limit = performance.now() + 5_000;
    while ((await isReady()) && performance.now() < limit) await sleep(50);
    assert.ok(!(await isReady()));
    const answers = await rushIn(500, 510);
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([503]));
    assert.ok(Math.max(...answers.map(({ ms }) => ms)) < 10_000);
  });

  it('heals by itself when there is space again; who was refused claims, who had claimed has it', async () => {
    rmSync(filler);
    const beganAt = performance.now();
    while (!(await isReady())) {
      assert.ok(performance.now() - beganAt < 40_000, server.stdout);
      await sleep(100);
    }
    const later = await rushIn(0, USERS);
    assert.equal(claimed(later).length, USERS);
    await assertHonest(pool, rush, told);
    assert.ok(isRunning(server.processId));
    server.kill('SIGTERM');
    assert.equal((await server.ended).code, 0, server.stdout + server.stderr.slice(-1500));
  });
});

if (!isMounted) await folder.remove();
