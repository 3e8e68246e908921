import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { openDatabase, type Database } from '../../src/db/open.ts';
import { purgeIdempotentRequests } from '../../src/jobs/purge.ts';
import { runJob, scheduleJobs, type JobLog } from '../../src/jobs/schedule.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';

describe('jobs', () => {
  let one: TestDatabase;
  /** The same database, as a second server has it. */
  let other: Database;
  before(async () => {
    one = await createTestDatabase();
    other = openDatabase(one.connection, () => undefined);
  });
  after(async () => {
    await other.close();
    await one.close();
  });

  const logged: string[] = [];
  const log: JobLog = { error: (_details, message) => void logged.push(message) };

  it('run on one server at a time', async () => {
    const [begun, ended] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const job = {
      name: 'one at a time',
      everyMs: 1_000,
      async run() {
        begun.resolve(undefined);
        await ended.promise;
      },
    };
    const first = runJob(one, job, log);
    await begun.promise;
    assert.deepEqual(await Promise.all([runJob(other, job, log), runJob(other, job, log)]), [false, false]);
    ended.resolve(undefined);
    assert.equal(await first, true);
    assert.ok(await runJob(other, job, log), 'the lock is free again');
    const different = { ...job, name: 'another' };
    const both = await Promise.all([runJob(one, job, log), runJob(other, different, log)]);
    assert.deepEqual(both, [true, true], 'different jobs do not wait for each other');
  });

  it('may fail: that is logged, and they run again', async () => {
    logged.length = 0;
    let isFailing = true;
    const job = {
      name: 'fails first',
      everyMs: 5_000,
      async run() {
        if (isFailing) throw new Error('no');
      },
    };
    assert.equal(await runJob(one, job, log), false);
    assert.deepEqual(logged, ['The job "fails first" failed; it runs again in 5 s.']);
    isFailing = false;
    assert.equal(await runJob(other, job, log), true);
  });

  it('give their lock back where the connection breaks in the middle', async () => {
    const job = {
      name: 'cut off',
      everyMs: 1_000,
      async run() {
        await other.pool.query(
          "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid() and database = (select oid from pg_database where datname = current_database())",
        );
        await sleep(50);
      },
    };
    await runJob(one, job, log);
    assert.equal(await runJob(other, { ...job, run: async () => undefined }, log), true);
  });

  it('run again and again until they are stopped, and a stop waits for the one that runs', async () => {
    let [begun, ended] = [0, 0];
    const job = {
      name: 'again and again',
      everyMs: 20,
      async run() {
        begun += 1;
        await sleep(60);
        ended += 1;
      },
    };
    const schedule = scheduleJobs(one, [job], log, 10);
    // Its own timers keep no process alive, so something else must.
    const alive = setInterval(() => undefined, 10);
    while (begun < 3) await sleep(10);
    await schedule.stop();
    clearInterval(alive);
    assert.equal(ended, begun);
    const then = begun;
    await sleep(100);
    assert.equal(begun, then);
  });

  it('forget what was answered to an Idempotency-Key after a day', async () => {
    const keep = (key: string, age: string) =>
      one.pool.query(
        `insert into idempotent_requests (tenant_id, client_id, idempotency_key, request_hash, status, headers, answered_at)
         values ($1, 'client', $2, 'hash', 200, '{}', clock_timestamp() - $3::interval)`,
        [randomUUID(), key, age],
      );
    await keep('old', '24 hours 1 second');
    await keep('young', '23 hours 59 minutes');
    await purgeIdempotentRequests(one);
    const { rows } = await one.pool.query('select idempotency_key as key from idempotent_requests');
    assert.deepEqual(rows, [{ key: 'young' }]);
  });
});
