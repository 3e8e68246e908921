import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { PERMISSIONS } from '../../contract/permission.ts';
import { checksums } from '../harness/checksums.ts';
import { requestHead, sendRaw } from '../harness/raw-request.ts';
import { startTwoTenants, type TwoTenants } from './two-tenants.ts';

// Clients that are slow, or don't speak HTTP as they should.

const STALLED_CLIENTS = 200;

describe('a client', () => {
  let tenants: TwoTenants;
  let token: string;
  before(async () => {
    tenants = await startTwoTenants();
    token = await tenants.server.token(PERMISSIONS);
  });
  after(() => tenants.close());

  it('that sends half a body and stalls holds up nobody else', async () => {
    const { server, first } = tenants;
    const { port } = new URL(server.url);
    const half = (path: string, type: string) =>
      requestHead(`POST ${path}`, { authorization: `Bearer ${token}`, 'content-type': type, 'content-length': '1000' });
    const beginnings = [
      `${half('/v1.0/signIns', 'application/json')}{"appId":`,
      `${half('/v1.0/users', 'application/json')}{"displayName":`,
      `${half('/v1.0/admin/import/products', 'text/csv')}Product_Display_Name,`,
      `${half(`/${first.tenantId}/oauth2/v2.0/token`, 'application/x-www-form-urlencoded')}grant_type=`,
      // Nor whole headers.
      'GET /v1.0/users HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ',
    ];
    const sockets: Socket[] = [];
    let answered = 0;
    try {
      for (let index = 0; index < STALLED_CLIENTS; index += 1) {
        const socket = connect(Number(port), '127.0.0.1');
        sockets.push(socket);
        socket.on('error', () => undefined).on('data', () => (answered += 1));
        await new Promise<void>((resolve) => socket.once('connect', resolve));
        socket.write(beginnings[index % beginnings.length]!);
      }
      await sleep(100);
      // They hold no connection to the database: more requests at once than it has, all answered.
      const signIn = { appId: first.appId, userId: first.user };
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          index % 2 === 0
            ? server.request('POST', '/v1.0/signIns', { token, body: signIn })
            : server.request('GET', '/v1.0/users', { token }),
        ),
      );
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
      assert.equal(answered, 0, 'half a request was answered');
      assert.equal(sockets.filter(({ destroyed }) => destroyed).length, 0);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    // And those who went away half-way left nothing behind.
    await sleep(100);
    const { rows } = await server.db.pool.query(
      "select count(*)::int as open from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'",
    );
    assert.deepEqual(rows, [{ open: 0 }]);
    assert.equal((await server.request('GET', '/readyz', { token: null })).status, 200);
  });

  it('that floods with headers is refused', async () => {
    const flood = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`x-flood-${index}`, 'a'.repeat(20)]));
    for (const headers of [
      flood,
      { 'x-large': 'a'.repeat(60_000) },
      { authorization: `Bearer ${'a'.repeat(60_000)}` },
    ]) {
      const answer = await sendRaw(tenants.server.url, requestHead('GET /v1.0/users', headers));
      assert.equal(answer.status, 431);
      assert.equal(answer.body.error.code, 'Request_BadRequest');
      assert.equal(answer.body.error.innerError['request-id'], answer.headers['request-id']);
      assert.equal(answer.headers['connection'], 'close');
    }
    const answer = await sendRaw(tenants.server.url, requestHead(`GET /v1.0/users?$filter=${'a'.repeat(60_000)}`));
    assert.equal(answer.status, 431);
  });

  it('that does not speak HTTP is refused, in the form of all errors', async () => {
    const head = 'host: 127.0.0.1\r\n';
    const post = `POST /v1.0/users HTTP/1.1\r\n${head}authorization: Bearer ${token}\r\ncontent-type: application/json\r\n`;
    // Reading the log of sign-ins writes what waits to be: those of the test before are no doing of these.
    await tenants.server.request('GET', '/v1.0/auditLogs/signIns?$top=1', { token });
    const tables = await checksums(tenants.server.db);
    for (const bytes of [
      'hello\r\n\r\n',
      `GET /v1.0/users HTTP/9.9\r\n${head}\r\n`,
      `NONSENSE /v1.0/users HTTP/1.1\r\n${head}\r\n`,
      `GET /v1.0/users HTTP/1.1\r\n${head}no colon\r\n\r\n`,
      `GET /v1.0/users HTTP/1.1\r\n${head}x: a\0b\r\n\r\n`,
      // Of two lengths, one would be believed here and the other by a proxy.
      `${post}content-length: 2\r\ncontent-length: 3\r\n\r\n{} `,
      `${post}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      `${post}content-length: -1\r\n\r\n{}`,
      `${post}content-length: 0x2\r\n\r\n{}`,
      `${post}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
      Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]), // a TLS hello
    ]) {
      const answer = await sendRaw(tenants.server.url, bytes);
      const told = `${JSON.stringify(bytes.toString().slice(0, 60))}: ${answer.status} ${JSON.stringify(answer.body)}`;
      assert.equal(answer.status, 400, told);
      assert.ok(answer.body.error?.code && answer.body.error.message, told);
    }
    // Node itself says so, in its own form.
    assert.equal((await sendRaw(tenants.server.url, 'GET /v1.0/users HTTP/1.1\r\n\r\n')).status, 400);
    assert.deepEqual(await checksums(tenants.server.db), tables);
  });

  it('that asks for another host, scheme or method by a header gets what it asked for in the first line', async () => {
    const answer = await sendRaw(
      tenants.server.url,
      requestHead('GET /v1.0/users?$top=1', {
        authorization: `Bearer ${token}`,
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        'x-http-method-override': 'DELETE',
        'x-original-url': '/v1.0/groups',
      }),
    );
    assert.equal(answer.status, 200);
    assert.ok(!JSON.stringify(answer.body).includes('evil.example'));
    assert.ok(answer.body['@odata.nextLink'].startsWith(`${tenants.server.url}/v1.0/users?`));
  });

  it('that makes a GET of a form for an app’s proxy is answered once all of it has come (nginx: error_page)', async () => {
    const { server, first } = tenants;
    for (const path of ['sign-in', 'refused']) {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      let answer = '';
      socket.on('data', (part) => (answer += part.toString()));
      const address = `/autoclaim-forward-auth/${path}?app=${first.appId}`;
      socket.write(
        requestHead(`GET ${address}`, { 'content-length': '2000', connection: 'close' }) + 'x'.repeat(1_000),
      );
      await sleep(150);
      assert.equal(answer, '', 'it was answered, and the rest would have met a closed connection');
      socket.write('x'.repeat(1_000));
      await once(socket, 'close');
      assert.match(answer, /^HTTP\/1\.1 (303|401|403) /);
    }
  });
});
