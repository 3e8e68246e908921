import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { StoreUnavailable } from '../../src/db/failures.ts';
import { openDatabase, type Database } from '../../src/db/open.ts';
import { inTransaction } from '../../src/db/transaction.ts';
import { freePort, startAutoclaim, temporaryFolder, type AutoclaimProcess } from '../harness/autoclaim-process.ts';
import { findOwnPrograms, startReplicated, type ReplicatedPostgresql } from '../harness/replicated-postgresql.ts';
import { judge } from './checker/checker.ts';
import { readState } from './checker/state.ts';
import { Chance } from './history/chance.ts';
import { tell } from './history/episode.ts';
import { live } from './history/lanes.ts';
import { found, type Organisation } from './history/organisation.ts';
import { Recorder } from './history/recorder.ts';
import { assertHonest, claimed, prepareRush, signIn, type Rush, type Told } from './rush.ts';

// A primary and its synchronous standby, as two PostgreSQL servers of Debian's package; Autoclaim
// knows both. The tests follow each other: at the end the primary is gone for good.

const programs = findOwnPrograms();
const SEED = 31;
const LOGGED_WITHIN_MS = 1_200;

describe('with a synchronous standby', { skip: !programs && 'no PostgreSQL with pg_basebackup is installed' }, () => {
  let pair: ReplicatedPostgresql;
  let url: string;

  before(async () => {
    pair = await startReplicated(programs!, { isSynchronous: true });
    const [one, other] = [pair.primary, pair.standby].map(({ connection: { host, port } }) => `${host}:${port}`);
    // The standby first: the order doesn't matter.
    url = `postgresql://autoclaim@${other},${one}/autoclaim?target_session_attrs=read-write`;
  });
  after(() => pair.close());

  describe('that is away, a transaction', () => {
    let db: Database;
    let others: pg.Pool;
    before(async () => {
      // Limits that a test can wait for.
      db = openDatabase({ connectionString: url, statement_timeout: 300, query_timeout: 1_500 }, () => undefined);
      others = new pg.Pool({ ...pair.primary.connection, max: 2 });
      others.on('error', () => undefined);
      await others.query('create table things (id integer primary key)');
      await pair.standby.stop();
    });
    after(async () => {
      await Promise.all([db.close(), others.end()]);
    });
    const write = (id: number) =>
      inTransaction(db, ({ client }) => client.query('insert into things values ($1)', [id]));
    const things = async () => (await others.query<{ id: number }>('select id from things order by id')).rows;
    const waiting = async () => {
      const { rows } = await others.query<{ pid: number }>(
        "select pid from pg_stat_activity where wait_event = 'SyncRep'",
      );
      return rows.map(({ pid }) => pid);
    };

    it('is not acknowledged where somebody cancels its wait, though it is committed on the primary', async () => {
      const written = write(1);
      while ((await waiting()).length === 0) await sleep(20);
      await others.query('select pg_cancel_backend(pid) from unnest($1::int[]) as pid', [await waiting()]);
      await assert.rejects(
        written,
        (error) => error instanceof StoreUnavailable && /synchronous standby/.test(error.message),
      );
      assert.deepEqual(await things(), [{ id: 1 }]);
    });

    it('is told to be unsure when it takes too long, is not seen by anybody, and is there when the standby is back', async () => {
      const began = performance.now();
      await assert.rejects(write(2), StoreUnavailable);
      assert.ok(performance.now() - began > 1_400, 'PostgreSQL’s own limit has cancelled the wait');
      assert.deepEqual(await things(), [{ id: 1 }]);
      await pair.standby.start();
      while ((await waiting()).length > 0) await sleep(20);
      assert.deepEqual(await things(), [{ id: 1 }, { id: 2 }]);
      await write(3);
      await others.query('drop table things');
    });
  });

  describe('that is promoted when the primary is killed', () => {
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;
    let servers: AutoclaimProcess[] = [];
    let organisation: Organisation;
    let rush: Rush;
    let pools: pg.Pool[];

    before(async () => {
      folder = await temporaryFolder();
      const [clientId, clientSecret] = ['failover', 'a secret of the failover test'];
      const baseUrl = `http://127.0.0.1:${await freePort()}`;
      const start = (name: string) =>
        startAutoclaim({
          DATABASE_URL: url,
          AUTOCLAIM_DATA_DIR: join(folder.path, name),
          AUTOCLAIM_BASE_URL: baseUrl,
          AUTOCLAIM_BOOTSTRAP_CLIENT_ID: clientId,
          AUTOCLAIM_BOOTSTRAP_CLIENT_SECRET: clientSecret,
        });
      servers = await Promise.all([start('one'), start('other')]);
      await Promise.all(servers.map((server) => server.ready));
      organisation = await found(servers[0]!.url, { clientId, clientSecret }, new Chance(SEED), 400);
      rush = await prepareRush(servers[0]!.url, organisation.tenants[0], [200, 400]);
      pools = [pair.primary, pair.standby].map(({ connection }) => new pg.Pool({ ...connection, max: 2 }));
      for (const pool of pools) {
        pool.on('error', () => undefined);
      }
    });
    after(async () => {
      servers.forEach((server) => server.kill('SIGTERM'));
      await Promise.all(servers.map((server) => server.ended));
      await Promise.all(pools.map((pool) => pool.end()));
      await folder.remove();
    });

    it('loses no acknowledged claim and doubles none; clients that try again are answered by the standby', async () => {
      const recorder = new Recorder();
      const before = await readState(pools[0]!, organisation.tenantIds, recorder.now);
      const told: Told[] = [];
      const users = [...organisation.tenants[0].users];
      let isPromoted = false;
      /** One person after the other; each tries again until it is decided. */
      const lane = async (index: number) => {
        for (let userId = users.pop(); userId; userId = users.pop()) {
          for (;;) {
            const one = await signIn(servers[index % 2]!.url, rush, userId);
            told.push(one);
            await sleep(one.status === 200 ? 20 : 200);
            if (one.status === 200) break;
          }
        }
      };
      const failover = async () => {
        while (claimed(told).length < 60) await sleep(5);
        await pair.primary.kill();
        await sleep(500);
        await pair.promote();
        isPromoted = true;
      };
      await Promise.all([failover(), ...Array.from({ length: 16 }, (_, index) => lane(index))]);
      assert.ok(isPromoted);
      const answers = told.filter(({ status }) => status !== 200);
      assert.ok(answers.length > 0, 'nobody noticed');
      for (const { status, retryAfter } of answers) assert.deepEqual([status, retryAfter], [503, '1']);
      assert.equal(claimed(told).length, 400);
      await assertHonest(pools[1]!, rush, told);
      // Nothing else has changed for anybody.
      const after = await readState(pools[1]!, organisation.tenantIds, recorder.now);
      for (const [tenantId, { policies }] of before.tenants) {
        assert.deepEqual(after.tenants.get(tenantId)!.policies, policies);
      }
    });

    it('goes on as the primary: a storm of everything is judged right', async () => {
      const recorder = new Recorder();
      // The log of refusals is written in batches.
      await sleep(LOGGED_WITHIN_MS);
      const before = await readState(pools[1]!, organisation.tenantIds, recorder.now);
      const urls = servers.map((server) => server.url);
      await live(recorder, organisation, urls, { seed: SEED, forMs: 2_000 });
      await sleep(LOGGED_WITHIN_MS);
      await recorder.settle(pools[1]!);
      const after = await readState(pools[1]!, organisation.tenantIds, recorder.now);
      const { operations } = recorder;
      const faults = judge({ before, operations, after, canaries: organisation.canaries });
      assert.equal(tell(faults), '', `seed ${SEED}`);
      assert.ok(operations.some(({ outcome }) => outcome === 'ok'));
    });

    it('is still the one that is asked where the former primary comes back and takes writes as well', async () => {
      await pair.primary.start();
      const [former] = await pair.run('select pg_is_in_recovery() as is_standby', pair.primary);
      assert.equal(former.is_standby, false);
      const db = openDatabase({ connectionString: url }, () => undefined);
      const { rows } = await db.pool.query<{ port: number }>('select inet_server_port() as port');
      await db.close();
      assert.equal(rows[0]!.port, pair.standby.connection.port);
    });
  });
});
