import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { requestHead, sendRaw } from '../harness/raw-request.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { UserImports } from '../harness/user-imports.ts';

const PATH = 'POST /v1.0/admin/import/users';
const HEADER = 'User principal name,Display name\n';

describe('the body of an import', () => {
  let server: TestServer;
  let folder: string;
  let headers: Record<string, string>;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'autoclaim-test-'));
    process.env['TMPDIR'] = folder; // what os.tmpdir() tells the server, which runs in this process
    server = await startTestServer();
    headers = { authorization: `Bearer ${await server.token(['User.ReadWrite.All'])}`, 'content-type': 'text/csv' };
  });
  after(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('leaves no temporary file behind, whether it was good or not', async () => {
    const imports = new UserImports(server, server.tenantId);
    await imports.assertCounts(`${HEADER}a@x.example,A\n`, 1, 0, 0);
    await imports.assertRejected(`Wrong\n${'x\n'.repeat(100_000)}`, [1, undefined, /lacks/]);
    assert.deepEqual(await readdir(folder), []);
  });

  it('is refused before it is sent where it says that it is more than 1 GB', async () => {
    const answer = await sendRaw(server.url, requestHead(PATH, { ...headers, 'content-length': '2000000000' }));
    assert.equal(answer.status, 413);
    assert.equal(answer.body.error.code, 'Request_EntityTooLarge');
    assert.deepEqual(await readdir(folder), []);
  });

  it('that breaks off writes nothing, holds no connection to the database, and leaves nothing behind', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write(`${requestHead(PATH, { ...headers, 'content-length': '1000000' })}${HEADER}broken@x.example,B\n`);
    while ((await readdir(folder)).length === 0) await setTimeout(5);
    assert.equal(server.db.pool.idleCount, server.db.pool.totalCount);
    socket.destroy();
    await once(socket, 'close');
    while ((await readdir(folder)).length > 0) await setTimeout(5);
    const { rows } = await server.db.pool.query("select from users where user_principal_name like 'broken%'");
    assert.equal(rows.length, 0);
  });
});
