import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { parse } from 'yaml';
import { PERMISSIONS, type Permission } from '../../contract/permission.ts';
import { checksums } from '../harness/checksums.ts';
import { inParallel } from '../harness/in-parallel.ts';
import { requestHead, sendRaw } from '../harness/raw-request.ts';
import { getToken, type Answer } from '../harness/server.ts';
import { bodiesOf, BODIES, pathOf, thingsNamed } from './requests.ts';
import { nothings, startTwoTenants, type Things, type TwoTenants } from './two-tenants.ts';

// Every route × every kind of caller × two tenants, from one table: matrix.yaml.

type Needs = 'anyone' | 'a page' | 'any client' | 'any person' | readonly Permission[];
interface Route {
  readonly method: string;
  readonly path: string;
  readonly needs: Needs;
}

const TABLE = parse(readFileSync(new URL('matrix.yaml', import.meta.url), 'utf8')) as Record<string, Needs>;
/** The table's routes; HEAD beside each GET. */
const ROUTES: readonly Route[] = Object.entries(TABLE).flatMap(([route, needs]) => {
  const [method, path] = route.split(' ') as [string, string];
  return (method === 'GET' ? ['GET', 'HEAD'] : [method]).map((one) => ({ method: one, path, needs }));
});
const isOpen = ({ needs }: Route) => needs === 'anyone' || needs === 'a page';
const GUARDED = ROUTES.filter((route) => !isOpen(route));
const WRITING = GUARDED.filter(({ method }) => method !== 'GET' && method !== 'HEAD');

let tenants: TwoTenants;
before(async () => {
  tenants = await startTwoTenants();
});
after(() => tenants.close());

const name = ({ method, path }: Route) => `${method} ${path}`;

/** Asks without a body: what writes then has nothing to do, and says so. */
function ask(route: Route, things: Things, token: string | null): Promise<Answer> {
  return tenants.server.request(route.method, pathOf(route.path, things), { token });
}

function assertRefused(answer: Answer, status: 401 | 403, route: Route): void {
  assert.equal(answer.status, status, `${name(route)}: ${answer.status} ${JSON.stringify(answer.body)}`);
  if (status === 401) assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/);
  if (route.method === 'HEAD') return;
  const code = status === 401 ? 'InvalidAuthenticationToken' : 'Authorization_RequestDenied';
  assert.equal(answer.body.error.code, code);
  assert.equal(answer.body.error.innerError['request-id'], answer.headers.get('request-id'));
}

/** Not refused; and where it reads, answered. Who writes is asked to write nothing, and is told so. */
function assertLetThrough(answer: Answer, route: Route): void {
  const told = `${name(route)}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`;
  assert.ok(answer.status < 500, told);
  if (route.needs === 'a page') return;
  assert.ok(![401, 403].includes(answer.status), told);
  if (route.method === 'GET' || route.method === 'HEAD') assert.equal(answer.status, 200, told);
}

describe('the table of routes', () => {
  it('names every route that there is, and no other', () => {
    const there = new Set(tenants.server.routes.map(({ method, path }) => `${method} ${path}`));
    const named = new Set(ROUTES.map(name));
    assert.deepEqual([...there.difference(named)], [], 'routes that are not in matrix.yaml');
    assert.deepEqual([...named.difference(there)], [], 'lines of matrix.yaml without a route');
    assert.ok(there.size > 60, `only ${there.size} routes were looked at`);
  });

  it('names permissions that there are', () => {
    const named = GUARDED.flatMap(({ needs }) => (Array.isArray(needs) ? needs : []));
    assert.deepEqual(
      named.filter((permission) => !PERMISSIONS.includes(permission as Permission)),
      [],
    );
  });

  it('has a body for every route that takes one', async () => {
    const { body } = await tenants.server.request('GET', '/openapi.json', { token: null });
    const documented = Object.entries<Record<string, any>>(body.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { requestBody }]) => requestBody?.content?.['application/json'])
        .map(([method]) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    assert.deepEqual(Object.keys(BODIES).toSorted(), documented.toSorted());
  });
});

