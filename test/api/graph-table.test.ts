import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { PERMISSIONS } from '../../contract/permission.ts';
import { MISSING } from '../../scripts/graph-differences.ts';
import { withTables } from '../../scripts/graph-table.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';

describe('docs/graph.md', () => {
  let server: TestServer;
  let described: any;
  let page: string;
  before(async () => {
    server = await startTestServer();
    described = (await server.request('GET', '/openapi.json', { token: null })).body;
    page = await readFile(new URL('../../docs/graph.md', import.meta.url), 'utf8');
  });
  after(() => server.close());

  it('has the tables that the routes give (else: node scripts/graph-table.ts)', () => {
    assert.equal(page, withTables(page, described));
    const rows = page.match(/^\| `(GET|POST|PATCH|DELETE) /gm) ?? [];
    assert.ok(rows.length > 60, `only ${rows.length} rows`);
  });

  it('fails for a route of which nothing is said, and for words about one that is gone', () => {
    const { paths } = described;
    const more = { paths: { ...paths, '/v1.0/users/{user}/manager': { get: { summary: 'Who leads' } } } };
    assert.throws(() => withTables(page, more), /GET \/users\/\{user\}\/manager is new/);
    const { '/v1.0/users/delta': _gone, ...less } = paths;
    assert.throws(() => withTables(page, { paths: less }), /speaks of GET \/users\/delta, which isn't there/);
    // Our own come and go.
    withTables(page, { paths: { ...paths, '/v1.0/admin/new': { get: { summary: 'New' } } } });
  });

  it('names as missing what is missing', async () => {
    const { value } = (await server.request('GET', '/v1.0/organization', { permissions: ['Organization.Read.All'] }))
      .body;
    for (const [request] of MISSING) {
      const [method, path] = request.split(' ') as [string, string];
      const answer = await server.request(method, `/v1.0${path.replace('{id}', value[0].id)}`, {
        permissions: PERMISSIONS,
        ...(method === 'POST' && { body: {} }),
      });
      assert.equal(answer.status, 404, request);
      assert.match(answer.body.error.message, /^There is nothing at/, request);
    }
  });
});
