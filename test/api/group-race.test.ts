import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { workOffQueues } from '../../src/engine/license/work-off-queue.ts';
import { findFaults, findGroupFaults } from '../engine/histories/watch.ts';
import { groupLicensingOf } from '../harness/group-licensing.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World } from '../harness/world.ts';

// Claims and a group's licenses for the same people in the same moment: one seat each, never two.

describe('a claim in the same moment as a group’s license', () => {
  let server: TestServer;
  let world: World;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    await world.turnAutoClaim(true);
  });
  after(() => server.close());

  async function prepare(seats: number) {
    const { productWith } = groupLicensingOf(world);
    const product = await productWith(seats);
    const app = await world.addApp([product.plans['CHAT']!]);
    await world.addPolicy(app, [product]);
    return { product, app };
  }

  async function assertNothingWrong(): Promise<void> {
    assert.deepEqual(await findFaults(server.db, world.tenantId), []);
    assert.deepEqual(await findGroupFaults(server.db, world.tenantId), []);
  }

  it('takes one seat, whichever comes first', async () => {
    const { product, app } = await prepare(1_000);
    const users = await world.addUsers(180);
    const { give } = groupLicensingOf(world);
    const group = await world.addGroup(users.map(({ id }) => id));
    const [decisions] = await Promise.all([
      Promise.all(users.map((user) => world.signIn(app, user))),
      give(group, [product]),
    ]);
    await workOffQueues(server.db);
    assert.ok(decisions.every(({ outcome }) => outcome === 'claimed' || outcome === 'licensed'));
    assert.equal(await world.consumed(product), users.length);
    const claims = decisions.filter(({ outcome }) => outcome === 'claimed').length;
    const paths = (kind: string) =>
      world.value(
        `select count(*) from assignment_paths where tenant_id = $1 and sku_id = $2 and kind = '${kind}'`,
        product.skuId,
      );
    assert.deepEqual([await paths('policy'), await paths('group')], [claims, users.length]);
    await assertNothingWrong();
  });

  it('never gives more seats than there are: who comes second has an error, or no claim', async () => {
    const { product, app } = await prepare(60);
    const [members, others] = [await world.addUsers(100), await world.addUsers(100)];
    const { give } = groupLicensingOf(world);
    const group = await world.addGroup(members.map(({ id }) => id));
    const [decisions] = await Promise.all([
      Promise.all([...others, ...members.slice(0, 50)].map((user) => world.signIn(app, user))),
      give(group, [product]),
    ]);
    await workOffQueues(server.db);
    assert.equal(await world.consumed(product), 60);
    assert.deepEqual(
      [...new Set(decisions.map(({ outcome, reason }) => reason ?? outcome))].filter(
        (one) => !['claimed', 'licensed', 'noSeats'].includes(one),
      ),
      [],
    );
    const { inError, value } = await world.get(`/groups/${group}/licenses`);
    assert.equal(Number(value[0].licensed) + Number(inError), members.length);
    await assertNothingWrong();
  });

  it('misses nobody who joins an inner group while the outer one is licensed', async () => {
    const { product } = await prepare(1_000);
    const { give, join } = groupLicensingOf(world);
    for (let round = 0; round < 5; round += 1) {
      const users = await world.addUsers(12);
      const inner = await world.addGroup();
      const middle = await world.addGroup();
      const outer = await world.addGroup();
      await Promise.all([
        ...users.map(({ id }) => join(inner, id)),
        join(outer, middle),
        give(outer, [product]),
        join(middle, inner),
      ]);
      await workOffQueues(server.db);
      const { licensed } = (await world.get(`/groups/${outer}/licenses`)).value[0];
      assert.equal(licensed, users.length, `round ${round}`);
    }
    await assertNothingWrong();
  });
});
