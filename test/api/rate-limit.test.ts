import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { RateLimit } from '../../src/http/rate-limit.ts';
import { startTestServer, type Answer, type TestServer } from '../harness/server.ts';
import { worldOf } from '../harness/world.ts';

describe('a caller’s allowance', () => {
  it('is ten seconds at once, and comes back at its rate', () => {
    const limit = new RateLimit(2);
    const take = (now: number, caller = 'a') => limit.take(caller, now).waitSeconds;
    for (let index = 0; index < 20; index += 1) assert.equal(take(1_000), 0);
    assert.equal(take(1_000), 1);
    assert.equal(take(1_499), 1);
    assert.equal(take(1_500), 0);
    assert.equal(take(1_500), 1);
    assert.equal(take(1_000, 'b'), 0, 'another has their own');
    // However long it was quiet, it is no more than that.
    for (let index = 0; index < 20; index += 1) assert.equal(take(900_000), 0);
    assert.equal(take(900_000), 1);
  });

  it('says how much of it is used', () => {
    const limit = new RateLimit(1);
    const used = Array.from({ length: 11 }, () => limit.take('a', 0).used);
    assert.deepEqual(
      used.map((one) => one.toFixed(1)),
      ['0.1', '0.2', '0.3', '0.4', '0.5', '0.6', '0.7', '0.8', '0.9', '1.0', '1.1'],
    );
  });
});

describe('a server with a limit', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ config: { requestsPerSecond: 1 } });
  });
  after(() => server.close());

  const get = (token: string, path = '/organization') => server.request('GET', `/v1.0${path}`, { token });
  const clientToken = async (tenantId?: string) =>
    // Each permission list is a client of its own.
    server.token(['Organization.Read.All', 'User.Read.All'], tenantId);

  function assertThrottled({ status, headers, body }: Answer): void {
    assert.equal(status, 429, JSON.stringify(body));
    assert.equal(body.error.code, 'TooManyRequests');
    assert.equal(body.error.innerError['request-id'], headers.get('request-id'));
    assert.match(headers.get('retry-after') ?? '', /^[1-9]\d*$/);
    assert.match(headers.get('x-ms-throttle-scope') ?? '', /^Tenant_Application\/Read\/[0-9a-f-]{36}\/[0-9a-f-]{36}$/);
    assert.equal(headers.get('x-ms-throttle-information'), 'ResourceUnitLimitExceeded');
    assert.ok(Number(headers.get('x-ms-throttle-limit-percentage')) >= 1);
  }

  it('answers 429 to whoever asks too much, and to nobody else; then as ever', async () => {
    const token = await clientToken();
    const answers = await Promise.all(Array.from({ length: 14 }, () => get(token)));
    const statuses = Map.groupBy(answers, ({ status }) => status);
    assert.ok([10, 11].includes(statuses.get(200)!.length), JSON.stringify(answers.map(({ status }) => status)));
    const throttled = statuses.get(429)!;
    throttled.forEach(assertThrottled);
    assert.ok(statuses.get(200)!.some(({ headers }) => Number(headers.get('x-ms-throttle-limit-percentage')) >= 0.8));
    assert.ok(statuses.get(200)!.some(({ headers }) => headers.get('x-ms-throttle-limit-percentage') === null));

    assert.equal((await get(await server.token(['Organization.Read.All']))).status, 200);
    assert.equal((await get(await clientToken(await server.createTenant()))).status, 200);

    await sleep(Number(throttled[0]!.headers.get('retry-after')) * 1_000 + 50);
    assert.equal((await get(token)).status, 200);
  });

  it('counts each request of a batch', async () => {
    const token = await server.token(['Organization.Read.All', 'Group.Read.All']);
    const requests = Array.from({ length: 14 }, (_, index) => ({
      id: `${index}`,
      method: 'GET',
      url: '/organization',
    }));
    const { status, body } = await server.request('POST', '/v1.0/$batch', { token, body: { requests } });
    assert.equal(status, 200);
    const throttled = body.responses.filter((one: any) => one.status === 429);
    assert.ok([3, 4].includes(throttled.length), `${throttled.length}`);
    for (const one of throttled) {
      assert.equal(one.body.error.code, 'TooManyRequests');
      assert.match(one.headers['Retry-After'], /^\d+$/);
    }
  });

  it('refuses no sign-in, and looks at permissions first', async () => {
    const world = worldOf(server);
    const app = { appId: '11111111-1111-1111-1111-111111111111' };
    const decisions = await Promise.all(
      Array.from({ length: 30 }, () => world.signIn(app, { id: '22222222-2222-2222-2222-222222222222' })),
    );
    assert.ok(decisions.every(({ reason }) => reason === 'unknownApp'));
    const weak = await server.token(['Reports.Read.All']);
    const refused = await Promise.all(Array.from({ length: 14 }, () => get(weak)));
    assert.ok(refused.every(({ status }) => status === 403));
  });
});
