import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { after, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startTestServer, type Answer, type TestServer } from '../harness/server.ts';

const SAMPLE = fileURLToPath(new URL('../../../shared/data/m365-export-users-header.csv', import.meta.url));
const [ANN, BOB] = [randomUUID(), randomUUID()];
const HEADER = 'Object Id,User principal name,Display name';

describe('importing users', () => {
  let server: TestServer;
  let tenantId: string;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());
  beforeEach(async () => {
    tenantId = await server.createTenant();
  });

  async function send(csv: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> {
    const token = await server.token(['User.ReadWrite.All'], tenantId);
    const response = await fetch(`${server.url}/v1.0/admin/import/users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv', ...headers },
      body: csv as NonNullable<RequestInit['body']>,
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  async function assertCounts(csv: string | Buffer, added: number, changed: number, unchanged: number): Promise<void> {
    const answer = await send(csv);
    assert.deepEqual([answer.status, answer.body], [200, { added, changed, unchanged }], JSON.stringify(answer.body));
  }

  async function users(): Promise<any[]> {
    const { rows } = await server.db.pool.query(
      'select * from users where tenant_id = $1 order by lower(display_name), user_id',
      [tenantId],
    );
    return rows;
  }

  async function audits(): Promise<any[]> {
    const { rows } = await server.db.pool.query(
      "select * from audit_entries where tenant_id = $1 and target_type = 'User' order by happened_at, audit_id",
      [tenantId],
    );
    return rows;
  }

  /** The file is refused with these findings, and nothing is written. */
  async function assertRejected(
    csv: string | Buffer,
    ...details: [number, string | undefined, RegExp][]
  ): Promise<void> {
    const state = async () => JSON.stringify([await users(), await audits()]);
    const before = await state();
    const answer = await send(csv);
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
    assert.equal(answer.body.error.code, 'Request_BadRequest');
    assert.match(answer.body.error.message, /^Nothing was imported/);
    const found = answer.body.error.details;
    assert.equal(found.length, details.length, JSON.stringify(found));
    for (const [index, [line, target, message]] of details.entries()) {
      assert.deepEqual([found[index].line, found[index].target], [line, target], JSON.stringify(found[index]));
      assert.match(found[index].message, message);
    }
    assert.equal(await state(), before);
  }

  it("takes the admin center's own file", { skip: !existsSync(SAMPLE) && `${SAMPLE} is not here` }, async () => {
    const file = readFileSync(SAMPLE);
    await assertCounts(file, 1, 0, 0);
    const [admin] = await users();
    assert.deepEqual(
      [
        admin.user_id,
        admin.user_principal_name,
        admin.given_name,
        admin.job_title,
        admin.usage_location,
        admin.is_account_enabled,
      ],
      ['15e91f38-3651-425f-810a-56e0fb00287a', 'admin@contoso.com', 'Admin', 'Tenant Admin', 'US', false],
    );
    assert.equal(admin.created_at.toISOString(), '2022-03-18T19:49:35.000Z');
    await assertCounts(file, 0, 0, 1);
  });

  it('takes every column to its property, and twice changes nothing', async () => {
    const columns = {
      'Display name': 'Ann',
      DirSyncEnabled: 'True',
      'User principal name': 'ann@x.example',
      'Object Id': ANN.toUpperCase(),
      'First name': 'Ann F',
      'Last name': 'Ann L',
      'When created': '2022-03-18 19:49:35Z',
      'Soft deletion time stamp': '',
      Title: 'Chief',
      Department: '"Research, & more"',
      'Preferred data location': 'EUR',
      City: 'Zürich',
      CountryOrRegion: 'Switzerland',
      Office: '1.23',
      StateOrProvince: 'ZH',
      'Usage location': 'CH',
      'Last dirsync time': '2023-01-02T03:04:05.678Z',
      'Block credential': 'True',
      Licenses: 'Microsoft 365 E3+Visio Plan 2',
      'Password never expires': 'TRUE',
      'Last password change time stamp': '2024-01-02 03:04:05Z',
      'Mobile Phone': '+41 79',
      'Phone number': '+41 44',
      'Postal code': '08000',
      'Preferred language': 'de-CH',
      'Street address': 'Bahnhofstr. 1',
      Fax: '+41 45',
      'Proxy addresses': 'SMTP:ann+news@x.example+smtp:a@x.example',
      'A column of tomorrow': 'x',
    };
    const file = `${Object.keys(columns).join()}\n${Object.values(columns).join()}\n`;
    await assertCounts(file, 1, 0, 0);
    const [row] = await users();
    const { tenant_id: _, ...user } = row;
    assert.deepEqual(user, {
      user_id: ANN,
      user_principal_name: 'ann@x.example',
      display_name: 'Ann',
      user_type: 'Member',
      is_account_enabled: false,
      usage_location: 'CH',
      mail: 'ann+news@x.example',
      mail_nickname: 'ann',
      given_name: 'Ann F',
      surname: 'Ann L',
      job_title: 'Chief',
      department: 'Research, & more',
      company_name: null,
      employee_id: null,
      office_location: '1.23',
      street_address: 'Bahnhofstr. 1',
      city: 'Zürich',
      state: 'ZH',
      postal_code: '08000',
      country: 'Switzerland',
      preferred_language: 'de-CH',
      preferred_data_location: 'EUR',
      mobile_phone: '+41 79',
      business_phones: ['+41 44'],
      fax_number: '+41 45',
      other_mails: [],
      proxy_addresses: ['SMTP:ann+news@x.example', 'smtp:a@x.example'],
      is_directory_synced: true,
      last_directory_sync_at: new Date('2023-01-02T03:04:05.678Z'),
      password_hash: null,
      must_change_password: false,
      is_password_never_expiring: true,
      last_password_change_at: new Date('2024-01-02T03:04:05Z'),
      created_at: new Date('2022-03-18T19:49:35Z'),
    });
    await assertCounts(file, 0, 0, 1);
    assert.deepEqual((await users())[0], row);
    assert.deepEqual(
      (await audits()).map((entry) => [entry.activity, entry.target_id]),
      [['Add user', ANN]],
    );
    const { rows } = await server.db.pool.query('select from licenses where tenant_id = $1', [tenantId]);
    assert.equal(rows.length, 0);
  });

  it('lets an empty cell clear, and leaves alone what the file has no column for', async () => {
    await assertCounts(
      `${HEADER},City,Title,Block credential,Phone number\n${ANN},ann@x.example,Ann,Bern,Chief,True,+41\n`,
      1,
      0,
      0,
    );
    await assertCounts(`${HEADER},City,Block credential,Phone number\n${ANN},ann@x.example,Ann,,,\n`, 0, 1, 0);
    const [ann] = await users();
    assert.deepEqual([ann.city, ann.job_title, ann.is_account_enabled, ann.business_phones], [null, 'Chief', true, []]);
    assert.deepEqual((await audits()).at(-1).changes, [
      { name: 'city', before: 'Bern', after: null },
      { name: 'accountEnabled', before: false, after: true },
      { name: 'businessPhones', before: ['+41'], after: [] },
    ]);
  });

  it('finds users by Object Id, whose name may change, else by user principal name', async () => {
    await assertCounts(`${HEADER}\n${ANN},ann@x.example,Ann\n${BOB},bob@x.example,Bob\n`, 2, 0, 0);
    await assertCounts(
      `${HEADER}\n${ANN},ann.new@x.example,Ann\n,BOB@x.example,Bob the second\n,cid@x.example,Cid\n`,
      1,
      2,
      0,
    );
    const rows = await users();
    assert.deepEqual(
      rows.map((user) => [user.user_principal_name, user.display_name]),
      [
        ['ann.new@x.example', 'Ann'],
        ['BOB@x.example', 'Bob the second'],
        ['cid@x.example', 'Cid'],
      ],
    );
    assert.deepEqual([rows[0].user_id, rows[1].user_id], [ANN, BOB]);
    await assertCounts('Display name,user principal NAME\nCid,CID@x.example\n', 0, 1, 0);
  });

  it('lets names pass from one user to another, whatever the order', async () => {
    await assertCounts(`${HEADER}\n${ANN},ann@x.example,Ann\n${BOB},bob@x.example,Bob\n`, 2, 0, 0);
    await assertCounts(
      `${HEADER}\n${randomUUID()},ann@x.example,New\n${ANN},bob@x.example,Ann\n${BOB},old@x.example,Bob\n`,
      1,
      2,
      0,
    );
    assert.deepEqual(
      (await users()).map((user) => user.user_principal_name),
      ['bob@x.example', 'old@x.example', 'ann@x.example'],
    );
    await assertCounts(`${HEADER}\n${BOB},BOB@x.example,Bob\n${ANN},Old@x.example,Ann\n`, 0, 2, 0);
    assert.deepEqual(
      (await users()).map((user) => user.user_principal_name),
      ['Old@x.example', 'BOB@x.example', 'ann@x.example'],
    );
    assert.deepEqual((await audits()).at(-1).changes, [
      { name: 'userPrincipalName', before: 'bob@x.example', after: 'Old@x.example' },
    ]);
  });

  it('passes over deleted users', async () => {
    await assertCounts(
      `${HEADER},Soft deletion time stamp\n${ANN},ann@x.example,Ann,2024-01-01 00:00:00Z\nnonsense,,,x\n`,
      0,
      0,
      0,
    );
    assert.deepEqual(await users(), []);
  });

  it('makes guests of who was invited', async () => {
    await assertCounts(`${HEADER}\n,b_y.example#EXT#@x.example,B\n`, 1, 0, 0);
    assert.equal((await users())[0].user_type, 'Guest');
  });

  it('takes a byte order mark, CRLF, no-break spaces and stray white space', async () => {
    await assertCounts(
      `\ufeff ${HEADER.replace('Display name', 'Display\u00a0name')},City\r\n ${ANN}\u00a0,\u00a0ann@x.example ,"  Ann\u00a0A ", \u00a0\r\n\r\n`,
      1,
      0,
      0,
    );
    const [ann] = await users();
    assert.deepEqual(
      [ann.user_id, ann.user_principal_name, ann.display_name, ann.city],
      [ANN, 'ann@x.example', 'Ann A', null],
    );
  });

  it('touches no other tenant, even with the same Object Ids and names', async () => {
    const file = `${HEADER}\n${ANN},ann@x.example,Ann\n`;
    await assertCounts(file, 1, 0, 0);
    const first = await users();
    const one = tenantId;
    tenantId = await server.createTenant();
    await assertCounts(file.replace(',Ann', ',Other'), 1, 0, 0);
    tenantId = one;
    assert.deepEqual(await users(), first);
  });

  describe('refuses', () => {
    beforeEach(() => assertCounts(`${HEADER}\n${ANN},ann@x.example,Ann\n`, 1, 0, 0));
    const good = `${BOB},bob@x.example,Bob`;

    it('wrong cells, each by line and column, and then writes nothing of the good ones', () =>
      assertRejected(
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
      assertRejected(`${HEADER}\n${good}\n,cid@x.example,Cid\n${BOB.toUpperCase()},dan@x.example,Dan\n`, [
        4,
        'Object Id',
        /same user as in line 2/,
      ]));

    it('a user twice, by name', () =>
      assertRejected(
        `${HEADER}\n${good}\n${randomUUID()},BOB@x.example,Bobby\n,bob@X.example,B\n`,
        [3, 'User principal name', /same user principal name as in line 2/],
        [4, 'User principal name', /same user principal name as in line 2/],
      ));

    it('a user twice, once by Object Id and once by the name that he has', () =>
      assertRejected(`${HEADER}\n${ANN},ann.new@x.example,Ann\n,ann@x.example,Ann\n`, [
        3,
        'User principal name',
        /same user as in line 2/,
      ]));

    it('a name that belongs to another user', () =>
      assertRejected(`${HEADER}\n${BOB},ANN@x.example,Bob\n`, [
        2,
        'User principal name',
        new RegExp(`belongs to another user, ${ANN}`),
      ]));

    it('wrong lines and duplicates together, in the order of the lines', () =>
      assertRejected(
        `${HEADER}\n${good}\n${good}\nnonsense,x@x.example,X\n`,
        [3, 'Object Id', /line 2/],
        [4, 'Object Id', /GUID/],
      ));

    it('a header without what is required', () =>
      assertRejected('Object Id,City\n', [1, undefined, /lacks the columns User principal name, Display name/]));
    it('an empty file', () => assertRejected('', [1, undefined, /empty/]));
    it('another encoding', () =>
      assertRejected(Buffer.from(`\ufeff${HEADER}\n${good}\n`, 'utf16le'), [1, undefined, /UTF-16/]));
    it('bytes that are not UTF-8', () =>
      assertRejected(Buffer.from(`${HEADER}\n${good}\n,zo\xeb@x.example,Z\n`, 'latin1'), [3, undefined, /UTF-8/]));
    it('a line with a cell too few', () => assertRejected(`${HEADER}\n${good}\nx,y\n`, [3, undefined, /2 cells/]));
    it('a quotation mark that is not closed', () =>
      assertRejected(`${HEADER}\n${good}\n"x,y,z\n`, [3, undefined, /quotation mark/]));

    it('a file that is wrong in every line with the first hundred', async () => {
      const answer = await send(`${HEADER}\n${'x,y@x.example,Z\n'.repeat(3_000)}`);
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
        assert.equal((await send(HEADER, headers)).status, status);
      }
      const options = {
        permissions: ['User.ReadWrite.All'] as const,
        tenantId,
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

  it('of the same file twice at the same time adds everyone once', async () => {
    const lines = Array.from({ length: 2_500 }, (_, index) => `${randomUUID()},p${index}@x.example,P ${index}`);
    const file = `${HEADER}\n${lines.join('\n')}\n`;
    const answers = await Promise.all([send(file), send(file)]);
    assert.deepEqual(
      answers.map((answer) => answer.body).toSorted((a, b) => b.added - a.added),
      [
        { added: 2_500, changed: 0, unchanged: 0 },
        { added: 0, changed: 0, unchanged: 2_500 },
      ],
    );
    assert.equal((await audits()).length, 2_500);
  });

  it('leaves no temporary file behind', async () => {
    await send(`${HEADER}\n${ANN},ann@x.example,Ann\n`);
    await send('Wrong\n');
    assert.deepEqual(
      (await readdir(tmpdir())).filter((name) => name.startsWith('autoclaim-import-')),
      [],
    );
  });
});
