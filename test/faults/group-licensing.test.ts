import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { inThisMoment } from '../harness/autoclaim-process.ts';
import { install, type Installation } from './history/installation.ts';
import { clientOf } from './history/organisation.ts';
import { ask } from './rush.ts';

// A server is killed while it licenses the members of a large group; the next one goes on.

const MEMBERS = 3_000;
const WITHIN_MS = 30_000;

describe('a server that is killed while it licenses a group', () => {
  let installation: Installation;
  before(async () => {
    installation = await install();
  });
  after(() => installation.close());

  /** What is there in one moment: seats, licenses, paths and audit entries of members, and who is still queued. */
  async function numbers(): Promise<number[]> {
    const { rows } = await installation.pool.query<{ numbers: number[] }>(
      `select array[(select coalesce(sum(consumed), 0) from pools), (select count(*) from licenses),
                    (select count(*) from assignment_paths where kind = 'group'),
                    (select count(*) from audit_entries where activity = 'Change user license'),
                    (select count(*) from group_licensing_queue)]::int[] as numbers`,
    );
    return rows[0]!.numbers;
  }

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + (await inThisMoment(WITHIN_MS));
    while (!(await isSo())) {
      assert.ok(performance.now() < end, 'it did not come to be in time');
      await sleep(5);
    }
  }

  it('has done each member whole or not at all; the rest are done after its restart, each once', async () => {
    const first = await installation.start();
    const { rows } = await installation.pool.query<{ tenant_id: string }>('select tenant_id from tenants');
    const tenantId = rows[0]!.tenant_id;
    const client = await clientOf(first.url, tenantId, installation.credentials);
    const post = (path: string, body: object) => ask(first.url, client, 'POST', `/v1.0${path}`, body);
    const [skuId, servicePlanId] = [randomUUID(), randomUUID()];
    const servicePlans = [{ servicePlanId, servicePlanName: 'PLAN' }];
    await post('/admin/products', { skuId, skuPartNumber: 'PRODUCT', displayName: 'Product', servicePlans });
    await post('/directory/subscriptions', { skuId, totalLicenses: MEMBERS });
    const { id: groupId } = await post('/groups', { displayName: 'Everybody' });
    await installation.pool.query(
      `with people as (
         insert into users (tenant_id, user_id, user_principal_name, display_name, usage_location, created_at)
         select $1, gen_random_uuid(), 'person' || n || '@contoso.example', 'Person ' || n, 'US', now() from generate_series(1, $3::int) as n
         returning user_id
       )
       insert into group_users select $1, $2, user_id, now() from people`,
      [tenantId, groupId, MEMBERS],
    );
    await post(`/groups/${groupId}/assignLicense`, { addLicenses: [{ skuId }], removeLicenses: [] });
    await until(async () => (await numbers())[0]! > 0);
    first.kill('SIGKILL');
    await first.ended;
    const [done, ...others] = await numbers();
    assert.ok(done! > 0 && done! < MEMBERS, `${done} were done when it was killed`);
    assert.deepEqual(others, [done, done, done, MEMBERS - done!]);

    await installation.start();
    await until(async () => (await numbers()).at(-1) === 0);
    assert.deepEqual(await numbers(), [MEMBERS, MEMBERS, MEMBERS, MEMBERS, 0]);
  });
});
