import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { assertRefused, worldOf, type World, type WorldProduct, type WorldUser } from '../harness/world.ts';

let server: TestServer;
let world: World;
before(async () => {
  server = await startTestServer();
  world = worldOf(server);
});
after(() => server.close());

const PATH = '/admin/licenseChanges';
const idsOf = (users: readonly WorldUser[]) => users.map(({ id }) => id);
const give = (product: { skuId: string }, disabledPlans: string[] = []) => ({
  addLicenses: [{ skuId: product.skuId, disabledPlans }],
});
const move = (from: WorldProduct, to: WorldProduct) => ({ ...give(to), removeLicenses: [from.skuId] });
const change = async (users: readonly WorldUser[], body: object) =>
  (await world.post(PATH, { userIds: idsOf(users), ...body })).value as { status: string; message: string | null }[];
const preview = (users: readonly WorldUser[], body: object) =>
  world.post(`${PATH}/preview`, { userIds: idsOf(users), ...body });
const held = async ({ id }: { id: string }) =>
  (await world.get(`/users/${id}/licenseDetails`)).value.map(({ skuId }: { skuId: string }) => skuId) as string[];

async function bought(seats: number, plans = { [`P${randomUUID().slice(0, 4)}`]: {} }): Promise<WorldProduct> {
  const product = await world.addProduct(plans);
  await world.buy(product, seats);
  return product;
}

