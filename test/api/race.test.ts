import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { findFaults, watch } from '../engine/histories/watch.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World, type WorldApp, type WorldProduct, type WorldUser } from '../harness/world.ts';

// Many at once over two servers of one installation: what must come out to the seat.

const SEATS = [100, 50, 25];
const ALL_SEATS = 175;

interface Told {
  readonly user: WorldUser;
  readonly decision: any;
  /** When it was asked and answered, on this process's clock. */
  readonly begin: number;
  readonly end: number;
}

describe('many sign-ins at once over two servers', () => {
  let servers: TestServer[];
  let world: World;
  let token: string;
  before(async () => {
    const server = await startTestServer();
    servers = [server, await startTestServer({ beside: server })];
    await watch(server.db);
    world = worldOf(server);
    await world.turnAutoClaim(true);
    token = await server.token(['SignIn.Create']);
  });
  after(async () => {
    for (const server of servers.toReversed()) await server.close();
  });

  /** An app, and products with so many seats each that have what it requires. */
  async function prepare(seats: readonly number[]): Promise<{ app: WorldApp; products: WorldProduct[] }> {
    const products: WorldProduct[] = [];
    for (const count of seats) {
      const required = products[0]?.plans['REQUIRED'];
      const product = await world.addProduct({ REQUIRED: required === undefined ? {} : { id: required } });
      await world.buy(product, count);
      products.push(product);
    }
    return { app: await world.addApp([products[0]!.plans['REQUIRED']!]), products };
  }

  /** A sign-in over one of the servers; it must be decided. */
  async function signIn(server: number, { appId }: WorldApp, user: WorldUser, correlationId?: string): Promise<Told> {
    const begin = performance.now();
    const answer = await servers[server % 2]!.request('POST', '/v1.0/signIns', {
      token,
      body: { appId, userId: user.id, ...(correlationId !== undefined && { correlationId }) },
    });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return { user, decision: answer.body, begin, end: performance.now() };
  }

  /** How many claims there were of each product, and which of them as backups; everybody else must have found no seat. */
  function countClaims(told: readonly Told[], products: readonly WorldProduct[]): number[] {
    const claimed = told.filter(({ decision }) => decision.outcome === 'claimed');
    for (const { decision } of told) {
      if (decision.outcome !== 'claimed') assert.deepEqual([decision.outcome, decision.reason], ['refused', 'noSeats']);
    }
    assert.equal(new Set(claimed.map(({ user }) => user.id)).size, claimed.length, 'somebody claimed twice');
    assert.equal(
      new Set(claimed.map(({ decision }) => decision.claimId)).size,
      claimed.length,
      'a claim was told twice',
    );
    return products.map(({ skuId }) => claimed.filter(({ decision }) => decision.skuId === skuId).length);
  }

  async function assertStored(told: readonly Told[], app: WorldApp, products: readonly WorldProduct[]): Promise<void> {
    const { rows } = await world.server.db.pool.query<{ told: string }>(
      `select concat_ws(' ', c.claim_id, c.user_id, c.sku_id, c.is_backup) as told
         from claims c
         join licenses l on l.tenant_id = c.tenant_id and l.user_id = c.user_id and l.sku_id = c.sku_id
        where c.tenant_id = $1 and c.app_id = $2`,
      [world.tenantId, app.appId],
    );
    const claims = told.filter(({ decision }) => decision.outcome === 'claimed');
    assert.deepEqual(
      rows.map((row) => row.told).sort(),
      claims
        .map(({ user, decision }) =>
          [decision.claimId, user.id, decision.skuId, decision.isBackup ? 't' : 'f'].join(' '),
        )
        .sort(),
    );
    for (const product of products) {
      assert.equal(
        await world.consumed(product),
        claims.filter(({ decision }) => decision.skuId === product.skuId).length,
      );
    }
    assert.deepEqual(await findFaults(world.server.db, world.tenantId), []);
  }

  it('give 1,000 people exactly the 175 seats of three products, the primary’s first', async () => {
    const { app, products } = await prepare(SEATS);
    await world.addPolicy(app, products);
    const users = await world.addUsers(1_000);
    const told = await Promise.all(users.map((user, index) => signIn(index, app, user)));
    assert.deepEqual(countClaims(told, products), SEATS);
    for (const { decision } of told) {
      if (decision.outcome === 'claimed') assert.equal(decision.isBackup, decision.skuId !== products[0]!.skuId);
    }
    await assertStored(told, app, products);
  });

  it('give the same answer to a sign-in that reaches both servers', async () => {
    const { app, products } = await prepare(SEATS);
    await world.addPolicy(app, products);
    const users = await world.addUsers(500);
    const told = await Promise.all(
      users.flatMap((user) => [signIn(0, app, user, `of ${user.id}`), signIn(1, app, user, `of ${user.id}`)]),
    );
    const firsts = told.filter((_, index) => index % 2 === 0);
    firsts.forEach(({ decision }, index) => assert.deepEqual(told[index * 2 + 1]!.decision, decision));
    assert.deepEqual(countClaims(firsts, products), SEATS);
    await assertStored(firsts, app, products);
  });

  it('never wait for each other for ever where two policies have the same products in opposite order', async () => {
    const { app, products } = await prepare(SEATS);
    const other = await world.addApp([products[0]!.plans['REQUIRED']!]);
    await world.addPolicy(app, products);
    await world.addPolicy(other, products.toReversed());
    const users = await world.addUsers(600);
    const told = await Promise.all(users.map((user, index) => signIn(index >> 1, index % 2 === 0 ? app : other, user)));
    const [forward, backward] = [0, 1].map((kind) => told.filter((_, index) => index % 2 === kind));
    const counts = [countClaims(forward!, products), countClaims(backward!, products)];
    products.forEach((_, index) => assert.equal(counts[0]![index]! + counts[1]![index]!, SEATS[index]));
    const claims = told.filter(({ decision }) => decision.outcome === 'claimed');
    assert.equal(claims.length, ALL_SEATS);
    for (const { decision } of claims) {
      const primary = decision.appId === app.appId ? products[0] : products[2];
      assert.equal(decision.isBackup, decision.skuId !== primary!.skuId);
    }
    // Statistics follow within a second. A deadlock that was repeated away is one all the same.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert.equal(
      await world.value(
        'select deadlocks from pg_stat_database where datname = current_database() and $1::uuid is not null',
      ),
      0,
    );
  });

  it('grant nothing that began after "off" had answered, on the other server too', async () => {
    const { app, products } = await prepare([2_000]);
    await world.addPolicy(app, products);
    const queue = await world.addUsers(900);
    const told: Told[] = [];
    let off: { begin: number; end: number } | undefined;
    const claims = () => world.value('select count(*) from claims where tenant_id = $1 and app_id = $2', app.appId);
    let claimsWhenOff = 0;
    const turnOff = async () => {
      const begin = performance.now();
      const answer = await servers[0]!.request('PATCH', '/v1.0/admin/autoClaim', {
        permissions: ['AutoClaimPolicy.ReadWrite.All'],
        body: { isEnabled: false },
      });
      assert.equal(answer.status, 200);
      off = { begin, end: performance.now() };
      claimsWhenOff = await claims();
    };
    await servers[0]!.token(['AutoClaimPolicy.ReadWrite.All']);
    let turning: Promise<void> | undefined;
    const worker = async (server: number) => {
      for (let user = queue.pop(); user; user = queue.pop()) {
        told.push(await signIn(server, app, user));
        if (told.length === 300) turning = turnOff();
      }
    };
    await Promise.all(Array.from({ length: 60 }, (_, index) => worker(index)));
    await turning;
    const { begin, end } = off!;
    const outcomes = (list: readonly Told[]) =>
      new Set(list.map(({ decision }) => decision.reason ?? decision.outcome));
    assert.deepEqual(outcomes(told.filter((one) => one.end < begin)), new Set(['claimed']));
    const later = told.filter((one) => one.begin > end);
    assert.ok(later.length > 100, `only ${later.length} began after off had answered`);
    assert.deepEqual(outcomes(later), new Set(['autoClaimOff']));
    assert.equal(await claims(), claimsWhenOff, 'a claim came to be after off had answered');
    await world.turnAutoClaim(true);
    await assertStored(told, app, products);
  });
});
