import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { v7 as newId } from 'uuid';
import { startTestServer, type Answer, type TestServer } from '../harness/server.ts';

const NO_ONE = '11111111-1111-1111-1111-111111111111';

describe('users with licenses', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const ask = (method: string, path: string, body?: unknown, tenantId?: string) =>
    server.request(method, `/v1.0${path}`, {
      permissions: ['User.ReadWrite.All'],
      body,
      ...(tenantId && { tenantId }),
    });
  const get = (path: string, options: Record<string, string> = {}) =>
    ask('GET', `${path}?${new URLSearchParams(options).toString()}`);

  async function create(values: Record<string, unknown> = {}, tenantId?: string): Promise<any> {
    const name = `u${newId()}`;
    const user = { displayName: name, userPrincipalName: `${name}@contoso.example`, ...values };
    const answer = await ask('POST', '/users', user, tenantId);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  }

  function assertBad(answer: Answer, message: RegExp): void {
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
    assert.match(answer.body.error.message, message);
  }

  async function lastAudit() {
    const { rows } = await server.db.pool.query(
      'select * from audit_entries order by happened_at desc, audit_id desc limit 1',
    );
    return rows[0];
  }

  const [skuA, skuB, plan1, plan2, plan3] = Array.from({ length: 5 }, () => newId()) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const group = newId();
  let id: string;
  before(async () => {
    const { pool } = server.db;
    const { tenantId } = server;
    id = (await create({ displayName: 'Licensed' })).id;
    for (const [sku, plans] of [
      [skuA, [plan1, plan2, plan3]],
      [skuB, [plan1]],
    ] as const) {
      await pool.query("insert into products values ($1, $2, 'SKU', 'Product', 'User', '{}', now())", [tenantId, sku]);
      for (const [position, plan] of plans.entries()) {
        await pool.query("insert into product_plans values ($1, $2, $3, 'PLAN', 'Plan', '{}', '{}', $4)", [
          tenantId,
          sku,
          plan,
          position,
        ]);
      }
      await pool.query(
        'insert into subscriptions (tenant_id, subscription_id, sku_id, total_licenses, created_at) values ($1, $2, $3, 5, now())',
        [tenantId, newId(), sku],
      );
      await pool.query('insert into pools values ($1, $2, true, 5, 0, 0, 1, null)', [tenantId, sku]);
      await pool.query("insert into licenses values ($1, $2, $3, '2026-01-01')", [tenantId, id, sku]);
    }
    const path = "insert into assignment_paths values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '2026-01-02T03:04:05.678Z')";
    const zero = '00000000-0000-0000-0000-000000000000';
    await pool.query(path, [tenantId, id, skuA, 'direct', zero, [plan1, plan2], null, null, null]);
    await pool.query(path, [tenantId, id, skuA, 'group', group, [plan2, plan3], null, null, null]);
    await pool.query(path, [tenantId, id, skuB, 'policy', newId(), [plan1], newId(), newId(), false]);
  });
  const bySku = (a: { skuId: string }, b: { skuId: string }) => (a.skuId < b.skuId ? -1 : 1);

  it('show each product once, without the plans that every path leaves out', async () => {
    const { body } = await get(`/users/${id}`, { $select: 'assignedLicenses,assignedPlans' });
    assert.deepEqual(
      body.assignedLicenses,
      [
        { disabledPlans: [plan2], skuId: skuA },
        { disabledPlans: [plan1], skuId: skuB },
      ].toSorted(bySku),
    );
    assert.deepEqual(
      body.assignedPlans.map((plan: any) => plan.servicePlanId),
      [plan1, plan3],
    );
    assert.equal(body.assignedPlans[0].capabilityStatus, 'Enabled');
  });

  it('show the state of each path', async () => {
    const { body } = await get(`/users/${id}`, { $select: 'licenseAssignmentStates' });
    const state = { state: 'Active', error: 'None', lastUpdatedDateTime: '2026-01-02T03:04:05.678Z' };
    assert.deepEqual(
      body.licenseAssignmentStates.filter((one: any) => one.skuId === skuA),
      [
        { skuId: skuA, disabledPlans: [plan1, plan2], assignedByGroup: null, ...state },
        { skuId: skuA, disabledPlans: [plan2, plan3], assignedByGroup: group, ...state },
      ],
    );
    assert.equal(body.licenseAssignmentStates.length, 3);
  });

  it('are filtered by product, and by whether there is any', async () => {
    const names = async (filter: string) =>
      (await get('/users', { $filter: filter, $top: '999' })).body.value.map((user: any) => user.displayName);
    assert.deepEqual(await names(`assignedLicenses/any(x:x/skuId eq ${skuA.toUpperCase()})`), ['Licensed']);
    assert.deepEqual(await names(`assignedLicenses/any(x:x/skuId eq ${NO_ONE})`), []);
    assert.deepEqual(await names('assignedLicenses/$count ne 0'), ['Licensed']);
    assert.ok(!(await names('assignedLicenses/$count eq 0')).includes('Licensed'));
    assertBad(
      await get('/users', { $filter: 'assignedLicenses/any(x:x/disabledPlans eq 1)' }),
      /unknown property disabledPlans/,
    );
  });

  it('are deleted with their licenses, and the seats are free', async () => {
    const answer = await ask('DELETE', `/users/${id}`);
    assert.equal(answer.status, 204);
    assert.equal(answer.body, '');
    const { rows: pools } = await server.db.pool.query('select consumed from pools where tenant_id = $1', [
      server.tenantId,
    ]);
    assert.deepEqual(pools, [{ consumed: 0 }, { consumed: 0 }]);
    const { rows } = await server.db.pool.query('select from licenses union all select from assignment_paths');
    assert.equal(rows.length, 0);
    const audit = await lastAudit();
    assert.deepEqual([audit.activity, audit.operation, audit.target_id], ['Delete user', 'Delete', id]);
    assert.equal((await get(`/users/${id}`)).status, 404);
    assert.equal((await ask('DELETE', `/users/${id}`)).status, 404);
  });
});
