import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, describe, it } from 'node:test';
import { StoreUnavailable } from '../../src/db/failures.ts';
import { SignInBatches } from '../../src/engine/claim/batch.ts';
import { SignInLog } from '../../src/engine/claim/sign-in-log.ts';
import { SYSTEM } from '../../src/engine/tenant/tenant.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World, type WorldApp, type WorldProduct, type WorldUser } from '../harness/world.ts';

// How sign-ins of a tenant come together into batches while those before are in flight.

interface Side {
  readonly world: World;
  readonly product: WorldProduct;
  readonly app: WorldApp;
  readonly users: readonly WorldUser[];
}

const PEOPLE = 600;
const SEATS = 500;
const ghost: WorldUser = { id: randomUUID(), userPrincipalName: 'ghost@contoso.example' };

let server: TestServer;
let first: Side;
let other: Side;
let batches: SignInBatches;
let log: SignInLog;
before(async () => {
  server = await startTestServer();
  [first, other] = [await side(worldOf(server)), await side(worldOf(server, await server.createTenant()))];
  log = new SignInLog(server.db, (error) => assert.fail(String(error)));
  batches = new SignInBatches(server.db, log);
});
afterEach(() => batches.drain());
after(async () => {
  await log.flush();
  await server.close();
});

async function side(world: World): Promise<Side> {
  const product = await world.addProduct({ DRAW: {} });
  await world.buy(product, SEATS);
  const app = await world.addApp([product.plans['DRAW']!]);
  await world.addPolicy(app, [product]);
  await world.turnAutoClaim(true);
  return { world, product, app, users: await world.addUsers(PEOPLE) };
}

function signIn({ world, app }: Side, user: WorldUser) {
  const ask = { appId: app.appId, userId: user.id, userPrincipalName: null };
  return batches.decide(world.tenantId, {
    ...ask,
    clientId: 'client',
    correlationId: null,
    actor: SYSTEM,
    requestId: null,
    door: 'api',
  });
}

/** Keeps a tenant's pools from everybody until it is called. */
async function holdPools({ world }: Side): Promise<() => Promise<void>> {
  const client = await server.db.pool.connect();
  await client.query('begin');
  await client.query('select from pools where tenant_id = $1 for update', [world.tenantId]);
  return async () => {
    await client.query('commit');
    client.release();
  };
}

async function waitingForLocks(): Promise<number> {
  const { rows } = await server.db.pool.query<{ waiting: number }>(
    `select count(*)::int as waiting from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%for no key update%'`,
  );
  return rows[0]!.waiting;
}

/** The greatest number of calls that were seen waiting within a time that is long for what they do before. */
async function mostWaiting(until: number): Promise<number> {
  let most = 0;
  for (let tries = 0; tries < 100 && most < until; tries += 1) {
    most = Math.max(most, await waitingForLocks());
    await sleep(20);
  }
  await sleep(200);
  return Math.max(most, await waitingForLocks());
}

describe('sign-ins of one tenant', () => {
  it('wait in one call behind the one in flight where they are few, and are all answered', async () => {
    const release = await holdPools(first);
    const answers = [signIn(first, first.users[0]!)];
    assert.equal(await mostWaiting(1), 1);
    answers.push(...first.users.slice(1, 20).map((user) => signIn(first, user)));
    assert.equal(await mostWaiting(2), 1);
    await release();
    for (const { outcome } of await Promise.all(answers)) assert.equal(outcome, 'claimed');
  });

  it('are in two calls where they are many, never in three, and take each seat once', async () => {
    const release = await holdPools(first);
    const asked = first.users.slice(20).map((user) => signIn(first, user));
    assert.equal(await mostWaiting(3), 2);
    await release();
    const outcomes = Map.groupBy(await Promise.all(asked), ({ outcome, reason }) => reason ?? outcome);
    assert.deepEqual([...outcomes].map(([outcome, ones]) => [outcome, ones.length]).toSorted(), [
      ['claimed', SEATS - 20],
      ['noSeats', PEOPLE - SEATS],
    ]);
  });

  it('are decided by what holds, also where a storm of claims let something else be expected', async () => {
    const [early, late] = [other.users.slice(10, 30), other.users.slice(30, 47)];
    for (const { outcome } of await Promise.all(early.map((user) => signIn(other, user)))) {
      assert.equal(outcome, 'claimed');
    }
    const next = Promise.all([...late, ...early.slice(0, 2), ghost].map((user) => signIn(other, user)));
    assert.deepEqual(
      (await next).map(({ outcome, reason }) => reason ?? outcome),
      [...late.map(() => 'claimed'), 'licensed', 'licensed', 'unknownUser'],
    );
    await other.world.turnAutoClaim(false);
    const people = other.users.slice(50, 70);
    for (const { reason } of await Promise.all(people.map((user) => signIn(other, user)))) {
      assert.equal(reason, 'autoClaimOff');
    }
    await other.world.turnAutoClaim(true);
  });

  it('don’t wait for those of another tenant', async () => {
    await first.world.buy(first.product, PEOPLE - SEATS);
    const release = await holdPools(first);
    const people = first.users.slice(SEATS);
    const held = people.map((user) => signIn(first, user));
    for (const user of other.users.slice(0, 3)) assert.equal((await signIn(other, user)).outcome, 'claimed');
    await release();
    for (const { outcome } of await Promise.all(held)) assert.notEqual(outcome, 'refused');
  });

  it('are told to come again where too many wait, and those before them are answered', async () => {
    const release = await holdPools(other);
    const user = other.users.at(-1)!;
    const before = [signIn(other, user)];
    assert.equal(await mostWaiting(1), 1);
    const many = Array.from({ length: 21_000 }, () => signIn(other, user));
    const results = Promise.allSettled(many);
    await release();
    const refused = (await results).filter((result) => result.status === 'rejected');
    assert.ok(refused.length >= 400 && refused.length <= 1_000, `${refused.length} were refused`);
    for (const { reason } of refused) assert.ok(reason instanceof StoreUnavailable, String(reason));
    const decided = [
      ...(await Promise.all(before)),
      ...(await results).flatMap((one) => (one.status === 'fulfilled' ? one.value : [])),
    ];
    assert.equal(decided.filter(({ outcome }) => outcome === 'claimed').length, 1);
  });
});
