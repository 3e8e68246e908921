import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { PERMISSIONS } from '../../contract/permission.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';

describe('for whoever runs the server', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const get = (path: string) => server.request('GET', path, { token: null });

  it('says that it is alive, and ready', async () => {
    for (const [path, body] of [
      ['/healthz', 'alive\n'],
      ['/readyz', 'ready\n'],
    ] as const) {
      const answer = await get(path);
      assert.deepEqual([answer.status, answer.body], [200, body]);
    }
  });

  it('measures requests by the route and not by the path, tokens too', async () => {
    await server.request('GET', '/v1.0/admin/products/11111111-1111-1111-1111-111111111111', {
      permissions: ['Organization.Read.All'],
    });
    await get('/v1.0/admin/products');
    await server.request('POST', '/v1.0/signIns', {
      permissions: ['SignIn.Create'],
      body: { appId: '11111111-1111-1111-1111-111111111111', userPrincipalName: 'ann@contoso.example' },
    });
    await get('/no/such/thing');
    const { body, headers } = await get('/metrics');
    assert.match(headers.get('content-type')!, /^text\/plain; version=0\.0\.4/);
    const counts = [...(body as string).matchAll(/^http_request_duration_seconds_count\{(.*)\} (\d+)$/gm)].map(
      (match) => match[1]!,
    );
    assert.deepEqual(counts.filter((labels) => !/healthz|readyz/.test(labels)).sort(), [
      'method="GET",route="/v1.0/admin/products",status="401"',
      'method="GET",route="/v1.0/admin/products/:skuId",status="404"',
      'method="POST",route="/:tenant/oauth2/v2.0/token",status="200"',
      'method="POST",route="/v1.0/signIns",status="200"',
      'method="any",route="none",status="404"',
    ]);
    assert.doesNotMatch(body, /11111111/);
    for (const name of [
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_seconds',
      'database_connections{state="in_use"}',
      'database_connections_waited_for',
      'sign_ins_total{outcome="refused",reason="unknownApp"} 1',
    ]) {
      assert.ok((body as string).includes(name), name);
    }
  });

  it('serves the API reference without anything from elsewhere, and without a script in the page', async () => {
    const page = await get('/docs');
    assert.equal(page.status, 200);
    const policy = page.headers.get('content-security-policy')!;
    assert.match(policy, /script-src 'self';/);
    assert.match(policy, /default-src 'self';/);
    const files = [...(page.body as string).matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]!);
    assert.ok(files.length >= 3);
    for (const file of files.filter((name) => name !== 'data:,')) {
      assert.doesNotMatch(file, /^[a-z]+:|^\/\//);
      const answer = await get(`/${file}`);
      assert.equal(answer.status, 200, file);
      assert.match(answer.headers.get('content-type')!, /^text\/(css|javascript)/);
    }
    assert.doesNotMatch(page.body, /<script>|<script [^>]*>[^<]|\son[a-z]+=/);
  });
});

interface Operation {
  readonly tags?: string[];
  readonly summary?: string;
  readonly security?: object[];
  readonly parameters?: { name: string; in: string }[];
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
}

/** What programs call without a token. */
const API_FOR_ANYONE =
  /^\/(scim\/v2\/.+|hooks\/[a-z0-9/-]+|forward-auth|schemas\/set-up\.json|healthz|readyz|metrics|:tenant\/(v2\.0\/\.well-known\/openid-configuration|discovery\/v2\.0\/keys|oauth2\/v2\.0\/(token|devicecode)))$/;

describe('the description of the API', () => {
  let server: TestServer;
  let document: {
    openapi: string;
    servers: { url: string }[];
    tags: { name: string }[];
    paths: Record<string, Record<string, Operation>>;
  };
  before(async () => {
    server = await startTestServer();
    document = (await server.request('GET', '/openapi.json', { token: null })).body as typeof document;
  });
  after(() => server.close());

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
    );

  it('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    assert.ok(valid, JSON.stringify(errors, null, 2));
    assert.equal(document.openapi, '3.1.0');
    assert.deepEqual(document.servers, [{ url: server.config.baseUrl }]);
  });

  it('has every route of the API and no page, with a summary, a known tag, its answers and its errors', () => {
    // What a browser is shown: the admin center, its files, and the pages of signing in.
    const pages = server.routes.filter(({ access, path }) => access === 'anyone' && !API_FOR_ANYONE.test(path));
    assert.ok(pages.every(({ path }) => !path.startsWith('/v1.0')));
    const hidden = { test: (path: string) => pages.some((page) => page.path === path) };
    const declared = server.routes
      .filter(({ method, path }) => method !== 'HEAD' && !hidden.test(path))
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    const described = operations();
    assert.deepEqual(described.map(({ name }) => name).sort(), declared.sort());
    assert.ok(described.length > 40, `${described.length} only`);
    const known = document.tags.map(({ name }) => name);
    for (const { name, operation } of described) {
      assert.ok(operation.summary, `${name} has no summary`);
      assert.ok(
        operation.tags?.length === 1 && known.includes(operation.tags[0]!),
        `${name} has the tags ${String(operation.tags)}`,
      );
      assert.ok(
        Object.keys(operation.responses).some((status) => status.startsWith('2')),
        `${name} says nothing of success`,
      );
      if (name.includes('/v1.0/')) {
        for (const status of ['400', '401', '403', '503']) {
          assert.deepEqual(
            operation.responses[status]?.content?.['application/json']?.schema,
            { $ref: '#/components/schemas/Error' },
            `${name} ${status}`,
          );
        }
        assert.deepEqual(operation.security, [{ accessToken: [] }], name);
      } else if (name.includes('/scim/')) {
        assert.deepEqual(operation.security, [{ provisioningToken: [] }], name);
      } else {
        assert.deepEqual(operation.security, [], name);
      }
    }
  });

  it('names query options that the routes take', async () => {
    const lists = operations().filter(({ operation }) => operation.parameters?.some(({ name }) => name === '$top'));
    assert.ok(lists.length >= 8, `${lists.length} only`);
    const token = await server.token(PERMISSIONS);
    for (const { name, operation } of lists) {
      if (name.startsWith('GET /v1.0/me')) continue; // people's own, and this is an app
      const path = name.replace('GET ', '').replace(/\{\w+\}/g, '11111111-1111-1111-1111-111111111111');
      const isCounted = operation.parameters!.some((parameter) => parameter.name === '$count');
      const asked = `${path}?$top=1${isCounted ? '&$count=true' : ''}`;
      const { status, body } = await server.request('GET', asked, { token });
      assert.ok([200, 404].includes(status), `${name}: ${JSON.stringify(body)}`);
      const refused = await server.request('GET', `${path}?$expand=x`, { token });
      assert.ok([400, 404].includes(refused.status), name);
    }
  });
});