describe('a change for many people', () => {
  it('assigns, moves and unassigns, more than 20 at once; the preview had said so', async () => {
    const [one, other] = [await bought(40), await bought(40)];
    const people = await world.addUsers(30);
    assert.deepEqual((await preview(people, give(one))).pools, [
      { skuId: one.skuId, seatsNeeded: 30, seatsFreed: 0, availableUnits: 40 },
    ]);
    assert.ok((await change(people, give(one))).every(({ status }) => status === 'done'));
    const { changed, unchanged, refused, pools } = await preview(people, move(one, other));
    assert.deepEqual([changed, unchanged, refused], [30, 0, []]);
    assert.deepEqual(pools, [
      { skuId: other.skuId, seatsNeeded: 30, seatsFreed: 0, availableUnits: 40 },
      { skuId: one.skuId, seatsNeeded: 0, seatsFreed: 30, availableUnits: 10 },
    ]);
    await change(people, move(one, other));
    assert.deepEqual([await world.consumed(one), await world.consumed(other)], [0, 30]);
    assert.equal((await preview(people, give(other))).unchanged, 30);
    const audited = await world.value(
      `select count(*)::int from audit_entries where tenant_id = $1 and activity = 'Change user license'
         and target_id = any($2::text[])`,
      idsOf(people),
    );
    assert.equal(audited, 60);
    await change(people, { removeLicenses: [other.skuId] });
    assert.equal(await world.consumed(other), 0);
  });

  it('is all or nothing for each: whom there is no seat for keeps what they have', async () => {
    const [one, other] = [await bought(5), await bought(2)];
    const people = await world.addUsers(5);
    await change(people, give(one));
    const { pools } = await preview(people, move(one, other));
    assert.deepEqual([pools[0].seatsNeeded, pools[0].availableUnits], [5, 2]);
    const results = await change(people, move(one, other));
    assert.deepEqual(
      results.map(({ status }) => status),
      ['done', 'done', 'refused', 'refused', 'refused'],
    );
    assert.match(results[2]!.message!, /does not have any available licenses/);
    assert.deepEqual(await Promise.all(people.map(held)), [
      [other.skuId],
      [other.skuId],
      [one.skuId],
      [one.skuId],
      [one.skuId],
    ]);
  });

  it('is foretold by the preview, person by person, whatever keeps them from it', async () => {
    const [from, to] = [await bought(20), await bought(20)];
    const rival = await world.addProduct({ RIVAL: { conflictsWith: [Object.values(to.plans)[0]!] } });
    await world.buy(rival, 5);
    const [plain, without, nowhere, byGroup, conflicting] = [
      ...(await world.addUsers(2)),
      await world.addUser({ usage_location: null }),
      ...(await world.addUsers(2)),
    ] as [WorldUser, WorldUser, WorldUser, WorldUser, WorldUser];
    await world.assign(plain, [from]);
    await world.assign(conflicting, [from, rival]);
    await world.giveByGroup(byGroup.id, from.skuId, await world.addGroup([byGroup.id]));
    const stranger = { id: randomUUID() } as WorldUser;
    const people = [plain, without, nowhere, byGroup, conflicting, stranger];
    const { changed, refused } = await preview(people, move(from, to));
    const results = (await world.post(PATH, { userIds: idsOf(people), ...move(from, to) })).value as {
      userId: string;
      status: string;
      message: string;
    }[];
    assert.equal(changed, 1);
    assert.deepEqual(
      refused,
      results.filter(({ status }) => status === 'refused').map(({ userId, message }) => ({ userId, message })),
    );
    assert.equal(refused.length, 5);
    assert.deepEqual(await held(plain), [to.skuId]);
  });

  it('counts no seat for who holds it by a group or a policy, and frees none that a group keeps', async () => {
    const [one, other] = [await bought(10), await bought(10)];
    const [user] = await world.addUsers(1);
    const group = await world.addGroup([user!.id]);
    await world.assign(user!, [one]);
    await world.giveByGroup(user!.id, one.skuId, group);
    await world.giveByGroup(user!.id, other.skuId, group);
    const { pools, changed } = await preview([user!], move(one, other));
    assert.deepEqual(
      [changed, pools.map((pool: any) => [pool.seatsNeeded, pool.seatsFreed])],
      [
        1,
        [
          [0, 0],
          [0, 0],
        ],
      ],
    );
  });

  it('of another tenant’s people or products does nothing', async () => {
    const theirs = worldOf(server, await server.createTenant());
    const [stranger] = await theirs.addUsers(1);
    const mine = await bought(1);
    const [result] = await change([stranger!], give(mine));
    assert.equal(result!.status, 'refused');
    assert.equal(await world.consumed(mine), 0);
  });

  it('says which were done where the database breaks off', async () => {
    const product = await bought(3);
    const people = await world.addUsers(3);
    const { tenantId } = server;
    const token = await server.token(['LicenseAssignment.ReadWrite.All'], tenantId);
    const body = { userIds: idsOf(people), ...give(product) };
    // eslint-disable-next-line @typescript-eslint/unbound-method -- put back as it was
    const { connect } = server.db.pool;
    let transactions = 0;
    Object.assign(server.db.pool, {
      connect: (...args: unknown[]) => {
        transactions += 1;
        if (transactions > 3)
          return Promise.reject(Object.assign(new Error('Connection terminated'), { code: '57P01' }));
        return Reflect.apply(connect, server.db.pool, args) as unknown;
      },
    });
    let answer;
    try {
      answer = await server.request('POST', `/v1.0${PATH}`, { token, body });
    } finally {
      Object.assign(server.db.pool, { connect });
    }
    assert.equal(answer.status, 200);
    const statuses = answer.body.value.map(({ status }: any) => status);
    assert.ok(statuses.includes('unknown'), JSON.stringify(statuses));
    const done = statuses.filter((status: string) => status === 'done').length;
    assert.equal(await world.consumed(product), done);
  });

  it('is refused as a whole where it makes no sense', async () => {
    const product = await bought(1);
    const [user] = await world.addUsers(1);
    const userIds = [user!.id];
    for (const [field, body] of [
      ['userIds', { ...give(product) }],
      ['userIds', { userIds: [], ...give(product) }],
      ['userIds', { userIds: [user!.id, user!.id.toUpperCase()], ...give(product) }],
      ['userIds', { userIds: Array.from({ length: 1_001 }, () => randomUUID()), ...give(product) }],
      ['addLicenses', { userIds }],
      ['addLicenses', { userIds, ...give(product), removeLicenses: [product.skuId] }],
      ['nonsense', { userIds, ...give(product), nonsense: 1 }],
    ] as const) {
      for (const path of [PATH, `${PATH}/preview`]) {
        assertRefused(await world.call('POST', path, body), 400, new RegExp(field));
      }
    }
  });
});
