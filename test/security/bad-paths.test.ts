import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { PERMISSIONS } from '../../contract/permission.ts';
import { checksums } from '../harness/checksums.ts';
import { inParallel } from '../harness/in-parallel.ts';
import { requestHead, sendRaw, type RawAnswer } from '../harness/raw-request.ts';
import { bodiesOf, pathOf, thingsNamed } from './requests.ts';
import { startTwoTenants, type Things, type TwoTenants } from './two-tenants.ts';

// For every route with an id in its path: something else in the id's place, byte for byte as it is
// written here (fetch would tidy it up).

const ID = randomUUID();
const HOSTILE_SEGMENTS: Readonly<Record<string, string>> = {
  'no GUID': 'nope',
  'a number': '0',
  'a GUID without its hyphens': ID.replaceAll('-', ''),
  'a GUID in braces': `%7B${ID}%7D`,
  'a GUID and more': `${ID}0`,
  'a GUID and a space': `${ID}%20`,
  'a space and a GUID': `%20${ID}`,
  'a GUID and NUL': `${ID}%00`,
  'a GUID and a line break': `${ID}%0A`,
  NUL: '%00',
  'line breaks': '%0d%0aSet-Cookie:%20a=b',
  '500 characters': 'x'.repeat(500),
  '10,000 characters': 'x'.repeat(10_000),
  'a slash, encoded': 'a%2Fb',
  'dots and slashes, encoded': '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  'dots and slashes': '../../../../etc/passwd',
  'dots and a backslash': '..%5c..%5cwindows',
  'dots in overlong UTF-8': '%c0%ae%c0%ae%c0%af',
  'bytes that are not UTF-8': '%ff%fe',
  'half of a surrogate pair': '%ed%a0%80',
  'a percent sign alone': '%',
  'a percent sign and no hexadecimal': '%zz',
  'a quote': "'",
  SQL: '%27%20or%201=1--',
  script: '%3Cscript%3Ealert(1)%3C%2Fscript%3E',
  'right to left marks': '%E2%80%AE%E2%81%A6',
  'a picture': '%F0%9F%91%BB',
  'a name that every object has': '__proto__',
  'the template': '%7Bid%7D',
  'a star': '*',
  'a semicolon': ';a=b',
};

let tenants: TwoTenants;
let token: string;
before(async () => {
  tenants = await startTwoTenants();
  token = await tenants.server.token(PERMISSIONS);
});
after(() => tenants.close());

function send(method: string, path: string, body?: object): Promise<RawAnswer> {
  const text = body ? JSON.stringify(body) : '';
  const head = requestHead(`${method} ${path}`, {
    authorization: `Bearer ${token}`,
    ...(body && { 'content-type': 'application/json' }),
    ...(method !== 'GET' && { 'content-length': String(Buffer.byteLength(text)) }),
  });
  return sendRaw(tenants.server.url, head + text);
}

function assertRefused(answer: RawAnswer, told: string): void {
  assert.ok([400, 404, 414].includes(answer.status), `${told}: ${answer.status} ${JSON.stringify(answer.body)}`);
  const error = answer.body.error;
  assert.ok(error?.code && error.message, `${told}: ${JSON.stringify(answer.body)}`);
  assert.ok(error.message.length < 1_000, `${told}: a message of ${error.message.length} characters`);
  assert.equal(error.innerError['request-id'], answer.headers['request-id'], told);
  assert.equal(answer.headers['set-cookie'], undefined, told);
  assert.match(answer.headers['content-type']!, /^application\/json/, told);
  assert.equal(answer.headers['x-content-type-options'], 'nosniff', told);
}

