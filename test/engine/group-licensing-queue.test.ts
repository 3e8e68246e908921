import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { openDatabase, type Database } from '../../src/db/open.ts';
import { workOffQueues } from '../../src/engine/license/work-off-queue.ts';
import { groupLicensingOf } from '../harness/group-licensing.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World, type WorldProduct, type WorldUser } from '../harness/world.ts';
import { findGroupFaults } from './histories/watch.ts';

const MEMBERS = 450;

describe('the queue of group-based licensing', () => {
  let server: TestServer;
  let beside: Database;
  let world: World;
  let product: WorldProduct;
  let members: WorldUser[];
  before(async () => {
    server = await startTestServer();
    beside = openDatabase(server.db.connection, () => undefined);
    world = worldOf(server);
  });
  after(async () => {
    await beside.close();
    await server.close();
  });

  /** Members who are queued, and not licensed yet. */
  beforeEach(async () => {
    const { productWith, give } = groupLicensingOf(world);
    product = await productWith(2 * MEMBERS);
    members = await world.addUsers(MEMBERS);
    await give(await world.addGroup(members.map(({ id }) => id)), [product]);
    assert.equal(await world.consumed(product), 0);
  });

  const queued = () => world.value('select count(*) from group_licensing_queue where tenant_id = $1');

  it('is worked off by several servers at once, each member by one of them', async () => {
    await Promise.all([workOffQueues(server.db), workOffQueues(beside), workOffQueues(server.db)]);
    assert.equal(await world.consumed(product), MEMBERS);
    const entries = await world.value(
      "select count(*) from audit_entries where tenant_id = $1 and operation = 'Assign' and details @> jsonb_build_array(jsonb_build_object('key', 'SkuId', 'value', $2::text))",
      product.skuId,
    );
    assert.equal(entries, MEMBERS);
    assert.deepEqual(await findGroupFaults(server.db, world.tenantId), []);
  });

  it('gives everybody else theirs where one can’t be done for a fault of ours, and tells that fault', async () => {
    const unlucky = members[MEMBERS >> 1]!.id;
    await server.db.pool.query(`
      create function refuse_one() returns trigger language plpgsql as $$
      begin raise exception 'a planted fault'; end $$;
      create trigger refuse_one before insert on assignment_paths for each row
        when (new.user_id = '${unlucky}') execute function refuse_one()`);
    await assert.rejects(workOffQueues(server.db), /a planted fault/);
    assert.deepEqual([await world.consumed(product), await queued()], [MEMBERS - 1, 1]);
    // Not again and again: it is left alone for a minute.
    await workOffQueues(server.db);
    await server.db.pool.query('drop trigger refuse_one on assignment_paths');
    await server.db.pool.query("update group_licensing_queue set queued_at = queued_at - interval '61 seconds'");
    await workOffQueues(server.db);
    assert.deepEqual([await world.consumed(product), await queued()], [MEMBERS, 0]);
  });

  it('leaves nobody in it who is deleted meanwhile', async () => {
    const deleting = Promise.all(members.slice(0, 20).map(({ id }) => world.remove(`/users/${id}`)));
    await Promise.all([deleting, workOffQueues(beside)]);
    await workOffQueues(server.db);
    assert.deepEqual([await world.consumed(product), await queued()], [MEMBERS - 20, 0]);
    assert.deepEqual(await findGroupFaults(server.db, world.tenantId), []);
  });
});
