import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { PERMISSIONS } from '../../contract/permission.ts';
import { startTestServer, type Answer, type TestServer } from '../harness/server.ts';
import { assertRefused, worldOf, type World } from '../harness/world.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const POLICIES = '/policies/autoClaimPolicies';
/** Every list of the API, and what lists of it can be asked for. */
const LISTS = [
  '/users',
  '/groups',
  '/applications',
  '/admin/products',
  '/subscribedSkus',
  '/directory/subscriptions',
  POLICIES,
  '/reports/autoClaim',
  '/auditLogs/directoryAudits',
  '/auditLogs/signIns',
];

describe('errors and lists', () => {
  let server: TestServer;
  let world: World;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
  });
  after(() => server.close());

  /** Graph's envelope and nothing else, its ids those of the headers. */
  function assertEnvelope({ status, headers, body }: Answer, wanted: number, code: string): void {
    assert.equal(status, wanted, JSON.stringify(body));
    assert.match(headers.get('content-type') ?? '', /^application\/json/);
    assert.deepEqual(Object.keys(body), ['error']);
    const { message, innerError, ...rest } = body.error;
    assert.deepEqual(rest, { code });
    assert.ok(message.length > 10);
    assert.deepEqual(Object.keys(innerError).sort(), ['client-request-id', 'date', 'request-id']);
    assert.match(innerError.date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
    assert.equal(innerError['request-id'], headers.get('request-id'));
    assert.equal(innerError['client-request-id'], headers.get('client-request-id'));
    assert.match(headers.get('request-id')!, GUID);
  }

  it('come in Graph’s envelope, whoever finds them', async () => {
    const anonymous = (path: string) => server.request('GET', path, { token: null });
    assertEnvelope(await anonymous('/v1.0/users'), 401, 'InvalidAuthenticationToken');
    assertEnvelope(await server.request('GET', '/v1.0/users', { permissions: [] }), 403, 'Authorization_RequestDenied');
    assertEnvelope(await world.call('GET', '/nothing'), 404, 'Request_ResourceNotFound');
    assertEnvelope(await anonymous('/nothing/at/all'), 404, 'Request_ResourceNotFound');
    assertEnvelope(await world.call('GET', `${POLICIES}/${randomUUID()}`), 404, 'Request_ResourceNotFound');
    assertEnvelope(await world.call('GET', `${POLICIES}/x`), 400, 'Request_BadRequest');
    assertEnvelope(await world.call('PATCH', '/admin/autoClaim', { x: 1 }), 400, 'Request_BadRequest');
    assertEnvelope(
      await world.call('POST', '/signIns', 'x', { 'content-type': 'application/json' }),
      400,
      'Request_BadRequest',
    );
    assertEnvelope(
      await world.call('POST', '/signIns', 'a=b', { 'content-type': 'text/plain' }),
      415,
      'Request_UnsupportedMediaType',
    );
    const huge = JSON.stringify({ appId: 'x'.repeat(1024 * 1024) });
    assertEnvelope(
      await world.call('POST', '/signIns', huge, { 'content-type': 'application/json' }),
      413,
      'Request_EntityTooLarge',
    );
  });

  it('carry our request-id and echo the client’s, also where nothing is wrong', async () => {
    const get = (id: string) => world.call('GET', '/users', undefined, { 'client-request-id': id });
    for (const id of [randomUUID(), 'mine/1', 'x'.repeat(128)])
      assert.equal((await get(id)).headers.get('client-request-id'), id);
    const [one, two] = [await world.call('GET', '/users'), await world.call('GET', '/users')];
    assert.match(one.headers.get('request-id')!, GUID);
    assert.notEqual(one.headers.get('request-id'), two.headers.get('request-id'));
    assert.equal(one.headers.get('client-request-id'), one.headers.get('request-id'));
    // What could not be told from another header, or fills the log, is not echoed.
    for (const id of ['x'.repeat(129), 'with space', 'ümlaut']) {
      const { headers } = await get(id);
      assert.equal(headers.get('client-request-id'), headers.get('request-id'));
    }
    const refused = await world.call('GET', '/users?$top=0', undefined, { 'client-request-id': 'mine' });
    assert.equal(refused.body.error.innerError['client-request-id'], 'mine');
  });

  it('ask for a token where it is missing or none, and say which permission is missing', async () => {
    for (const authorization of ['', 'Bearer', 'Bearer ', 'Basic eDp5', 'Bearer a b', 'bearer x.y.z']) {
      const answer = await server.request('GET', '/v1.0/users', { token: null, headers: { authorization } });
      assertEnvelope(answer, 401, 'InvalidAuthenticationToken');
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/);
    }
    const token = await server.token(PERMISSIONS);
    const inQuery = await server.request('GET', `/v1.0/users?access_token=${token}`, { token: null });
    assert.equal(inQuery.status, 401, 'a token in the address would be in every log');
    const small = await server.request('GET', '/v1.0/users', {
      token: null,
      headers: { authorization: `bEaReR ${token}` },
    });
    assert.equal(small.status, 200);
    assertRefused(
      await server.request('GET', '/v1.0/users', { permissions: ['Group.Read.All'] }),
      403,
      /User\.Read\.All/,
    );
  });

  it('look at the permission before the body: who may not is told no more', async () => {
    const answer = await server.request('POST', `/v1.0${POLICIES}`, { permissions: [], body: { nonsense: 1 } });
    assertEnvelope(answer, 403, 'Authorization_RequestDenied');
    const missing = await server.request('GET', `/v1.0${POLICIES}/x`, { permissions: [] });
    assertEnvelope(missing, 403, 'Authorization_RequestDenied');
  });

  it('refuse a method that a path doesn’t have, and write nothing', async () => {
    const policy = await aPolicy();
    for (const [method, path] of [
      ['PUT', `${POLICIES}/${policy.id}`],
      ['DELETE', POLICIES],
      ['PUT', '/admin/autoClaim'],
      ['DELETE', '/admin/autoClaim'],
      ['GET', '/signIns'],
      ['POST', '/subscribedSkus'],
      ['POST', '/reports/autoClaim'],
      ['GET', `${POLICIES}/reorder/x`],
    ] as const) {
      assertEnvelope(
        await world.call(method, path, method === 'GET' ? undefined : {}),
        404,
        'Request_ResourceNotFound',
      );
    }
    assert.deepEqual(await world.get(`${POLICIES}/${policy.id}`), policy);
  });

  it('refuse a packed body as one, whatever is in it', async () => {
    const body = gzipSync(JSON.stringify({ isEnabled: true }));
    const token = await server.token(PERMISSIONS);
    const response = await fetch(`${server.url}/v1.0/admin/autoClaim`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body,
    });
    assert.equal(response.status, 415);
    assert.match(((await response.json()) as any).error.message, /Content-Encoding/);
    assert.equal((await world.get('/admin/autoClaim')).isEnabled, false);
  });

  it('refuse half of a surrogate pair and NUL in a path or query, and what is not percent-encoded well', async () => {
    assertRefused(await world.call('GET', '/users/a%00b'), 400, /character that can't be stored/);
    assertRefused(
      await world.call('GET', `${POLICIES}?$filter=displayName eq 'a%00'`),
      400,
      /\$filter has a character/,
    );
    const answer = await rawGet('/v1.0/users/%ff');
    assert.equal(answer, 400);
    assertEnvelope(await world.call('GET', `/users/${'x'.repeat(5_000)}`), 414, 'Request_BadRequest');
  });

  for (const path of LISTS) {
    it(`${path}: options that it doesn’t know are refused by name, and it has Graph’s form`, async () => {
      for (const [query, text] of [
        ['$expand=manager', /\$expand/],
        ['$skip=1', /\$skip/],
        ['$apply=x', /\$apply/],
        ['$Top=1', /\$Top/],
        ['limit=1', /limit/],
        ['$top=x', /^\$top must be a whole number from 1 to 999/],
        ['$top=-1', /^\$top/],
        ['$top=1.5', /^\$top/],
        ['$count=yes', /^\$count must be true or false/],
        ['$select=', /\$select/],
        ['$select=id,nothing', /\$select: unknown property/],
        ['$orderby=nothing', /\$orderby: unknown property nothing/],
        ['$filter=nothing eq 1', /unknown property nothing/],
        [`$filter=id eq 'x`, /./],
        ['$filter=id', /./],
        ['$skiptoken=x', /\$skiptoken/],
      ] as const) {
        assertRefused(await world.call('GET', `${path}?${query}`), 400, text);
      }
      const answer = await world.get(`${path}?$top=1&$count=true`);
      assert.match(answer['@odata.context'], new RegExp(`/v1\\.0/\\$metadata#${path.slice(1).replace('/', '\\/')}`));
      assert.ok(Array.isArray(answer.value));
      assert.ok(Number.isInteger(answer['@odata.count']));
      assert.deepEqual(
        Object.keys(await world.get(path))
          .filter((key) => key !== '@odata.nextLink')
          .sort(),
        ['@odata.context', 'value'],
      );
    });
  }

  async function aPolicy(): Promise<any> {
    const product = await world.addProduct({ TEAMS1: {} });
    return world.get(
      `${POLICIES}/${(await world.addPolicy(await world.addApp([product.plans['TEAMS1']!]), [product])).id}`,
    );
  }

  /** A path just as it is; its status. */
  async function rawGet(path: string): Promise<number> {
    const { hostname, port } = new URL(server.url);
    const authorization = `Bearer ${await server.token(PERMISSIONS)}`;
    return new Promise((resolve, reject) => {
      httpRequest({ hostname, port, path, headers: { authorization } }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      })
        .on('error', reject)
        .end();
    });
  }
});