describe('an id in a path', () => {
  it('that is none is refused, and nothing is written', async () => {
    const { server, first } = tenants;
    const tables = await checksums(server.db);
    const routes = server.routes.filter(
      ({ method, path }) => path.includes('/:') && path.startsWith('/v1.0') && method !== 'HEAD',
    );
    const tries = routes.flatMap((route) =>
      thingsNamed(route.path).flatMap((thing) =>
        Object.entries(HOSTILE_SEGMENTS).map(([what, segment]) => ({ route, thing, what, segment })),
      ),
    );
    assert.ok(tries.length > 800, `only ${tries.length} paths were looked at`);
    await inParallel(tries, async ({ route: { method, path }, thing, what, segment }) => {
      const asked = pathOf(path, { ...first, [thing]: segment });
      const body = bodiesOf({ method, path }, first)?.[0];
      assertRefused(await send(method, asked, body), `${method} ${path}, ${what}`);
    });
    assert.deepEqual(await checksums(server.db), tables);
  });

  it('is the same in upper case', async () => {
    const { server, first } = tenants;
    const routes = server.routes.filter(
      ({ method, path }) => path.includes('/:') && path.startsWith('/v1.0') && method === 'GET',
    );
    await inParallel(routes, async ({ method, path }) => {
      const things = Object.fromEntries(
        Object.entries(first).map(([kind, id]: [string, string]) => [kind, id.toUpperCase()]),
      );
      const answer = await send(method, pathOf(path, things as unknown as Things));
      assert.equal(answer.status, 200, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    });
  });

  it("of a tenant that is none is refused in OAuth's form, or on a page", async () => {
    const routes = tenants.server.routes.filter(({ method, path }) => path.startsWith('/:tenant') && method !== 'HEAD');
    assert.ok(routes.length >= 3);
    const tries = routes.flatMap((route) =>
      Object.entries(HOSTILE_SEGMENTS).map(([what, segment]) => ({ route, what, segment })),
    );
    await inParallel(tries, async ({ route: { method, path }, what, segment }) => {
      const { status, body, headers } = await send(method, path.replace(':tenant', segment));
      const told = `${method} ${path}, ${what}: ${status} ${JSON.stringify(body)}`;
      // Of whom userinfo tells is in the token, which is no token of a tenant that is none (RFC 6750, 3.1).
      const refusals = path.endsWith('/userinfo') ? [400, 401, 404, 414, 415] : [400, 404, 414, 415];
      assert.ok(refusals.includes(status), told);
      // People's pages are read by people.
      const isPage =
        /^\/:tenant\/(sign-in|set-up|refused|federation|forward-auth|oauth2)/.test(path) &&
        headers['content-type']?.startsWith('text/html');
      assert.ok(isPage ? String(body).includes('role="alert"') : body.error, told);
      assert.equal(headers['set-cookie'], undefined, told);
    });
  });
});

describe('a path', () => {
  it('that leads out of what is served leads nowhere', async () => {
    for (const path of [
      '/docs/../package.json',
      '/docs/../../package.json',
      '/docs/%2e%2e/%2e%2e/package.json',
      '/docs/..%2f..%2fpackage.json',
      '/docs/swagger-ui.css/../../../package.json',
      '/docs/swagger-ui.css%00.json',
      '/docs//etc/passwd',
      '//etc/passwd',
      '/v1.0/../package.json',
      '/.env',
      '/.git/config',
    ]) {
      assertRefused(await send('GET', path), path);
    }
  });

  it('that there is not, or not for this method, is a 404 in the same form', async () => {
    for (const [method, path] of [
      ['GET', '/v1.0'],
      ['GET', '/v1.0/'],
      ['GET', '/v1.0/nothing'],
      ['GET', '/v1.0/users/'],
      ['GET', '/V1.0/users'],
      ['PUT', '/v1.0/users'],
      ['DELETE', '/v1.0/users'],
      ['OPTIONS', '/v1.0/users'],
      ['TRACE', '/v1.0/users'],
      ['PROPFIND', '/v1.0/users'],
    ] as const) {
      assertRefused(await send(method, path), `${method} ${path}`);
    }
  });
});
