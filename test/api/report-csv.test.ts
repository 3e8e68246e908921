import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { assertRefused, worldOf, type World } from '../harness/world.ts';

const PATH = '/reports/autoClaim';
const HEADER =
  'claimId,claimedDateTime,userId,userPrincipalName,userDisplayName,policyId,policyDisplayName,appId,appDisplayName,skuId,skuPartNumber,productDisplayName,isBackup';

describe('the report as CSV', () => {
  let server: TestServer;
  let world: World;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
  });
  after(() => server.close());

  const asCsv = (of: World, query = '', headers = {}) =>
    of.call('GET', `${PATH}?$format=csv${query}`, undefined, headers);
  const rowsOf = (body: string): Record<string, string>[] => parse(body, { columns: true });

  it('is a file with a header, also where there is nothing to report', async () => {
    const answer = await asCsv(world);
    assert.equal(answer.status, 200);
    assert.equal(answer.body, `${HEADER}\r\n`);
    assert.equal(answer.headers.get('content-type'), 'text/csv; charset=utf-8');
    assert.match(answer.headers.get('content-disposition') ?? '', /^attachment; filename="[\w.-]+\.csv"$/);
  });

  it('has commas, quotes, line ends and any script as they are', async () => {
    const of = worldOf(server, await server.createTenant());
    const names = [
      'a,b',
      'say "hi"',
      'two\nlines',
      'two\r\nlines',
      'return\rhere',
      'Žluťoučký 日本語 🎉',
      ' spaced ',
      ';\t|',
      "'quoted'",
      '""',
    ];
    for (const [index, userName] of names.entries()) {
      await of.putClaim(new Date(Date.now() - index * 1_000), { userName, policyName: userName, product: userName });
    }
    const rows = rowsOf((await asCsv(of)).body);
    for (const column of ['userDisplayName', 'policyDisplayName', 'productDisplayName']) {
      assert.deepEqual(
        rows.map((row) => row[column]),
        names,
      );
    }
  });

  it('neutralises every cell that a spreadsheet would take for a formula, in every column of text', async () => {
    const of = worldOf(server, await server.createTenant());
    const starts = ['=', '+', '-', '@', '\t', '\r'];
    for (const [index, start] of starts.entries()) {
      const text = `${start}HYPERLINK("http://x","y")`;
      await of.putClaim(new Date(Date.now() - index * 1_000), {
        name: text,
        userName: text,
        policyName: text,
        appName: text,
        part: text,
        product: text,
      });
    }
    const rows = rowsOf((await asCsv(of)).body);
    for (const [index, start] of starts.entries()) {
      for (const column of [
        'userPrincipalName',
        'userDisplayName',
        'policyDisplayName',
        'appDisplayName',
        'skuPartNumber',
        'productDisplayName',
      ]) {
        assert.equal(rows[index]![column], `'${start}HYPERLINK("http://x","y")`, column);
      }
    }
    const { value } = await of.get(PATH);
    assert.equal(value[0].userDisplayName, '=HYPERLINK("http://x","y")', 'JSON has it as it is');
  });

  it('leaves alone what only has such a character further on', async () => {
    const of = worldOf(server, await server.createTenant());
    await of.putClaim(new Date(), { userName: '1+1=2', appName: 'a@b' });
    const [row] = rowsOf((await asCsv(of)).body);
    assert.deepEqual([row!['userDisplayName'], row!['appDisplayName']], ['1+1=2', 'a@b']);
  });

  it('comes by the Accept header, where it prefers CSV and $format says nothing else', async () => {
    const get = (accept: string, query = '') => world.call('GET', `${PATH}${query}`, undefined, { accept });
    for (const accept of [
      'text/csv',
      'TEXT/CSV; charset=utf-8',
      'application/json;q=0.5, text/csv',
      'text/csv, */*;q=0.1',
    ]) {
      const { headers } = await get(accept);
      assert.match(headers.get('content-type')!, /^text\/csv/, accept);
      assert.match(headers.get('vary') ?? '', /accept/i);
    }
    for (const accept of [
      'application/json',
      '*/*',
      'text/*',
      'application/json, text/csv;q=0.9',
      'text/csv;q=0',
      'text/csvx',
    ]) {
      const { headers } = await get(accept);
      assert.match(headers.get('content-type')!, /^application\/json/, accept);
      assert.match(headers.get('vary') ?? '', /accept/i);
    }
    assert.match((await get('text/csv', '?$format=json')).headers.get('content-type')!, /^application\/json/);
    assert.match((await get('application/json', '?$format=csv')).headers.get('content-type')!, /^text\/csv/);
  });

  it('has the columns that $select names, and as many rows as $top says', async () => {
    const of = worldOf(server, await server.createTenant());
    for (let n = 0; n < 4; n += 1) await of.putClaim(new Date(Date.now() - n * 1_000), { userName: `User ${n}` });
    const selected = await asCsv(of, '&$select=isBackup,userDisplayName&$top=2');
    assert.equal(selected.body, 'userDisplayName,isBackup\r\nUser 0,false\r\nUser 1,false\r\n');
    assert.equal(
      (await asCsv(of, '&$orderby=claimedDateTime&$select=userDisplayName&$top=1')).body,
      'userDisplayName\r\nUser 3\r\n',
    );
    assertRefused(await asCsv(of, '&$count=true'), 400, /^\$count /);
    assertRefused(await asCsv(of, '&$select=x'), 400, /unknown property x/);
  });

  it('is whole beyond any page: thousands of rows, also at one millisecond', async () => {
    const of = worldOf(server, await server.createTenant());
    await server.db.pool.query(
      `insert into claims (tenant_id, claim_id, claimed_at, user_id, user_principal_name, user_display_name, policy_id,
         policy_display_name, app_id, app_display_name, sku_id, sku_part_number, product_display_name, is_backup)
       select $1, gen_random_uuid(), now() - make_interval(mins => n / 2000), gen_random_uuid(), 'u', 'User ' || n, gen_random_uuid(),
              'P', gen_random_uuid(), 'A', gen_random_uuid(), 'S', 'T', false
         from generate_series(1, 3500) n`,
      [of.tenantId],
    );
    const rows = rowsOf((await asCsv(of, '&period=D1')).body);
    assert.equal(rows.length, 3_500);
    assert.equal(new Set(rows.map((row) => row['claimId'])).size, 3_500);
    const times = rows.map((row) => row['claimedDateTime']!);
    assert.deepEqual(times, times.toSorted().toReversed());
    assert.equal((await of.get(`${PATH}/summary?period=D1`)).totalClaims, 3_500);
  });
});
