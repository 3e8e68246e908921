import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { openDatabase, type Database } from '../../src/db/open.ts';
import { SignInBatches } from '../../src/engine/claim/batch.ts';
import { SignInLog } from '../../src/engine/claim/sign-in-log.ts';
import { workOffQueues } from '../../src/engine/license/work-off-queue.ts';
import type { Tenancy } from '../../src/engine/tenant/tenancy.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';
import { firstTenancy, found, type Founding } from './histories/found.ts';
import { findFaults, findGroupFaults, watch } from './histories/watch.ts';
import { weather, type Action, type Lane } from './storms/actions.ts';
import { judgeAnswers, judgeClaims } from './storms/judge.ts';
import { perform, type Event, type Server, type Stage } from './storms/perform.ts';

// Random storms: two servers on one database do all kinds of things at once. What happened is
// judged by what must hold whatever the order (PRODUCT.md, "What must always hold"), and the
// database itself judges every write and every commit (histories/watch.ts).
// PROPERTY_RUNS and PROPERTY_SEED as in histories.property.test.ts.
const RUNS = Math.ceil(Number(process.env['PROPERTY_RUNS'] ?? 30) / 6);
const SEED = Number(process.env['PROPERTY_SEED'] ?? randomInt(2 ** 31));

/** Products that share what the apps require; a rule that two products fall foul of together. */
const FOUNDING: Founding = {
  plans: [0b0101, 0b0111, 0b0010, 0b1011],
  rules: [{ product: 3, plan: 2, kind: 'excludes', other: 2 }],
  requires: [0b01, 0b11],
  people: Array.from({ length: 12 }, () => ({ blocked: false, guest: false, location: 'US' })),
  members: [
    [0, 1, 2, 3],
    [4, 5],
    [6, 0],
  ],
};

describe('storms', () => {
  let db: TestDatabase;
  let beside: Database;
  let first: Tenancy;
  before(async () => {
    db = await createTestDatabase();
    beside = openDatabase(db.connection, () => undefined);
    await watch(db);
    first = await firstTenancy(db);
  });
  after(async () => {
    await beside.close();
    await db.close();
  });

  for (const expires of [false, true]) {
    const what = expires ? 'while subscriptions run out' : 'over two servers';
    it(`leave nothing wrong behind, ${what} (seed ${SEED})`, async (t) => {
      const told = { storms: 0, actions: 0, claims: 0 };
      await fc.assert(
        fc.asyncProperty(weather(expires), async (storms) => {
          const events = await endure(storms, expires);
          told.storms += storms.length;
          told.actions += events.length;
          told.claims += events.filter(({ signIn }) => signIn?.decided.outcome === 'claimed').length;
        }),
        // A storm never comes the same way twice: to shrink one would lead astray.
        { numRuns: RUNS, seed: SEED, endOnFailure: true },
      );
      t.diagnostic(`${told.storms} storms of ${told.actions} actions with ${told.claims} claims`);
      assert.ok(told.claims >= RUNS, 'few claims');
    });
  }

  it('never came to a deadlock', async () => {
    // PostgreSQL tells its statistics within a second of the last statement.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const { rows } = await db.pool.query<{ deadlocks: number }>(
      'select deadlocks from pg_stat_database where datname = current_database()',
    );
    assert.equal(rows[0]!.deadlocks, 0);
  });

  async function endure(storms: readonly (readonly Lane[])[], expires: boolean): Promise<Event[]> {
    const { tenancy, organisation } = await found(first, FOUNDING, 'Storm');
    const logs = [db, beside].map((one) => new SignInLog(one, (error) => assert.fail(String(error))));
    const servers = [db, beside].map((one, at): Server => ({
      tenancy: { ...tenancy, db: one },
      signIns: new SignInBatches(one, logs[at]!),
    }));
    const stage: Stage = { organisation, policies: [], purchases: [] };
    const events: Event[] = [];
    const purchases = [0, 1, 2, 3].map((product): Action => ({ do: 'buy', product, quantity: 3 - (product % 2) }));
    const policies = [0, 1, 0, 1].map((app, at): Action => ({
      do: 'add policy',
      app,
      products: at % 3 === 0 ? [0, 1, 3] : [3, 1],
    }));
    await run([{ server: 0, actions: [...purchases, ...policies] }]);
    for (const lanes of storms) {
      await run([{ server: 0, actions: [{ do: 'turn setting', on: true }] }]);
      await run(lanes);
      await Promise.all(logs.map((log) => log.flush()));
      await workOffQueues(db);
      assert.deepEqual(await findGroupFaults(db, tenancy.tenantId), []);
      assert.deepEqual(judgeAnswers(events), []);
      assert.deepEqual(await judgeClaims(db, tenancy.tenantId, events, expires), []);
      assert.deepEqual(await findFaults(db, tenancy.tenantId), []);
    }
    return events;

    async function run(lanes: readonly Lane[]): Promise<void> {
      const results = await Promise.allSettled(
        lanes.map(async ({ server, actions }) => {
          for (const action of actions) {
            const event = await perform(servers[server]!, stage, action);
            if (event) events.push(event);
          }
        }),
      );
      // All have come to an end before the first failure is told: nothing goes on behind the test's back.
      await Promise.all(logs.map((log) => log.flush()));
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    }
  }
});
