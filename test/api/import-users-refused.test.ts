import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { UserImports } from '../harness/user-imports.ts';

const [ANN, BOB] = [randomUUID(), randomUUID()];
const HEADER = 'Object Id,User principal name,Display name';

describe('importing users refuses', () => {
  let server: TestServer;
  let imports: UserImports;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());
  beforeEach(async () => {
    imports = new UserImports(server, await server.createTenant());
    await imports.assertCounts(`${HEADER}\n${ANN},ann@x.example,Ann\n`, 1, 0, 0);
  });
  const good = `${BOB},bob@x.example,Bob`;

  it('wrong cells, each by line and column, and then writes nothing of the good ones', () =>
    imports.assertRejected(
      `${HEADER},Usage location,Block credential,When created,City\n${good},US,,,x\nnonsense,bob,,us,maybe,yesterday,${'x'.repeat(129)}\n${randomUUID()},b b@x.example,B,ZZ,,2024-02-30,\n`,
      [3, 'Display name', /empty/],
      [3, 'User principal name', /form name@domain/],
      [3, 'City', /longer than 128/],
      [3, 'Usage location', /"us" is not a country code/],
      [3, 'Block credential', /neither True nor False/],
      [3, 'Object Id', /not a GUID/],
      [3, 'When created', /not a date and time/],
      [4, 'User principal name', /no white space/],
      [4, 'Usage location', /"ZZ"/],
      [4, 'When created', /not a date/],
    ));

  it('a user twice, by Object Id', () =>
    imports.assertRejected(`${HEADER}\n${good}\n,cid@x.example,Cid\n${BOB.toUpperCase()},dan@x.example,Dan\n`, [
      4,
      'Object Id',
      /same user as in line 2/,
    ]));

  it('a user twice, by name', () =>
    imports.assertRejected(
      `${HEADER}\n${good}\n${randomUUID()},BOB@x.example,Bobby\n,bob@X.example,B\n`,
      [3, 'User principal name', /same user principal name as in line 2/],
      [4, 'User principal name', /same user principal name as in line 2/],
    ));

  it('a user twice, once by Object Id and once by the name that he has', () =>
    imports.assertRejected(`${HEADER}\n${ANN},ann.new@x.example,Ann\n,ann@x.example,Ann\n`, [
      3,
      'User principal name',
      /same user as in line 2/,
    ]));

  it('a name that belongs to another user', () =>
    imports.assertRejected(`${HEADER}\n${BOB},ANN@x.example,Bob\n`, [
      2,
      'User principal name',
      new RegExp(`belongs to another user, ${ANN}`),
    ]));

  it('wrong lines and duplicates together, in the order of the lines', () =>
    imports.assertRejected(
      `${HEADER}\n${good}\n${good}\nnonsense,x@x.example,X\n`,
      [3, 'Object Id', /line 2/],
      [4, 'Object Id', /GUID/],
    ));

  it('a header without what is required', () =>
    imports.assertRejected('Object Id,City\n', [1, undefined, /lacks the columns User principal name, Display name/]));
  it('an empty file', () => imports.assertRejected('', [1, undefined, /empty/]));
  it('another encoding', () =>
    imports.assertRejected(Buffer.from(`\ufeff${HEADER}\n${good}\n`, 'utf16le'), [1, undefined, /UTF-16/]));
  it('bytes that are not UTF-8', () =>
    imports.assertRejected(Buffer.from(`${HEADER}\n${good}\n,zo\xeb@x.example,Z\n`, 'latin1'), [
      3,
      undefined,
      /UTF-8/,
    ]));
  it('a line with a cell too few', () =>
    imports.assertRejected(`${HEADER}\n${good}\nx,y\n`, [3, undefined, /2 cells/]));
  it('a quotation mark that is not closed', () =>
    imports.assertRejected(`${HEADER}\n${good}\n"x,y,z\n`, [3, undefined, /quotation mark/]));

  it('a file that is wrong in every line with the first hundred', async () => {
    const answer = await imports.send(`${HEADER}\n${'x,y@x.example,Z\n'.repeat(3_000)}`);
    assert.equal(answer.body.error.details.length, 100);
    assert.deepEqual(answer.body.error.details.at(-1), {
      line: 101,
      target: 'Object Id',
      message: 'This is not a GUID.',
    });
    assert.match(answer.body.error.message, /At least 100/);
  });

  it('another content type, a compressed body and query options', async () => {
    for (const [headers, status] of [
      [{ 'content-type': 'application/json' }, 415],
      [{ 'content-encoding': 'gzip' }, 415],
    ] as const) {
      assert.equal((await imports.send(HEADER, headers)).status, status);
    }
    const options = {
      permissions: ['User.ReadWrite.All'] as const,
      tenantId: imports.tenantId,
      headers: { 'content-type': 'text/csv' },
    };
    assert.equal(
      (await server.request('POST', '/v1.0/admin/import/users?x=1', { ...options, body: HEADER })).status,
      400,
    );
    assert.equal((await server.request('POST', '/v1.0/admin/import/users', { ...options })).status, 400);
    assert.equal((await server.request('POST', '/v1.0/users', { ...options, body: HEADER })).status, 415);
  });

  it('who may not write users', async () => {
    const permissions = ['User.Read.All', 'LicenseAssignment.ReadWrite.All', 'Organization.ReadWrite.All'] as const;
    const answer = await server.request('POST', '/v1.0/admin/import/users', {
      permissions,
      body: HEADER,
      headers: { 'content-type': 'text/csv' },
    });
    assert.equal(answer.status, 403);
  });
});
