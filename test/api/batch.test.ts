import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { assertRefused, worldOf, type World, type WorldProduct } from '../harness/world.ts';

interface Inner {
  readonly id?: string;
  readonly method?: string;
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly dependsOn?: readonly string[];
}

describe('POST /$batch', () => {
  let server: TestServer;
  let world: World;
  let product: WorldProduct;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    product = await world.addProduct({ PLAN: {} });
    await world.buy(product, 2);
  });
  after(() => server.close());

  const send = (requests: readonly Inner[], headers: Record<string, string> = {}) => {
    const whole = requests.map((request, index) => ({ id: String(index), method: 'GET', ...request }));
    return world.call('POST', '/$batch', { requests: whole }, headers);
  };
  const batch = async (requests: readonly Inner[], headers: Record<string, string> = {}): Promise<any[]> => {
    const answer = await send(requests, headers);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.responses;
  };
  const newUser = (name = randomUUID()) => ({
    displayName: name,
    userPrincipalName: `${name}@contoso.example`,
    usageLocation: 'DE',
  });
  const countNamed = (name: string) =>
    world.value('select count(*)::int from users where tenant_id = $1 and display_name = $2', name);

  it('answers each request as it would be answered by itself, in their order', async () => {
    const { id } = await world.addUser();
    const urls = [`/users/${id}`, `users/${id}?$select=id,mail`, `/v1.0/users/${id}`, '/organization', '/users/nobody'];
    const responses = await batch(urls.map((url) => ({ url })));
    for (const [index, url] of urls.entries()) {
      const alone = await world.call('GET', `/${url.replace(/^\/?(v1\.0\/)?/, '')}`);
      const { id: given, status, headers, body } = responses[index];
      assert.deepEqual([given, status], [String(index), alone.status]);
      assert.equal(headers['Content-Type'], alone.headers.get('content-type'));
      assert.match(headers['request-id'], /^[0-9a-f-]{36}$/);
      if (status === 200) assert.deepEqual(body, alone.body);
      else assert.deepEqual([body.error.code, body.error.message], [alone.body.error.code, alone.body.error.message]);
    }
    assert.equal(responses[4].body.error.innerError['request-id'], responses[4].headers['request-id']);
    assert.equal(new Set(responses.map(({ headers }) => headers['request-id'])).size, urls.length);
  });

  it('writes, with bodies, headers and what is answered without a body', async () => {
    const user = newUser();
    const [made, moved, stale] = await batch([
      { url: '/users', method: 'POST', body: user, headers: { 'Content-Type': 'application/json' } },
      {
        url: `/users/${user.userPrincipalName}`,
        method: 'PATCH',
        body: { jobTitle: 'Painter' },
        headers: { 'content-type': 'application/json; charset=utf-8', 'client-request-id': 'mine' },
        dependsOn: ['0'],
      },
      {
        url: `/policies/autoClaimPolicies/${randomUUID()}`,
        method: 'PATCH',
        body: { isEnabled: false },
        headers: { 'If-Match': 'W/"1"' },
      },
    ]);
    assert.deepEqual([made.status, made.headers.Location], [201, `${server.url}/v1.0/users/${made.body.id}`]);
    assert.deepEqual([moved.status, 'body' in moved, moved.headers['client-request-id']], [204, false, 'mine']);
    assert.equal(stale.status, 404);
    assert.equal((await world.get(`/users/${made.body.id}?$select=jobTitle`)).jobTitle, 'Painter');
  });

  it("answers what isn't JSON as base64", async () => {
    const [count, csv] = await batch([
      { url: '/users/$count', headers: { ConsistencyLevel: 'eventual' } },
      { url: '/reports/autoClaim?period=D1', headers: { accept: 'text/csv' } },
    ]);
    assert.match(count.headers['Content-Type'], /^text\/plain/);
    const all = await world.value('select count(*)::int from users where tenant_id = $1');
    assert.equal(Buffer.from(count.body, 'base64').toString(), String(all));
    assert.match(csv.headers['Content-Type'], /^text\/csv/);
    assert.match(Buffer.from(csv.body, 'base64').toString(), /claimId|userPrincipalName|User/i);
  });

  it('makes a request after those that it depends on, wherever these stand', async () => {
    const [first, second] = [newUser(), newUser()];
    const assign = { addLicenses: [{ skuId: product.skuId, disabledPlans: [] }], removeLicenses: [] };
    const responses = await batch([
      { id: 'look', url: `/users/${first.userPrincipalName}?$select=assignedLicenses`, dependsOn: ['assign', 'other'] },
      {
        id: 'assign',
        url: `/users/${first.userPrincipalName}/assignLicense`,
        method: 'POST',
        body: assign,
        dependsOn: ['MAKE'],
      },
      { id: 'other', url: '/users', method: 'POST', body: second },
      { id: 'make', url: '/users', method: 'POST', body: first },
    ]);
    assert.deepEqual(
      responses.map(({ id, status }) => [id, status]),
      [
        ['look', 200],
        ['assign', 200],
        ['other', 201],
        ['make', 201],
      ],
    );
    assert.deepEqual(responses[0].body.assignedLicenses, [{ skuId: product.skuId, disabledPlans: [] }]);
  });

  it('takes numbers for ids, as some clients write them, and answers texts', async () => {
    const requests = [
      { id: 1, method: 'GET', url: '/organization' },
      { id: 2, method: 'GET', url: '/organization', dependsOn: [1, '1'] },
    ];
    const { status, body } = await world.call('POST', '/$batch', { requests });
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(
      body.responses.map((one: any) => [one.id, one.status]),
      [
        ['1', 200],
        ['2', 200],
      ],
    );
    const twice = await world.call('POST', '/$batch', { requests: [requests[0], { ...requests[0], id: '1' }] });
    assertRefused(twice, 400, /^requests\[1\]\.id: 1 is the id of another request/);
  });

  it('does nothing of what depends on what failed, however far', async () => {
    const name = randomUUID();
    const responses = await batch([
      { id: 'a', url: '/users', method: 'POST', body: { displayName: 'No name' } },
      { id: 'b', url: '/users', method: 'POST', body: newUser(name), dependsOn: ['a'] },
      { id: 'c', url: '/organization', dependsOn: ['b'] },
      { id: 'd', url: '/organization' },
    ]);
    assert.deepEqual(
      responses.map(({ status }) => status),
      [400, 424, 424, 200],
    );
    assert.match(responses[0].body.error.message, /userPrincipalName is missing/);
    assert.equal(responses[1].body.error.code, 'FailedDependency');
    assert.equal(await countNamed(name), 0);
  });

  it('keeps pools as they are, whatever twenty requests at once ask for', async () => {
    const scarce = await world.addProduct({ PLAN: {} });
    await world.buy(scarce, 7);
    const users = await world.addUsers(20);
    const responses = await batch(
      users.map(({ id }) => ({
        url: `/users/${id}/assignLicense`,
        method: 'POST',
        body: { addLicenses: [{ skuId: scarce.skuId, disabledPlans: [] }], removeLicenses: [] },
      })),
    );
    const counts = Map.groupBy(responses, ({ status }) => status);
    assert.deepEqual([counts.get(200)?.length, counts.get(400)?.length], [7, 13]);
    for (const { body } of counts.get(400)!)
      assert.equal(body.error.message, `Subscription with SKU ${scarce.skuId} does not have any available licenses.`);
    assert.equal(await world.consumed(scarce), 7);
  });

  it('is carried out once, however often it comes with an Idempotency-Key', async () => {
    const [one, other] = [randomUUID(), randomUUID()];
    const requests = [
      { id: '1', url: '/users', method: 'POST', body: newUser(one) },
      { id: '2', url: '/users', method: 'POST', body: newUser(other) },
    ];
    const key = { 'idempotency-key': randomUUID() };
    const first = await batch(requests.slice(0, 1), key);
    const again = await batch(requests, key);
    assert.deepEqual(again[0].body, first[0].body);
    assert.equal(again[0].headers['Idempotency-Replayed'], 'true');
    assert.equal(again[1].status, 201);
    assert.deepEqual([await countNamed(one), await countNamed(other)], [1, 1]);
    // Another request under the key is told apart.
    const [changed] = await batch([{ ...requests[0]!, body: newUser() }], key);
    assert.equal(changed.status, 422);
    assertRefused(await send(requests, { 'idempotency-key': 'é' }), 400, /^Idempotency-Key/);
  });

  it('refuses a batch that can not be understood as a whole, and does nothing of it', async () => {
    const name = randomUUID();
    const make = { id: 'make', url: '/users', method: 'POST', body: newUser(name) };
    const refused = async (requests: readonly Inner[], text: RegExp) =>
      assertRefused(await send([make, ...requests]), 400, text);
    await refused([{ id: 'MAKE', url: '/me' }], /^requests\[1\]\.id: MAKE is the id of another request, too/);
    await refused(
      [{ url: '/me', dependsOn: ['x'] }],
      /^requests\[1\]\.dependsOn\[0\]: there is no request with the id x/,
    );
    await refused([{ id: 'a', url: '/me', dependsOn: ['a'] }], /^requests\[1\]\.dependsOn: a would wait for itself/);
    await refused(
      [
        { id: 'a', url: '/me', dependsOn: ['b'] },
        { id: 'b', url: '/me', dependsOn: ['make', 'a'] },
      ],
      /^requests\[1\]\.dependsOn: a would wait for itself/,
    );
    await refused(
      Array.from({ length: 20 }, () => ({ url: '/me' })),
      /^requests must NOT have more than 20 items/,
    );
    await refused([{ url: '/me', method: 'TRACE' }], /^requests\[1\]\.method must be one of GET, POST/);
    assertRefused(await world.call('POST', '/$batch', { requests: [] }), 400, /^requests/);
    assert.equal(await countNamed(name), 0);
  });

  it('reaches nothing outside of the API, and no batch', async () => {
    for (const url of [
      'https://example.com/v1.0/users',
      '//example.com/users',
      '\\\\example.com\\users',
      '/../healthz',
      '/users/../../healthz',
      '/%2e%2e/healthz',
      '/v1.0/../healthz',
    ]) {
      const [{ status, body }] = await batch([{ url }]);
      assert.deepEqual([status, body.error.code], [400, 'Request_BadRequest'], url);
      assert.match(body.error.message, /is not relative to \/v1\.0/, url);
    }
    for (const url of ['/$batch', '/%24batch', '/v1.0/$batch', '/users/../$batch']) {
      const [{ status, body }] = await batch([{ url, method: 'POST', body: { requests: [{ id: '1' }] } }]);
      assert.deepEqual([status, body.error.message], [400, 'url: a batch can not hold another.'], url);
    }
    const [lost] = await batch([{ url: '/no/such/thing' }]);
    assert.equal(lost.status, 404);
  });

  it('refuses what is larger than fits, and answers the rest', async () => {
    await server.db.pool.query(
      `insert into users (tenant_id, user_id, user_principal_name, display_name, street_address, created_at)
       select $1, gen_random_uuid(), 'long' || n || '@contoso.example', 'Long', repeat('x', 9000), now()
         from generate_series(1, 999) n`,
      [server.tenantId],
    );
    const [large, small] = await batch([
      { url: `/users?$top=999&$select=streetAddress&$filter=${encodeURIComponent("displayName eq 'Long'")}` },
      { url: '/users?$top=5&$select=streetAddress' },
    ]);
    assert.deepEqual([large.status, small.status], [400, 200]);
    assert.match(large.body.error.message, /too large for a batch/);
  });
});
