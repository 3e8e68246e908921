import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { startTestServer, type Answer, type TestServer } from '../harness/server.ts';

const TABLE = fileURLToPath(new URL('../../../shared/data/licensing-service-plan-reference.csv', import.meta.url));
const HEADER =
  'Product_Display_Name,String_Id,GUID,Service_Plan_Name,Service_Plan_Id,Service_Plans_Included_Friendly_Names';
const [SUITE, OTHER, TEAMS, MAIL] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];

describe('importing the product table', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  async function send(
    csv: string | Buffer,
    tenantId = server.tenantId,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const token = await server.token(['Organization.ReadWrite.All'], tenantId);
    const response = await fetch(`${server.url}/v1.0/admin/import/products`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv', ...headers },
      body: csv as NonNullable<RequestInit['body']>,
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  async function catalogue(tenantId: string) {
    const { rows } = await server.db.pool.query(
      `select p.sku_id, p.sku_part_number, p.display_name, p.applies_to, p.prohibited_usage_locations,
              x.service_plan_id, x.service_plan_name, x.friendly_name, x.depends_on, x.conflicts_with, x.position
         from products p left join product_plans x using (tenant_id, sku_id)
        where tenant_id = $1 order by p.sku_id, x.position, x.service_plan_id`,
      [tenantId],
    );
    return rows;
  }

  async function auditCount(tenantId: string): Promise<number> {
    const { rows } = await server.db.pool.query(
      "select count(*) as n from audit_entries where tenant_id = $1 and target_type = 'Product'",
      [tenantId],
    );
    return rows[0].n;
  }

  const read = (tenantId: string, skuId: string) =>
    server.request('GET', `/v1.0/admin/products/${skuId}`, { permissions: ['Organization.Read.All'], tenantId });

  describe("Microsoft's own", { skip: !existsSync(TABLE) && `${TABLE} is not here` }, () => {
    let tenantId: string;
    let table: Buffer;
    before(async () => {
      tenantId = await server.createTenant();
      table = readFileSync(TABLE);
    });

    it('comes in whole: every product and every plan, named as its first row names it', async () => {
      await server.token(['Organization.ReadWrite.All'], tenantId);
      const begin = performance.now();
      const answer = await send(table, tenantId);
      console.log(`# 5,990 rows imported in ${Math.round(performance.now() - begin)} ms`);
      assert.deepEqual([answer.status, answer.body], [200, { added: 619, changed: 0, unchanged: 0 }]);

      const [, ...rows] = parse(table);
      const clean = (text: string) => text.replaceAll('\u00a0', ' ').trim().split(/\s+/).join(' ');
      const wanted = new Map<string, unknown[]>();
      const products = new Map<string, string[]>();
      for (const cells of rows) {
        const [name, part, sku, plan, planId, friendly] = cells.map(clean) as [
          string,
          string,
          string,
          string,
          string,
          string,
        ];
        const product = products.get(sku.toLowerCase()) ?? [name, part];
        products.set(sku.toLowerCase(), product);
        const key = `${sku} ${planId}`.toLowerCase();
        if (!wanted.has(key)) wanted.set(key, [...product, plan, friendly]);
      }
      const found = (await catalogue(tenantId)).map((row) => [
        `${row.sku_id} ${row.service_plan_id}`,
        [row.display_name, row.sku_part_number, row.service_plan_name, row.friendly_name],
      ]);
      assert.equal(found.length, 5_990 - 31);
      const byKey = (a: unknown[], b: unknown[]) => (String(a[0]) < String(b[0]) ? -1 : 1);
      assert.deepEqual(found.sort(byKey), [...wanted].sort(byKey));
    });

    it('has one entry in the audit for each product', async () => {
      assert.equal(await auditCount(tenantId), 619);
    });

    it('changes nothing when it comes again, in whatever edition', async () => {
      const before = await catalogue(tenantId);
      const text = table.toString('utf8');
      const [header, ...lines] = text.trimEnd().split('\n') as [string, ...string[]];
      const untidy = lines.map((line) =>
        line.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => ` \u00a0${id.toUpperCase()}\u00a0\t`),
      );
      const editions: Record<string, string> = {
        'as it is': text,
        'with a byte order mark and CRLF': `\ufeff${text.replaceAll('\n', '\r\n')}`,
        'with no-break spaces and capital letters in ids': [header, ...untidy].join('\r\n'),
        'with its byte order mark lost to PowerShell': `???${text}`,
        'with empty lines at its end': `${text}\n\n`,
        'with columns in another order, and one more': rearranged(text),
      };
      for (const [what, edition] of Object.entries(editions)) {
        const answer = await send(edition, tenantId);
        assert.deepEqual([answer.status, answer.body], [200, { added: 0, changed: 0, unchanged: 619 }], what);
      }
      assert.deepEqual(await catalogue(tenantId), before);
      assert.equal(await auditCount(tenantId), 619);
    });

    it('is added once where it is imported twice at the same time', async () => {
      const other = await server.createTenant();
      const answers = await Promise.all([send(table, other), send(table, other), send(table, other)]);
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200, 200],
      );
      const sum = (of: string) => answers.reduce((total, { body }) => total + (body[of] as number), 0);
      assert.deepEqual([sum('added'), sum('changed'), sum('unchanged')], [619, 0, 1_238]);
      assert.deepEqual(await catalogue(other), await catalogue(tenantId));
    });

    it('writes nothing of itself where its last line is broken', async () => {
      const other = await server.createTenant();
      const answer = await send(`${table.toString('utf8').trimEnd()}\nlast,LAST,no-guid,PLAN,${TEAMS},Plan\n`, other);
      assert.equal(answer.status, 400);
      assert.deepEqual(answer.body.error.details, [{ line: 5_992, target: 'GUID', message: 'This is not a GUID.' }]);
      assert.deepEqual([await catalogue(other), await auditCount(other)], [[], 0]);
    });
  });

  it('keeps plans that another edition lacks, rules and what was not imported, and renames the rest', async () => {
    const tenantId = await server.createTenant();
    await server.request('POST', '/v1.0/admin/products', {
      permissions: ['Organization.ReadWrite.All'],
      tenantId,
      body: {
        skuId: SUITE,
        skuPartNumber: 'OLD',
        displayName: 'Old name',
        prohibitedUsageLocations: ['KP'],
        servicePlans: [
          { servicePlanId: MAIL, servicePlanName: 'RETIRED' },
          { servicePlanId: TEAMS, servicePlanName: 'OLD', conflictsWith: [MAIL], dependsOn: [OTHER] },
        ],
      },
    });
    const added = randomUUID();
    const csv = table(
      ['Suite', 'SUITE', SUITE, 'NEW', added, 'New plan'],
      ['Suite', 'SUITE', SUITE, 'TEAMS1', TEAMS, 'Teams'],
    );
    assert.deepEqual((await send(csv, tenantId)).body, { added: 0, changed: 1, unchanged: 0 });
    const { '@odata.context': _, ...product } = (await read(tenantId, SUITE)).body;
    assert.deepEqual(product, {
      skuId: SUITE,
      skuPartNumber: 'SUITE',
      displayName: 'Suite',
      appliesTo: 'User',
      prohibitedUsageLocations: ['KP'],
      servicePlans: [
        { servicePlanId: MAIL, servicePlanName: 'RETIRED', friendlyName: 'RETIRED', dependsOn: [], conflictsWith: [] },
        {
          servicePlanId: TEAMS,
          servicePlanName: 'TEAMS1',
          friendlyName: 'Teams',
          dependsOn: [OTHER],
          conflictsWith: [MAIL],
        },
        { servicePlanId: added, servicePlanName: 'NEW', friendlyName: 'New plan', dependsOn: [], conflictsWith: [] },
      ],
    });
    assert.deepEqual((await send(csv, tenantId)).body, { added: 0, changed: 0, unchanged: 1 });
    assert.equal(await auditCount(tenantId), 2);
  });

  it('takes the first of two names of a product or plan, each time', async () => {
    const tenantId = await server.createTenant();
    const csv = table(
      ['First', 'FIRST', SUITE, 'ONE', TEAMS, 'One'],
      ['Second', 'SECOND', SUITE, 'TWO', TEAMS, 'Two'],
      ['Third', 'FIRST', SUITE.toUpperCase(), 'THREE', MAIL, 'Three'],
    );
    assert.deepEqual((await send(csv, tenantId)).body, { added: 1, changed: 0, unchanged: 0 });
    const { displayName, skuPartNumber, servicePlans } = (await read(tenantId, SUITE)).body;
    const names = servicePlans.map((plan: { friendlyName: string }) => plan.friendlyName);
    assert.deepEqual([displayName, skuPartNumber, names], ['First', 'FIRST', ['One', 'Three']]);
    assert.deepEqual((await send(csv, tenantId)).body, { added: 0, changed: 0, unchanged: 1 });
  });

  it('goes on beside changes by hand and other editions in another order, and none of them fails', async () => {
    const tenantId = await server.createTenant();
    const skuIds = Array.from({ length: 30 }, () => randomUUID());
    const rows = skuIds.map((skuId) => ['Suite', 'SUITE', skuId, 'TEAMS1', TEAMS, 'Teams']);
    await send(table(...rows.slice(0, 15)), tenantId);
    const renamed = (skuId: string, index: number) =>
      server.request('PATCH', `/v1.0/admin/products/${skuId}`, {
        permissions: ['Organization.ReadWrite.All'],
        tenantId,
        body: { displayName: `By hand ${index}`, servicePlans: [{ servicePlanId: MAIL, servicePlanName: 'MAIL' }] },
      });
    const answers = await Promise.all([
      send(table(...rows), tenantId),
      ...skuIds.slice(0, 15).map(renamed),
      send(table(...rows.toReversed()), tenantId),
      send(table(...rows.map((cells) => cells.with(4, OTHER))), tenantId),
    ]);
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    const found = await catalogue(tenantId);
    assert.deepEqual(new Set(found.map((row) => row.sku_id)), new Set(skuIds));
    // Each list of plans is one that some order of these changes leaves: without gaps or doubles.
    for (const plans of Map.groupBy(found, (row) => row.sku_id).values()) {
      assert.deepEqual(
        plans.map((row) => row.position),
        plans.map((_, index) => index),
      );
    }
  });

  it("leaves other tenants' catalogues alone", async () => {
    const [one, other] = [await server.createTenant(), await server.createTenant()];
    await send(table(['Theirs', 'SUITE', SUITE, 'TEAMS1', TEAMS, 'Teams']), other);
    const before = await catalogue(other);
    await send(table(['Ours', 'SUITE', SUITE, 'TEAMS1', TEAMS, 'Teams']), one);
    assert.deepEqual(await catalogue(other), before);
  });

  it('takes a table without rows as nothing to do', async () => {
    assert.deepEqual((await send(`${HEADER}\n`)).body, { added: 0, changed: 0, unchanged: 0 });
  });

  const good = ['Suite', 'SUITE', SUITE, 'TEAMS1', TEAMS, 'Teams'];
  const changed = (index: number, cell: string) => good.with(index, cell);
  const broken: [string, string | Buffer, { line: number; target?: string; message: RegExp }[]][] = [
    [
      'a GUID of the wrong form',
      table(good, changed(2, SUITE.slice(1))),
      [{ line: 3, target: 'GUID', message: /not a GUID/ }],
    ],
    [
      'a GUID in braces',
      table(changed(4, `{${TEAMS}}`)),
      [{ line: 2, target: 'Service_Plan_Id', message: /not a GUID/ }],
    ],
    ['an empty GUID', table(changed(4, '')), [{ line: 2, target: 'Service_Plan_Id', message: /empty/ }]],
    ['an empty name', table(changed(0, '')), [{ line: 2, target: 'Product_Display_Name', message: /empty/ }]],
    [
      'a name of no-break spaces',
      table(changed(3, '\u00a0\u00a0')),
      [{ line: 2, target: 'Service_Plan_Name', message: /empty/ }],
    ],
    ['an empty part number', table(changed(1, '')), [{ line: 2, target: 'String_Id', message: /empty/ }]],
    [
      'an endless name',
      table(changed(5, 'x'.repeat(257))),
      [{ line: 2, target: 'Service_Plans_Included_Friendly_Names', message: /256/ }],
    ],
    ['too few cells', `${table(good)}Suite,SUITE\n${good.join()}`, [{ line: 3, message: /2 cells.* 6/ }]],
    ['too many cells', table(good, [...good, 'more']), [{ line: 3, message: /7 cells.* 6/ }]],
    [
      'two faults on one line and one on another',
      table(changed(0, '').with(2, 'x'), good, changed(4, 'y')),
      [
        { line: 2, target: 'Product_Display_Name', message: /empty/ },
        { line: 2, target: 'GUID', message: /not a GUID/ },
        { line: 4, target: 'Service_Plan_Id', message: /not a GUID/ },
      ],
    ],
    [
      'lines counted over a cell with a line break',
      table(changed(5, '"Teams\nand more"'), changed(2, 'x')),
      [{ line: 4, target: 'GUID', message: /not a GUID/ }],
    ],
    ['no header', good.join(), [{ line: 1, message: /header lacks the columns Product_Display_Name, / }]],
    [
      'a header without one column',
      `${HEADER.replace(',GUID', '')}\n`,
      [{ line: 1, message: /header lacks the column GUID/ }],
    ],
    ['semicolons', table(good).replaceAll(',', ';'), [{ line: 1, message: /header lacks/ }]],
    ['nothing at all', '', [{ line: 1, message: /empty/ }]],
    ['another encoding', Buffer.from(table(good, changed(5, 'Données')), 'latin1'), [{ line: 3, message: /UTF-8/ }]],
    ['UTF-16', Buffer.from(`\ufeff${table(good)}`, 'utf16le'), [{ line: 1, message: /UTF-16/ }]],
    ['a NUL', table(changed(5, 'a\0b')), [{ line: 2, message: /NUL/ }]],
    ['an open quotation mark', `${table(good)}"Suite,SUITE,${SUITE}`, [{ line: 3, message: /quotation mark/ }]],
    [
      'more plans than a product can have',
      table(...Array.from({ length: 301 }, () => changed(4, randomUUID()))),
      [{ line: 302, target: 'Service_Plan_Id', message: /300/ }],
    ],
  ];
  for (const [what, csv, details] of broken) {
    it(`refuses ${what} by its line, and writes nothing`, async () => {
      const tenantId = await server.createTenant();
      const answer = await send(csv, tenantId);
      assert.equal(answer.status, 400, JSON.stringify(answer.body));
      assert.equal(answer.body.error.code, 'Request_BadRequest');
      const found = answer.body.error.details as { line: number; target?: string; message: string }[];
      assert.deepEqual(
        found.map(({ line, target }) => [line, target]),
        details.map(({ line, target }) => [line, target]),
      );
      found.forEach(({ message }, index) => assert.match(message, details[index]!.message));
      assert.deepEqual([await catalogue(tenantId), await auditCount(tenantId)], [[], 0]);
    });
  }

  it('tells the first hundred of many faults', async () => {
    const answer = await send(table(...Array.from({ length: 500 }, () => changed(2, 'x'))));
    assert.equal(answer.status, 400);
    const lines = answer.body.error.details.map(({ line }: { line: number }) => line);
    assert.deepEqual(
      lines,
      Array.from({ length: 100 }, (_, index) => index + 2),
    );
  });

  it('takes nothing but CSV, from nobody but those who may write the organisation', async () => {
    const tenantId = server.tenantId;
    assert.equal((await send('{}', tenantId, { 'content-type': 'application/json' })).status, 415);
    const path = '/v1.0/admin/import/products';
    const headers = { 'content-type': 'text/csv' };
    const body = table(good);
    for (const permission of [
      'LicenseAssignment.ReadWrite.All',
      'Organization.Read.All',
      'User.ReadWrite.All',
    ] as const) {
      assert.equal(
        (await server.request('POST', path, { permissions: [permission], body, headers })).status,
        403,
        permission,
      );
    }
    assert.equal((await server.request('POST', path, { token: null, body, headers })).status, 401);
    assert.equal((await send(body, tenantId, { 'content-type': 'text/csv; charset=utf-8' })).status, 200);
  });
});

function table(...rows: string[][]): string {
  return [HEADER, ...rows.map((cells) => cells.join())].map((line) => `${line}\n`).join('');
}

/** The same table with its columns the other way round, and a column that isn't known. */
function rearranged(text: string): string {
  return parse(text)
    .map((cells) => ['note', ...cells.toReversed()].map((cell) => `"${cell.replaceAll('"', '""')}"`).join())
    .join('\n');
}
