import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { SignInBatches } from '../../src/engine/claim/batch.ts';
import { SignInLog } from '../../src/engine/claim/sign-in-log.ts';
import type { Tenancy } from '../../src/engine/tenant/tenancy.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';
import { histories, type Command } from './histories/commands.ts';
import { firstTenancy, found, foundings } from './histories/found.ts';
import { live } from './histories/history.ts';
import { modelState, storedState, withoutDue } from './histories/stored.ts';
import { findFaults, watch } from './histories/watch.ts';
import type { World } from './histories/world.ts';

// Random histories of an organisation, each in a tenant of its own. PROPERTY_RUNS: how many;
// PROPERTY_SEED: the seed that a failure told, to see it again.
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 30);
const SEED = Number(process.env['PROPERTY_SEED'] ?? randomInt(2 ** 31));
const COMMANDS_MAX = 35;
/** Generous: the machine may have other things to do (a history alone takes 200 ms). */
const RUN_MS_MAX = 5_000;
/** Shrinking a failure runs histories too. */
const SHRINK_MS = 120_000;

/** The other tenant: its organisation has everything that can be reached for. */
const OTHERS: readonly Command[] = [
  { do: 'switch', on: true },
  ...[0, 1, 2, 3].map((product): Command => ({ do: 'buy', product, quantity: 4, ends: null })),
  {
    do: 'add policy',
    app: 0,
    name: 1,
    isOn: true,
    products: [{ product: 0, without: 0 }],
    include: [],
    exclude: [],
    guests: true,
  },
  ...[0, 1, 2].map((who): Command => ({ do: 'sign in', who, app: 0, by: 'id', client: 0, delivery: 0 })),
];
const FOUNDING = {
  plans: [3, 3, 5, 7],
  rules: [],
  requires: [1, 2],
  people: [0, 1, 2, 3].map(() => ({ blocked: false, guest: false, location: 'US' })),
  members: [[0], [1], [2]],
};

describe('histories', () => {
  let db: TestDatabase;
  let first: Tenancy;
  let other: World['other'];
  before(async () => {
    db = await createTestDatabase();
    await watch(db);
    first = await firstTenancy(db);
    other = await found(first, FOUNDING, 'Canary');
    const world = worldOf(other);
    await live(world, OTHERS);
    assert.ok(world.organisation.claims.length > 0);
    other = { tenancy: other.tenancy, organisation: world.organisation };
  });
  after(() => db.close());

  function worldOf({ tenancy, organisation }: Pick<World, 'tenancy' | 'organisation'>): World & { log: SignInLog } {
    const log = new SignInLog(db, (error) => assert.fail(String(error)));
    return { tenancy, organisation, signIns: new SignInBatches(db, log), answered: new Map(), other, log };
  }

  const draft = { name: 1, isOn: true, include: [], exclude: [], guests: false };
  const beginning: Command[] = [
    { do: 'switch', on: true },
    { do: 'buy', product: 0, quantity: 1, ends: null },
    { do: 'add policy', app: 0, ...draft, products: [{ product: 0, without: 2 }] },
  ];
  const signIn: Command = { do: 'sign in', who: 0, app: 0, by: 'id', client: 0, delivery: null };

  it('turn on, under the claim that is there, a plan that the app comes to require', async () => {
    const world = worldOf(await found(first, FOUNDING, 'Widened'));
    await live(world, [
      ...beginning,
      signIn,
      { do: 'edit policy', policy: 0, parts: 1, draft: { ...draft, products: [{ product: 0, without: 0 }] } },
      { do: 'require', app: 0, plans: 2 },
      signIn,
      signIn,
    ]).finally(() => world.log.flush());
    assert.equal(world.organisation.extensions, 1);
    assert.equal(world.organisation.claims.length, 1);
    await assertLogged(world);
  });

  it('answer a delivery as before for 24 hours, and then anew', async () => {
    const world = worldOf(await found(first, FOUNDING, 'Again'));
    const delivered: Command = { ...signIn, delivery: 1 };
    await live(world, [...beginning, delivered, delivered]).finally(() => world.log.flush());
    assert.deepEqual([...world.answered.values()], ['claimed']);
    await live(world, [{ do: 'let days pass', days: 1 }, delivered]).finally(() => world.log.flush());
    assert.deepEqual([...world.answered.values()], ['claimed', 'licensed']);
  });

  it(`come out as the model says, whatever happens in them (seed ${SEED})`, async (t) => {
    const told = new Map<string, number>();
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(foundings, histories(COMMANDS_MAX), async (founding, history) => {
        runs += 1;
        const world = worldOf(await found(first, founding, `Run${runs}`));
        await live(world, history).finally(() => world.log.flush());
        await assertLogged(world);
        assert.deepEqual(await findFaults(db, world.tenancy.tenantId), []);
        const theirs = await storedState(other.tenancy);
        assert.deepEqual(theirs, withoutDue(modelState(other.organisation), theirs), 'the other tenant');
        for (const outcome of world.answered.values()) told.set(outcome, (told.get(outcome) ?? 0) + 1);
      }),
      {
        numRuns: RUNS,
        seed: SEED,
        interruptAfterTimeLimit: RUNS * RUN_MS_MAX + SHRINK_MS,
        markInterruptAsFailure: true,
      },
    );
    t.diagnostic(
      `${runs} histories; answers: ${[...told].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`,
    );
    // A generator that came to bring about nothing would find nothing.
    for (const outcome of ['claimed', 'licensed']) {
      assert.ok((told.get(outcome) ?? 0) >= Math.floor(runs / 10), `few ${outcome}`);
    }
  });
});

/** Every sign-in that was answered is in the log, once, as it was answered; and no other. */
async function assertLogged({ tenancy, answered }: World): Promise<void> {
  const { rows } = await tenancy.db.pool.query<{ sign_in_id: string; outcome: string }>(
    'select sign_in_id, coalesce(reason, outcome) as outcome from sign_ins where tenant_id = $1',
    [tenancy.tenantId],
  );
  assert.deepEqual(
    rows.map((row) => [row.sign_in_id, row.outcome]).sort(),
    [...answered].sort(),
    'the log of sign-ins',
  );
}
