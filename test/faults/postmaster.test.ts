import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { postmasterOf, startAutoclaim, temporaryFolder, type AutoclaimProcess } from '../harness/autoclaim-process.ts';
import { Chance } from './history/chance.ts';
import { found, type Organisation } from './history/organisation.ts';
import { assertHonest, claimed, prepareRush, signIn, type Rush, type Told } from './rush.ts';

// The embedded PostgreSQL is killed while people sign in. Two workers, so that what they hold of
// the database is tried, too.

const USERS = 600;

describe('the embedded PostgreSQL under sign-ins', { skip: process.platform !== 'linux' && 'looks into /proc' }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let data: string;
  let server: AutoclaimProcess;
  let pool: pg.Pool;
  let organisation: Organisation;

  before(async () => {
    folder = await temporaryFolder();
    data = join(folder.path, 'data');
    const [clientId, clientSecret] = ['postmaster', 'a secret of the test of the postmaster'];
    server = await startAutoclaim({
      AUTOCLAIM_DATA_DIR: data,
      AUTOCLAIM_WORKERS: '2',
      AUTOCLAIM_BOOTSTRAP_CLIENT_ID: clientId,
      AUTOCLAIM_BOOTSTRAP_CLIENT_SECRET: clientSecret,
    });
    await server.ready;
    pool = new pg.Pool({ host: join(data, 'postgresql-socket'), user: 'autoclaim', database: 'autoclaim', max: 2 });
    pool.on('error', () => undefined);
    organisation = await found(server.url, { clientId, clientSecret }, new Chance(2), USERS);
  });
  after(async () => {
    server.kill('SIGTERM');
    await server.ended;
    await pool.end();
    await folder.remove();
  });

  /** Everybody signs in, and tries again until it is decided; meanwhile something is broken. */
  async function rushWhile(rush: Rush, breakIt: () => Promise<void>): Promise<Told[]> {
    const told: Told[] = [];
    const users = [...organisation.tenants[0].users];
    const lane = async () => {
      for (let userId = users.pop(); userId; userId = users.pop()) {
        for (;;) {
          const one = await signIn(server.url, rush, userId);
          told.push(one);
          if (one.status === 200) break;
          await sleep(200);
        }
      }
    };
    const breaking = async () => {
      while (claimed(told).length < 50) await sleep(2);
      await breakIt();
    };
    await Promise.all([breaking(), ...Array.from({ length: 16 }, lane)]);
    return told;
  }

  /** The most connections that are held within three seconds. */
  async function mostHeld() {
    // Not in a transaction, which would see the first moment again and again.
    const count = () =>
      pool.query<{ held: number }>(
        "select count(*)::int as held from pg_stat_activity where application_name like 'autoclaim%'",
      );
    let most = 0;
    const until = performance.now() + 3_000;
    while (performance.now() < until) {
      most = Math.max(most, (await count()).rows[0]!.held);
      await sleep(200);
    }
    return most;
  }

  async function assertAllDecided(rush: Rush, told: readonly Told[]): Promise<void> {
    const failed = told.filter(({ status }) => status !== 200);
    assert.ok(failed.length > 0, 'nobody noticed');
    for (const { status, retryAfter, body } of failed) {
      assert.deepEqual([status, retryAfter], [503, '1'], JSON.stringify(body));
    }
    const [seats] = rush.seats;
    assert.equal(new Set(claimed(told).map(({ userId }) => userId)).size, seats);
    await assertHonest(pool, rush, told);
  }

  it('has connections left however many requests wait for it', async () => {
    const { client } = organisation.tenants[0];
    const holder = await pool.connect();
    await holder.query('begin; lock table pools in access exclusive mode');
    const asked = Array.from({ length: 200 }, async () => {
      const headers = { authorization: `Bearer ${client.token}` };
      return (await fetch(`${server.url}/v1.0/subscribedSkus`, { headers })).status;
    });
    const held = await mostHeld();
    await holder.query('commit');
    holder.release();
    // Two workers with 20 each, the primary's jobs with 12, and two locks.
    assert.ok(held > 20 && held <= 54, `${held} connections`);
    for (const status of await Promise.all(asked)) assert.ok([200, 503].includes(status), String(status));
  });

  it('loses no acknowledged claim when sessions of it are killed by force: it restarts itself', async () => {
    const rush = await prepareRush(server.url, organisation.tenants[0], [500]);
    const told = await rushWhile(rush, async () => {
      const { rows } = await pool.query<{ pid: number }>(
        "select pid from pg_stat_activity where application_name = 'autoclaim' limit 1",
      );
      process.kill(rows[0]!.pid, 'SIGKILL');
    });
    await assertAllDecided(rush, told);
  });

  it('loses no acknowledged claim when it is killed as a whole: Autoclaim starts it again', async () => {
    const rush = await prepareRush(server.url, organisation.tenants[0], [500]);
    const postmaster = postmasterOf(data);
    const told = await rushWhile(rush, async () => void process.kill(postmaster, 'SIGKILL'));
    await assertAllDecided(rush, told);
    assert.notEqual(postmasterOf(data), postmaster);
    assert.match(server.stdout, /PostgreSQL has stopped unexpectedly; starting it again\./);
  });
});
