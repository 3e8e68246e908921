import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { UserImports } from '../harness/user-imports.ts';

const SAMPLE = fileURLToPath(new URL('../../../shared/data/m365-export-users-header.csv', import.meta.url));
const [ANN, BOB] = [randomUUID(), randomUUID()];
const HEADER = 'Object Id,User principal name,Display name';

describe('importing users', () => {
  let server: TestServer;
  let imports: UserImports;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());
  beforeEach(async () => {
    imports = new UserImports(server, await server.createTenant());
  });

  it("takes the admin center's own file", { skip: !existsSync(SAMPLE) && `${SAMPLE} is not here` }, async () => {
    const file = readFileSync(SAMPLE);
    await imports.assertCounts(file, 1, 0, 0);
    const [admin] = await imports.users();
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
    await imports.assertCounts(file, 0, 0, 1);
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
    await imports.assertCounts(file, 1, 0, 0);
    const [row] = await imports.users();
    const { tenant_id: _, ...user } = row;
    assert.deepEqual(user, {
      sessions_ended_at: null,
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
    await imports.assertCounts(file, 0, 0, 1);
    assert.deepEqual((await imports.users())[0], row);
    assert.deepEqual(
      (await imports.audits()).map((entry) => [entry.activity, entry.target_id]),
      [['Add user', ANN]],
    );
    const { rows } = await server.db.pool.query('select from licenses where tenant_id = $1', [imports.tenantId]);
    assert.equal(rows.length, 0);
  });

  it('lets an empty cell clear, and leaves alone what the file has no column for', async () => {
    await imports.assertCounts(
      `${HEADER},City,Title,Block credential,Phone number\n${ANN},ann@x.example,Ann,Bern,Chief,True,+41\n`,
      1,
      0,
      0,
    );
    await imports.assertCounts(`${HEADER},City,Block credential,Phone number\n${ANN},ann@x.example,Ann,,,\n`, 0, 1, 0);
    const [ann] = await imports.users();
    assert.deepEqual([ann.city, ann.job_title, ann.is_account_enabled, ann.business_phones], [null, 'Chief', true, []]);
    assert.deepEqual((await imports.audits()).at(-1).changes, [
      { name: 'city', before: 'Bern', after: null },
      { name: 'accountEnabled', before: false, after: true },
      { name: 'businessPhones', before: ['+41'], after: [] },
    ]);
  });

  it('finds users by Object Id, whose name may change, else by user principal name', async () => {
    await imports.assertCounts(`${HEADER}\n${ANN},ann@x.example,Ann\n${BOB},bob@x.example,Bob\n`, 2, 0, 0);
    await imports.assertCounts(
      `${HEADER}\n${ANN},ann.new@x.example,Ann\n,BOB@x.example,Bob the second\n,cid@x.example,Cid\n`,
      1,
      2,
      0,
    );
    const rows = await imports.users();
    assert.deepEqual(
      rows.map((user) => [user.user_principal_name, user.display_name]),
      [
        ['ann.new@x.example', 'Ann'],
        ['BOB@x.example', 'Bob the second'],
        ['cid@x.example', 'Cid'],
      ],
    );
    assert.deepEqual([rows[0].user_id, rows[1].user_id], [ANN, BOB]);
    await imports.assertCounts('Display name,user principal NAME\nCid,CID@x.example\n', 0, 1, 0);
  });

  it('lets names pass from one user to another, whatever the order', async () => {
    await imports.assertCounts(`${HEADER}\n${ANN},ann@x.example,Ann\n${BOB},bob@x.example,Bob\n`, 2, 0, 0);
    await imports.assertCounts(
      `${HEADER}\n${randomUUID()},ann@x.example,New\n${ANN},bob@x.example,Ann\n${BOB},old@x.example,Bob\n`,
      1,
      2,
      0,
    );
    assert.deepEqual(
      (await imports.users()).map((user) => user.user_principal_name),
      ['bob@x.example', 'old@x.example', 'ann@x.example'],
    );
    await imports.assertCounts(`${HEADER}\n${BOB},BOB@x.example,Bob\n${ANN},Old@x.example,Ann\n`, 0, 2, 0);
    assert.deepEqual(
      (await imports.users()).map((user) => user.user_principal_name),
      ['Old@x.example', 'BOB@x.example', 'ann@x.example'],
    );
    assert.deepEqual((await imports.audits()).at(-1).changes, [
      { name: 'userPrincipalName', before: 'bob@x.example', after: 'Old@x.example' },
    ]);
  });

  it('passes over deleted users', async () => {
    await imports.assertCounts(
      `${HEADER},Soft deletion time stamp\n${ANN},ann@x.example,Ann,2024-01-01 00:00:00Z\nnonsense,,,x\n`,
      0,
      0,
      0,
    );
    assert.deepEqual(await imports.users(), []);
  });

  it('makes guests of who was invited', async () => {
    await imports.assertCounts(`${HEADER}\n,b_y.example#EXT#@x.example,B\n`, 1, 0, 0);
    assert.equal((await imports.users())[0].user_type, 'Guest');
  });

  it('takes a byte order mark, CRLF, no-break spaces and stray white space', async () => {
    await imports.assertCounts(
      `\ufeff ${HEADER.replace('Display name', 'Display\u00a0name')},City\r\n ${ANN}\u00a0,\u00a0ann@x.example ,"  Ann\u00a0A ", \u00a0\r\n\r\n`,
      1,
      0,
      0,
    );
    const [ann] = await imports.users();
    assert.deepEqual(
      [ann.user_id, ann.user_principal_name, ann.display_name, ann.city],
      [ANN, 'ann@x.example', 'Ann A', null],
    );
  });

  it('touches no other tenant, even with the same Object Ids and names', async () => {
    const file = `${HEADER}\n${ANN},ann@x.example,Ann\n`;
    await imports.assertCounts(file, 1, 0, 0);
    const first = await imports.users();
    const one = imports.tenantId;
    imports.tenantId = await server.createTenant();
    await imports.assertCounts(file.replace(',Ann', ',Other'), 1, 0, 0);
    imports.tenantId = one;
    assert.deepEqual(await imports.users(), first);
  });

  it('of the same file twice at the same time adds everyone once', async () => {
    const lines = Array.from({ length: 2_500 }, (_, index) => `${randomUUID()},p${index}@x.example,P ${index}`);
    const file = `${HEADER}\n${lines.join('\n')}\n`;
    const answers = await Promise.all([imports.send(file), imports.send(file)]);
    assert.deepEqual(
      answers.map((answer) => answer.body).toSorted((a, b) => b.added - a.added),
      [
        { added: 2_500, changed: 0, unchanged: 0 },
        { added: 0, changed: 0, unchanged: 2_500 },
      ],
    );
    assert.equal((await imports.audits()).length, 2_500);
  });

  it('keeps what somebody changes meanwhile, where the file says nothing of it', async () => {
    await imports.assertCounts(`${HEADER},City\n${ANN},ann@x.example,Ann,Basel\n`, 1, 0, 0);
    const client = await server.db.pool.connect();
    await client.query('begin');
    await client.query("update users set city = 'Bern' where user_id = $1", [ANN]);
    const answer = imports.send(`${HEADER},Title\n${ANN},ann@x.example,Ann,Chief\n`);
    const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    while ((await server.db.pool.query(waiting)).rowCount === 0) await setTimeout(10);
    await client.query('commit');
    client.release();
    assert.deepEqual((await answer).body, { added: 0, changed: 1, unchanged: 0 });
    const [ann] = await imports.users();
    assert.deepEqual([ann.city, ann.job_title], ['Bern', 'Chief']);
  });
});