describe('a caller', () => {
  let unchanged: Record<string, string>;
  const tables = () => checksums(tenants.server.db, { except: ['openid_artifacts'] });
  before(async () => {
    // Clients are made before: their tokens are what is asked with.
    await Promise.all(PERMISSIONS.map((permission) => tenants.server.token([permission])));
    await tenants.server.token([]);
    await tenants.server.token(ofAnyTenant, tenants.other.tenantId);
    unchanged = await tables();
  });
  after(async () => assert.deepEqual(await tables(), unchanged));

  const ofAnyTenant = PERMISSIONS.filter((permission) => permission !== 'Tenant.Create');

  /** Tokens that are none, each of its own kind. */
  async function badTokens(): Promise<Record<string, string | null>> {
    const { server, first, other } = tenants;
    const genuine = await server.token(['User.Read.All']);
    const claims = { ...decodeJwt(genuine), roles: [...PERMISSIONS] };
    const header = { alg: 'RS256', typ: 'at+jwt', kid: decodeProtectedHeader(genuine).kid! };
    const keyOf = async (tenantId: string) => {
      const { rows } = await server.db.pool.query('select private_jwk from signing_keys where tenant_id = $1', [
        tenantId,
      ]);
      return createPrivateKey({ format: 'jwk', key: rows[0].private_jwk });
    };
    const sign = (changed: object, key: Parameters<SignJWT['sign']>[0]) =>
      new SignJWT({ ...claims, ...changed }).setProtectedHeader(header).sign(key);
    return {
      'no token': null,
      garbage: 'garbage',
      expired: await sign({ exp: Math.floor(Date.now() / 1000) - 1 }, await keyOf(first.tenantId)),
      'of a foreign key': await sign({}, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
      "of another tenant's key": await sign({}, await keyOf(other.tenantId)),
    };
  }

  it('without a token, or with one that is none, gets 401 where it needs one', async () => {
    const tokens = Object.values(await badTokens());
    const tries = ROUTES.flatMap((route) => tokens.map((token) => ({ route, token })));
    await inParallel(tries, async ({ route, token }) => {
      const answer = await ask(route, tenants.first, token);
      if (isOpen(route)) assertLetThrough(answer, route);
      else assertRefused(answer, 401, route);
    });
  });

  it('without a permission gets 403 where it needs one', async () => {
    const token = await tenants.server.token([]);
    await inParallel(ROUTES, async (route) => {
      const answer = await ask(route, tenants.first, token);
      if (Array.isArray(route.needs) || route.needs === 'any person') assertRefused(answer, 403, route);
      else assertLetThrough(answer, route);
    });
  });

  for (const permission of PERMISSIONS) {
    it(`with ${permission} alone is let through where that is enough, and nowhere else`, async () => {
      const token = await tenants.server.token([permission]);
      await inParallel(ROUTES, async (route) => {
        const isEnough = Array.isArray(route.needs) ? route.needs.includes(permission) : route.needs !== 'any person';
        const isRead = route.method === 'GET' || route.method === 'HEAD';
        const answer = await ask(route, isRead ? tenants.first : nothings(tenants.first.tenantId), token);
        if (isEnough) assertLetThrough(answer, route);
        else assertRefused(answer, 403, route);
      });
    });
  }

  it("with every permission of another tenant finds none of this one's things, as if they weren't there", async () => {
    const { server, first, other } = tenants;
    const token = await server.token(ofAnyTenant, other.tenantId);
    const named = GUARDED.filter(({ path }) => thingsNamed(path).length > 0);
    assert.ok(named.length > 30, `only ${named.length} routes name things`);
    await inParallel(named, async (route) => {
      // All else is right: the body's own ids are the caller's.
      const body = bodiesOf(route, other)?.[0];
      const asked = async (things: Things) => {
        const path = pathOf(route.path, things);
        const { status, headers, body: answer } = await server.request(route.method, path, { token, body });
        assert.equal(status, 404, `${name(route)}: ${status} ${JSON.stringify(answer)}`);
        return { headers: [...headers.keys()], body: withoutIds(answer) };
      };
      assert.deepEqual(await asked(first), await asked(nothings(first.tenantId)), name(route));
    });
  });

  it("with a name of another tenant's user finds nobody", async () => {
    const { server, first, other } = tenants;
    const token = await server.token(ofAnyTenant, other.tenantId);
    const ofUsers = GUARDED.filter(({ path }) => path.startsWith('/v1.0/users/:'));
    assert.ok(ofUsers.length > 5);
    await inParallel(ofUsers, async (route) => {
      const path = pathOf(route.path, { ...first, user: first.userPrincipalName });
      const answer = await server.request(route.method, path, { token, body: bodiesOf(route, other)?.[0] });
      assert.equal(answer.status, 404, `${name(route)}: ${JSON.stringify(answer.body)}`);
    });
  });
});

/** What two answers about different ids have in common. */
function withoutIds(answer: unknown): string {
  return JSON.stringify(answer)
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
    .replaceAll(/"date":"[^"]*"/g, '"date"');
}

describe('a refusal', () => {
  it('comes before the body is looked at: broken, of any kind, or never sent', async () => {
    const { server, first } = tenants;
    const none = await server.token([]);
    const tries = WRITING.flatMap((route) =>
      [
        { token: null, status: 401 as const },
        ...(route.needs === 'any client' ? [] : [{ token: none, status: 403 as const }]),
      ].map((caller) => ({ route, ...caller })),
    );
    await inParallel(tries, async ({ route, token, status }) => {
      const path = pathOf(route.path, first);
      for (const [type, body] of [
        ['application/json', '{"a":'],
        ['application/json', JSON.stringify({ surprise: 1 })],
        ['application/xml', '<a/>'],
      ] as const) {
        const headers = { 'content-type': type };
        assertRefused(await server.request(route.method, path, { token, headers, body }), status, route);
      }
      const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
      const head = requestHead(`${route.method} ${path}`, {
        ...authorization,
        'content-type': 'application/json',
        'content-length': String(1024 ** 3),
      });
      const answer = await sendRaw(server.url, `${head}{"a":`);
      assert.equal(answer.status, status, name(route));
    });
  });
});

describe('a sign-in', () => {
  const signIn = (client: Awaited<ReturnType<typeof getToken>>, appId: string) =>
    tenants.server.request('POST', '/v1.0/signIns', { token: client, body: { appId, userId: tenants.first.user } });

  it("is told by an app's own client, and by no other without SignIn.Create", async () => {
    const { server, first } = tenants;
    const own = await server.createClient([]);
    const token = await getToken(server, first.tenantId, own);
    assert.equal((await signIn(token, own.appId)).status, 200);
    assert.equal((await signIn(token, first.appId)).status, 403);
    const list = { value: [own.appId, first.appId].map((appId) => ({ appId, userId: first.user })) };
    assert.equal((await server.request('POST', '/v1.0/signIns', { token, body: list })).status, 403);
    // Nor does any other permission help.
    const others = PERMISSIONS.filter((permission) => permission !== 'SignIn.Create');
    assert.equal((await signIn(await server.token(others), first.appId)).status, 403);
    assert.equal((await signIn(await server.token(['SignIn.Create']), first.appId)).status, 200);
  });

  it("of another tenant's app or user is one of nobody's", async () => {
    const { server, first, other } = tenants;
    const token = await server.token(['SignIn.Create']);
    const decide = async (appId: string, userId: string, path = '/v1.0/signIns') => {
      const { status, body } = await server.request('POST', path, { token, body: { appId, userId } });
      assert.equal(status, 200);
      const { id: _id, createdDateTime: _at, ...rest } = body;
      return withoutIds(rest);
    };
    for (const path of ['/v1.0/signIns', '/v1.0/signIns/explain']) {
      const unknownApp = await decide(randomUUID(), first.user, path);
      assert.match(unknownApp, /"unknownApp"/);
      assert.equal(await decide(other.appId, first.user, path), unknownApp);
      const unknownUser = await decide(first.appId, randomUUID(), path);
      assert.match(unknownUser, /"unknownUser"/);
      assert.equal(await decide(first.appId, other.user, path), unknownUser);
    }
  });
});
