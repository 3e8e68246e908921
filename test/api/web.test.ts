import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startTestServer, type TestServer } from '../harness/server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

const get = (path: string, headers: Record<string, string> = {}) =>
  server.request('GET', path, { token: null, headers: { 'accept-encoding': 'identity', ...headers } });

async function assets(): Promise<string[]> {
  const { body } = await get('/homepage');
  return [...(body as string).matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
}

describe('the admin center, as it is served', () => {
  it('is one page at each of its addresses, asked for anew each time', async () => {
    for (const path of [
      '/',
      '/homepage',
      '/users',
      '/users/some-id',
      '/licenses?tab=policies',
      '/auth/callback?code=1',
    ]) {
      const { status, headers, body } = await get(path);
      assert.equal(status, 200, path);
      assert.match(headers.get('content-type')!, /^text\/html/);
      assert.equal(headers.get('cache-control'), 'no-cache');
      assert.match(body, /<div id="root">/);
    }
  });

  it('answers 304 to who has the page already', async () => {
    const etag = (await get('/')).headers.get('etag')!;
    const again = await get('/', { 'if-none-match': etag });
    assert.equal(again.status, 304);
    assert.equal(again.body, '');
  });

  it('has files with hashed names, kept for ever, compressed where that is taken', async () => {
    const paths = await assets();
    assert.ok(paths.length >= 2);
    for (const path of paths) {
      const { status, headers, body } = await get(path);
      assert.equal(status, 200, path);
      assert.match(headers.get('cache-control')!, /immutable/);
      assert.match(headers.get('content-type')!, /^text\/(javascript|css)/);
      const packed = await get(path, { 'accept-encoding': 'gzip, br' });
      assert.equal(packed.headers.get('content-encoding'), 'gzip');
      assert.equal(packed.body, body);
    }
  });

  it('runs no script that stands in a page, and is framed by nobody', async () => {
    const { headers, body } = await get('/');
    const policy = headers.get('content-security-policy')!;
    assert.match(policy, /script-src 'self';/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.match(policy, /object-src 'none'/);
    assert.doesNotMatch(body, /<script(?![^>]*\bsrc=)/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
  });

  it('first loads at most 300 kB', async () => {
    const loaded = await Promise.all(['/', ...(await assets())].map(async (path) => (await get(path)).body as string));
    const kilobytes = loaded.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0) / 1000;
    assert.ok(kilobytes > 50, `only ${kilobytes} kB were looked at`);
    assert.ok(kilobytes <= 300, `${kilobytes} kB`);
  });

  it('leaves what isn’t there to the API’s 404', async () => {
    const nothings = [
      '/v1.0/nothing',
      '/nothing',
      '/assets/nothing.js',
      '/assets/..%2f..%2fpackage.json',
      '/assets/%00',
    ];
    for (const path of nothings) {
      const { status, body } = await get(path);
      assert.ok(status === 404 || status === 400, `${path}: ${status}`);
      assert.match(body.error.code, /^Request_/);
    }
  });

  it('is the page, too, for a mistyped address in a browser, and the API stays the API', async () => {
    const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';
    for (const path of ['/nothing', '/user', '/v2.0/users', '/.env']) {
      const { status, body } = await get(path, { accept });
      assert.equal(status, 404, path);
      assert.match(body, /<div id="root">/);
    }
    for (const path of ['/v1.0/nothing', '/docs/nothing', '/assets/nothing.js']) {
      const { status, body } = await get(path, { accept });
      assert.equal(status, 404, path);
      assert.match(body.error.code, /^Request_/);
    }
    const posted = await server.request('POST', '/nothing', { token: null, headers: { accept }, body: {} });
    assert.match(posted.body.error.code, /^Request_/);
  });
});
