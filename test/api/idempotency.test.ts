import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { purgeIdempotentRequests } from '../../src/jobs/purge.ts';
import { startTestServer, type RequestOptions, type TestServer } from '../harness/server.ts';

describe('Idempotency-Key', () => {
  let server: TestServer;
  let second: TestServer;
  let token: string;
  before(async () => {
    server = await startTestServer();
    second = await startTestServer({ beside: server });
    token = await server.token(['Application.ReadWrite.All']);
  });
  after(async () => {
    await second.close();
    await server.close();
  });

  const post = (key: string, body: unknown, more: RequestOptions & { at?: TestServer; path?: string } = {}) =>
    (more.at ?? server).request('POST', more.path ?? '/v1.0/applications', {
      token,
      body,
      ...more,
      headers: { 'idempotency-key': key },
    });
  const named = () => ({ displayName: `App ${randomUUID()}` });
  const appsNamed = async ({ displayName }: { displayName: string }) =>
    (await server.db.pool.query('select count(*) from apps where display_name = $1', [displayName])).rows[0].count;
  const forget = (key: string) =>
    server.db.pool.query(
      "update idempotent_requests set answered_at = answered_at - interval '24 hours' where idempotency_key = $1",
      [key],
    );

  it('makes a request that comes again get the same answer, and do nothing', async () => {
    const [key, body] = [randomUUID(), named()];
    const first = await post(key, body);
    assert.equal(first.status, 201);
    assert.equal(first.headers.get('idempotency-replayed'), null);
    for (const at of [server, second]) {
      const again = await post(key, body, { at });
      assert.equal(again.status, 201);
      assert.equal(JSON.stringify(again.body), JSON.stringify(first.body));
      assert.equal(again.headers.get('idempotency-replayed'), 'true');
      assert.notEqual(again.headers.get('request-id'), first.headers.get('request-id'));
      for (const name of ['location', 'content-type']) assert.equal(again.headers.get(name), first.headers.get(name));
    }
    assert.equal(await appsNamed(body), 1);
  });

  it('makes a request that comes many times at once, on two servers, have one effect and one answer', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [key, body] = [randomUUID(), named()];
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, index) => post(key, body, { at: index % 2 ? second : server })),
      );
      assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([201]));
      assert.equal(new Set(answers.map((answer) => answer.body.id)).size, 1);
      assert.equal(await appsNamed(body), 1);
    }
  });

  it('of another request is refused', async () => {
    const [key, body] = [randomUUID(), named()];
    const { id } = (await post(key, body)).body;
    for (const [other, path] of [
      [named(), undefined],
      [{ ...body, onRefusal: 'block' }, undefined],
      [body, `/v1.0/applications/${id}/removePassword`],
    ] as const) {
      const answer = await post(key, path ? { keyId: randomUUID() } : other, path ? { path } : {});
      assert.equal(answer.status, 422);
      assert.match(answer.body.error.message, /Idempotency-Key/);
    }
    const bodies = [named(), named(), named()];
    const race = randomUUID();
    const answers = await Promise.all(bodies.map((one) => post(race, one)));
    assert.deepEqual(answers.map((answer) => answer.status).toSorted(), [201, 422, 422]);
  });

  it('is each client’s own', async () => {
    const [key, body] = [randomUUID(), named()];
    const tenantId = await server.createTenant();
    const ids = [
      (await post(key, body)).body.id,
      (await post(key, body, { token: await server.token(['Application.ReadWrite.All', 'User.Read.All']) })).body.id,
      (await post(key, body, { token: await server.token(['Application.ReadWrite.All'], tenantId) })).body.id,
    ];
    assert.equal(new Set(ids).size, 3);
    assert.ok(!ids.includes(undefined));
  });

  it('is good for 24 hours', async () => {
    const [key, body] = [randomUUID(), named()];
    await post(key, body);
    await forget(key);
    assert.equal((await post(key, body)).headers.get('idempotency-replayed'), null);
    assert.equal((await post(key, body)).headers.get('idempotency-replayed'), 'true');
    assert.equal(await appsNamed(body), 2);
    await forget(key);
    await purgeIdempotentRequests(server.db);
    const { rowCount } = await server.db.pool.query('select from idempotent_requests where idempotency_key = $1', [
      key,
    ]);
    assert.equal(rowCount, 0);
  });

  it('keeps a refusal too', async () => {
    const [key, plan] = [randomUUID(), randomUUID()];
    const body = { ...named(), requiredServicePlanIds: [plan] };
    const refused = await post(key, body);
    assert.equal(refused.status, 400);
    const product = { tenant_id: server.tenantId, sku_id: randomUUID() };
    await server.db.query
      .insertInto('products')
      .values({ ...product, sku_part_number: 'x', display_name: 'x', created_at: new Date() })
      .execute();
    await server.db.query
      .insertInto('product_plans')
      .values({ ...product, service_plan_id: plan, service_plan_name: 'x', friendly_name: 'x', position: 0 })
      .execute();
    assert.deepEqual((await post(key, body)).body, refused.body);
    assert.equal((await post(randomUUID(), body)).status, 201);
  });

  it('is not used up by a request that could not be read', async () => {
    const [key, body] = [randomUUID(), named()];
    assert.equal((await post(key, { ...body, nonsense: 1 })).status, 400);
    assert.equal((await post(key, body)).status, 201);
  });

  it('lets a request that failed on our side be tried again', async () => {
    const [key, body] = [randomUUID(), named()];
    await server.db.pool.query("alter table apps add constraint broken check (display_name <> 'x') not valid");
    await server.db.pool.query(`alter table apps add constraint fault check (display_name <> '${body.displayName}')`);
    assert.equal((await post(key, body)).status, 500);
    await server.db.pool.query('alter table apps drop constraint fault, drop constraint broken');
    assert.equal((await post(key, body)).status, 201);
    assert.equal(await appsNamed(body), 1);
  });

  it('never has a second effect where the answer was lost after the change', async () => {
    const [key, body] = [randomUUID(), named()];
    // As if the process died between the two: the change is committed, the answer can't be kept.
    await server.db.pool.query('alter table idempotent_requests add constraint lost check (status = 0) not valid');
    assert.equal((await post(key, body)).status, 201);
    await server.db.pool.query('alter table idempotent_requests drop constraint lost');
    const again = await post(key, body);
    assert.equal(again.status, 409);
    assert.match(again.body.error.message, /was carried out once, and its answer was lost/);
    assert.equal(await appsNamed(body), 1);
  });

  it('keeps no secrets: what was answered with one is told to be done, and not done again', async () => {
    const app = (await post(randomUUID(), named())).body;
    const key = randomUUID();
    const path = `/v1.0/applications/${app.id}/addPassword`;
    const added = await post(key, {}, { path });
    assert.equal(added.status, 200);
    const started = performance.now();
    const again = await post(key, {}, { path });
    assert.ok(performance.now() - started < 1_000);
    assert.equal(again.status, 409);
    assert.match(again.body.error.message, /held a secret and is not kept/);
    assert.equal(
      (await server.request('GET', `/v1.0/applications/${app.id}`, { token })).body.passwordCredentials.length,
      1,
    );

    const tenant = { displayName: 'T', defaultDomain: 'keyed.example', countryLetterCode: 'US' };
    const maker = await server.token(['Tenant.Create']);
    const created = await post(key, tenant, { path: '/v1.0/admin/tenants', token: maker });
    assert.equal(created.status, 201);
    assert.equal((await post(key, tenant, { path: '/v1.0/admin/tenants', token: maker })).status, 409);
    // A refusal of such a route has no secret in it.
    const [other, late] = [
      randomUUID(),
      await post(randomUUID(), tenant, { path: '/v1.0/admin/tenants', token: maker }),
    ];
    assert.equal(late.status, 400);
    assert.equal((await post(other, tenant, { path: '/v1.0/admin/tenants', token: maker })).status, 400);
    assert.equal(
      (await post(other, tenant, { path: '/v1.0/admin/tenants', token: maker })).headers.get('idempotency-replayed'),
      'true',
    );

    const { rows } = await server.db.pool.query('select * from idempotent_requests');
    for (const secret of [added.body.secretText, created.body.clientSecret])
      assert.ok(!JSON.stringify(rows).includes(secret));
  });

  it('must be 1 to 255 printable characters', async () => {
    const body = named();
    for (const key of ['', 'x'.repeat(256), 'caf\u00e9', 'a\tb']) {
      const answer = await post(key, body);
      assert.equal(answer.status, 400, key);
      assert.match(answer.body.error.message, /Idempotency-Key must be/);
    }
    assert.equal(await appsNamed(body), 0);
    assert.equal((await post('x'.repeat(255), body)).status, 201);
  });

  it('is left alone by imports, of which each is carried out', async () => {
    const key = randomUUID();
    const header =
      'Product_Display_Name,String_Id,GUID,Service_Plan_Name,Service_Plan_Id,Service_Plans_Included_Friendly_Names';
    for (const name of ['One', 'Two']) {
      const answer = await server.request('POST', '/v1.0/admin/import/products', {
        permissions: ['Organization.ReadWrite.All'],
        body: `${header}\n${name},${name},${randomUUID()},PLAN,${randomUUID()},Plan\n`,
        headers: { 'content-type': 'text/csv', 'idempotency-key': key },
      });
      assert.deepEqual([answer.status, answer.body.added], [200, 1]);
    }
  });

  it('is for POST alone', async () => {
    const key = randomUUID();
    const headers = { 'idempotency-key': key };
    assert.equal((await server.request('GET', '/v1.0/applications?$top=1', { token, headers })).status, 200);
    assert.equal((await post(key, named())).status, 201);
  });
});
