import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PERMISSIONS } from '../../contract/permission.ts';
import { inParallel } from '../harness/in-parallel.ts';
import { bodiesOf, isPeoplesOwn, pathOf } from './requests.ts';
import { nothings, startTwoTenants, type TwoTenants } from './two-tenants.ts';

// What browsers are told with every answer, of every route.

const EVIL = 'https://evil.example';

let tenants: TwoTenants;
let token: string;
before(async () => {
  tenants = await startTwoTenants();
  token = await tenants.server.token(PERMISSIONS);
});
after(() => tenants.close());

/** An answer of each route, of each kind that it gives: with and without a token, and of what there is not. */
async function everyAnswer(headers: Record<string, string> = {}) {
  const { server, first } = tenants;
  const routes = [...server.routes, { method: 'GET', path: '/nothing' }, { method: 'POST', path: '/v1.0/nothing' }];
  const tries = routes.flatMap((route) => [token, null].map((bearer) => ({ route, bearer })));
  return inParallel(tries, async ({ route: { method, path }, bearer }) => {
    // Nothing is to be deleted here.
    const things = method === 'GET' ? first : nothings(first.tenantId);
    const answer = await server.request(method, pathOf(path, things), { token: bearer, headers });
    return { told: `${method} ${path} (${answer.status})`, ...answer };
  });
}

describe('every answer', () => {
  it('tells browsers to take it for what it is, and not to frame it', async () => {
    for (const { told, headers } of await everyAnswer()) {
      assert.equal(headers.get('x-content-type-options'), 'nosniff', told);
      const policy = headers.get('content-security-policy') ?? '';
      assert.match(policy, /frame-ancestors 'none'/, told);
      assert.match(policy, /script-src 'self'(;|$)/, told);
      assert.match(policy, /object-src 'none'/, told);
      assert.equal(headers.get('x-frame-options'), 'DENY', told);
      assert.equal(headers.get('referrer-policy'), 'no-referrer', told);
      assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin', told);
      assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin', told);
    }
  });

  it('tells nothing of what serves it, and sets no cookie', async () => {
    for (const { told, headers } of await everyAnswer()) {
      for (const name of ['x-powered-by', 'server', 'via']) assert.equal(headers.get(name), null, `${told}: ${name}`);
      // But for the form of a device's code: the secret in it is this browser's (RFC 8628, 5.4).
      if (!told.startsWith('GET /:tenant/device (')) assert.equal(headers.get('set-cookie'), null, told);
    }
  });

  it('has a request-id of its own, and echoes the client’s', async () => {
    const answers = await everyAnswer({ 'client-request-id': 'mine-1' });
    const ids = answers.map(({ headers }) => headers.get('request-id'));
    assert.equal(new Set(ids).size, answers.length);
    for (const { told, headers } of answers) assert.equal(headers.get('client-request-id'), 'mine-1', told);
  });

  it('is for no other site', async () => {
    const { server, first } = tenants;
    for (const { told, headers } of await everyAnswer({ origin: EVIL, 'sec-fetch-site': 'cross-site' })) {
      const names = [...headers.keys()].filter((name) => name.startsWith('access-control-'));
      // What discovery says is the same for everybody; and of tokens, that no client was named.
      if (/^\w+ \/:tenant\//.test(told)) assert.ok(!names.includes('access-control-allow-credentials'), told);
      else assert.deepEqual(names, [], told);
    }
    // A browser asks first, for everything that carries a token or JSON: nobody says yes.
    await inParallel(server.routes, async ({ method, path }) => {
      const answer = await server.request('OPTIONS', pathOf(path, first), {
        token: null,
        headers: {
          origin: EVIL,
          'access-control-request-method': method,
          'access-control-request-headers': 'authorization,content-type',
        },
      });
      assert.equal(answer.status, 404, path);
      assert.ok(![...answer.headers.keys()].some((name) => name.startsWith('access-control-')), path);
    });
  });

  it('to a page of another site is no token, whatever secret it knows', async () => {
    const { server, first } = tenants;
    const { clientId, clientSecret } = await server.createClient([]);
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: `${server.url}/.default`,
    }).toString();
    const ask = (headers: Record<string, string>) =>
      server.request('POST', `/${first.tenantId}/oauth2/v2.0/token`, {
        token: null,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body,
      });
    assert.ok((await ask({})).body.access_token);
    const { status, headers, body: answer } = await ask({ origin: EVIL });
    assert.equal(status, 400);
    assert.equal(answer.access_token, undefined);
    assert.equal(headers.get('access-control-allow-origin'), null);
  });

  it('to what another site can send without asking first is a refusal: the switch among them', async () => {
    const { server, first } = tenants;
    const writing = server.routes.filter(({ method, access }) => method === 'POST' && access !== 'anyone');
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=a'];
    await inParallel(
      writing.flatMap((route) => types.map((type) => ({ route, type }))),
      async ({ route: { method, path }, type }) => {
        const body = JSON.stringify(bodiesOf({ method, path }, first)?.[0] ?? {});
        const headers = { origin: EVIL, 'content-type': type };
        const asked = pathOf(path, first);
        assert.equal((await server.request(method, asked, { token: null, headers, body })).status, 401, path);
        if (isPeoplesOwn(path)) return;
        // Were there ever a cookie, the type alone would still stop it.
        assert.equal((await server.request(method, asked, { token, headers, body })).status, 415, path);
      },
    );
    const isEnabled = await server.request('GET', '/v1.0/admin/autoClaim', { token });
    const toggle = (method: string) =>
      server.request(method, '/v1.0/admin/autoClaim', {
        token: null,
        headers: { origin: EVIL, 'content-type': 'text/plain' },
        body: method === 'GET' ? undefined : '{"isEnabled":false}',
      });
    for (const method of ['PATCH', 'GET']) assert.equal((await toggle(method)).status, 401);
    for (const method of ['POST', 'PUT']) assert.equal((await toggle(method)).status, 404);
    assert.deepEqual((await server.request('GET', '/v1.0/admin/autoClaim', { token })).body, isEnabled.body);
  });

  it('to whoever needed a token for it stays out of caches, as does a token', async () => {
    const { server, first } = tenants;
    const guarded = server.routes.filter(({ access }) => access !== 'anyone');
    await inParallel(guarded, async ({ method, path }) => {
      const things = method === 'GET' ? first : nothings(first.tenantId);
      for (const bearer of [token, null]) {
        const { headers } = await server.request(method, pathOf(path, things), { token: bearer });
        assert.equal(headers.get('cache-control'), 'no-store', path);
      }
    });
    const answer = await server.request('POST', `/${first.tenantId}/oauth2/v2.0/token`, {
      token: null,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
    });
    assert.match(answer.headers.get('cache-control') ?? '', /no-store/);
  });
});
