import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { notePoolUse, purgePoolUse } from '../../src/engine/subscription/pool-use.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { assertRefused, worldOf, type World, type WorldProduct } from '../harness/world.ts';

const DAY_MS = 24 * 3_600_000;
/** A day so many days ago, as the answer has it. */
const day = (ago: number) => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10);

describe('a pool’s use over time', () => {
  let server: TestServer;
  let world: World;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
  });
  after(() => server.close());

  const pathOf = ({ skuId }: WorldProduct) => `/subscribedSkus/${world.tenantId}_${skuId}/usage`;
  const use = async (product: WorldProduct, query = ''): Promise<any[]> => {
    const { days } = await world.get(pathOf(product) + query);
    return days.map((one: any) => [one.date, one.consumedUnits, one.units, one.availableUnits]);
  };
  async function pool(seats: number, more: object = {}): Promise<WorldProduct> {
    const product = await world.addProduct({ A: {} });
    await world.buy(product, seats, more);
    return product;
  }
  /** What was seen on a day that is past. */
  const put = (product: WorldProduct, ago: number, consumed: number, units: number) =>
    server.db.pool.query('insert into pool_use values ($1, $2, $3, $4, $5)', [
      world.tenantId,
      product.skuId,
      day(ago),
      consumed,
      units,
    ]);
  const kept = (product: WorldProduct) =>
    world.value<unknown[] | null>(
      'select json_agg(json_build_array(consumed, units) order by day) from pool_use where tenant_id = $1 and sku_id = $2',
      product.skuId,
    );
  async function hold(product: WorldProduct, count: number) {
    const users = await world.addUsers(count);
    for (const user of users) await world.assign(user, [product]);
    return users;
  }

  it('begins with today as it is, whether or not the job has come by; nothing is made up for before', async () => {
    const product = await pool(5);
    await hold(product, 2);
    const answer = await world.get(pathOf(product));
    assert.deepEqual(answer.days, [{ date: day(0), consumedUnits: 2, units: 5, availableUnits: 3 }]);
    assert.equal(answer['@odata.context'], `${server.config.baseUrl}/v1.0/$metadata#subscribedSkus/usage`);
    assert.equal(Date.parse(answer.to) - Date.parse(answer.from), 90 * DAY_MS);
    assert.equal(await kept(product), null);
  });

  it('has of each day the moment at which most seats were in use, and the seats of that moment', async () => {
    const product = await pool(5);
    const users = await hold(product, 3);
    await notePoolUse(server.db);
    await world.assign(users[0]!, [], [product]);
    await world.buy(product, 10);
    await notePoolUse(server.db);
    assert.deepEqual(await kept(product), [[3, 5]]);
    assert.deepEqual(await use(product), [[day(0), 3, 5, 2]]);
    // As full as it was: the later moment, of which the new seats are.
    await world.assign(users[0]!, [product]);
    assert.deepEqual(await use(product), [[day(0), 3, 15, 12]]);
    await notePoolUse(server.db);
    assert.deepEqual(await kept(product), [[3, 15]]);
    await hold(product, 1);
    assert.deepEqual(await use(product), [[day(0), 4, 15, 11]]);
  });

  it('counts the seats that can be used at that moment, whether or not they were moved in the pool yet', async () => {
    const product = await pool(5);
    await world.buy(product, 3, { status: 'Warning' });
    await world.buy(product, 100, { status: 'Suspended' });
    await hold(product, 7);
    await server.db.pool.query(
      `update subscriptions set ends_at = now() - interval '31 days' where tenant_id = $1 and sku_id = $2 and ends_at is null`,
      [world.tenantId, product.skuId],
    );
    assert.deepEqual(await use(product), [[day(0), 7, 3, 0]]);
    await notePoolUse(server.db);
    assert.deepEqual(await kept(product), [[7, 3]]);
  });

  it('has the days that a period touches and that were seen, the oldest first', async () => {
    const product = await pool(9);
    for (const [ago, consumed] of [[95, 1], [89, 2], [40, 3], [8, 4], [6, 5], [1, 6]] as const) await put(product, ago, consumed, 9); // prettier-ignore
    const seen = async (query: string) => (await use(product, query)).map(([, consumed]) => consumed);
    assert.deepEqual(await seen(''), [2, 3, 4, 5, 6, 0]);
    assert.deepEqual(await seen('?period=D90'), [2, 3, 4, 5, 6, 0]);
    assert.deepEqual(await seen('?period=D30'), [4, 5, 6, 0]);
    assert.deepEqual(await seen('?period=D7'), [5, 6, 0]);
    const [eight, six] = [`${day(8)}T00:00:00Z`, `${day(6)}T00:00:00Z`];
    assert.deepEqual(await seen(`?from=${eight}&to=${six}`), [4]);
    assert.deepEqual(await seen(`?from=${day(8)}T23:59:59.999Z&to=${day(6)}T00:00:00.001Z`), [4, 5]);
    assert.deepEqual(await seen(`?from=${day(7)}T00:00:00Z&to=${six}`), []);
    assert.deepEqual(await seen(`?from=${day(8)}T12:00:00Z&to=${day(8)}T12:00:00Z`), []);
    assert.deepEqual(await seen('?from=2000-01-01T00:00:00Z'), [1, 2, 3, 4, 5, 6, 0]);
  });

  it('refuses what isn’t a period, an option that it does not have, and a pool that there is not', async () => {
    const product = await pool(1);
    for (const [query, text] of [
      ['period=D2', /period: must be one of D1, D7, D30, D90/],
      ['from=yesterday', /from: must be a date and time/],
      ['period=D7&from=2026-01-01T00:00:00Z', /period: goes without from and to/],
      ['$top=5', /query option \$top is not one of period, from, to/],
    ] as const) {
      assertRefused(await world.call('GET', `${pathOf(product)}?${query}`), 400, text);
    }
    const other = worldOf(server, await server.createTenant());
    for (const path of [
      `/subscribedSkus/${randomUUID()}/usage`,
      `/subscribedSkus/${other.tenantId}_${product.skuId}/usage`,
      `/subscribedSkus/nothing/usage`,
    ]) {
      assert.equal((await world.call('GET', path)).status, 404);
    }
    assert.equal((await other.call('GET', `/subscribedSkus/${product.skuId}/usage`)).status, 404);
    assert.equal((await world.call('GET', `/subscribedSkus/${product.skuId.toUpperCase()}/usage`)).status, 200);
  });

  it('is each tenant’s own, of the same product too', async () => {
    const product = await pool(4);
    const other = worldOf(server, await server.createTenant());
    await other.post('/admin/products', {
      skuId: product.skuId,
      skuPartNumber: 'THEIRS',
      displayName: 'Theirs',
      servicePlans: [{ servicePlanId: randomUUID(), servicePlanName: 'A' }],
    });
    await other.buy(product, 8);
    await notePoolUse(server.db);
    await put(product, 1, 4, 4);
    const { days } = await other.get(`/subscribedSkus/${product.skuId}/usage`);
    assert.deepEqual(days, [{ date: day(0), consumedUnits: 0, units: 8, availableUnits: 8 }]);
  });

  it('is forgotten after 400 days', async () => {
    const product = await pool(1);
    await put(product, 401, 1, 1);
    await put(product, 400, 0, 1);
    await purgePoolUse(server.db);
    assert.deepEqual(await kept(product), [[0, 1]]);
  });
});
