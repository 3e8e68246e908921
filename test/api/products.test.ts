import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Permission } from '../../contract/permission.ts';
import { startTestServer, type Answer, type TestServer } from '../harness/server.ts';

const READ: Permission[] = ['LicenseAssignment.Read.All'];
const WRITE: Permission[] = ['Organization.ReadWrite.All'];
const [TEAMS, EXCHANGE, VISIO] = [randomUUID(), randomUUID(), randomUUID()];

describe('the catalogue', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const post = (body: unknown, tenantId?: string) =>
    server.request('POST', '/v1.0/admin/products', { permissions: WRITE, body, tenantId });
  const patch = (skuId: string, body: unknown, tenantId?: string) =>
    server.request('PATCH', `/v1.0/admin/products/${skuId}`, { permissions: WRITE, body, tenantId });
  const get = (path: string, tenantId?: string) =>
    server.request('GET', `/v1.0/admin/products${path}`, { permissions: READ, tenantId });

  function suite(changes: object = {}) {
    return {
      skuId: randomUUID(),
      skuPartNumber: 'SUITE',
      displayName: 'The Suite',
      servicePlans: [{ servicePlanId: TEAMS, servicePlanName: 'TEAMS1', friendlyName: 'Teams' }],
      ...changes,
    };
  }

  async function rowCount(): Promise<number> {
    const { rows } = await server.db.pool.query<{ rows: number }>(
      'select (select count(*) from products) + (select count(*) from product_plans) + (select count(*) from audit_entries) as rows',
    );
    return rows[0]!.rows;
  }

  async function audited(skuId: string) {
    const { rows } = await server.db.pool.query<{ activity: string; operation: string; changes: { name: string }[] }>(
      'select activity, operation, changes from audit_entries where target_id = $1 order by audit_id',
      [skuId],
    );
    return rows.map(({ activity, operation, changes }) => [
      activity,
      operation,
      changes
        .map(({ name }) => name)
        .sort()
        .join(),
    ]);
  }

  function assertRefused(answer: Answer, status: number, text: RegExp): void {
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.match(answer.body.error.message, text);
  }

  it('takes a product with what was left out filled in, and answers ids in lower case', async () => {
    const skuId = randomUUID();
    const added = await post({
      skuId: skuId.toUpperCase(),
      skuPartNumber: 'VISIO_2',
      displayName: 'Visio Plan 2',
      servicePlans: [
        { servicePlanId: VISIO.toUpperCase(), servicePlanName: 'VISIO_WEB', dependsOn: [TEAMS.toUpperCase()] },
        { servicePlanId: EXCHANGE, servicePlanName: 'MAIL', friendlyName: 'Mail', conflictsWith: [TEAMS] },
      ],
    });
    assert.equal(added.status, 201, JSON.stringify(added.body));
    const wanted = {
      skuId,
      skuPartNumber: 'VISIO_2',
      displayName: 'Visio Plan 2',
      appliesTo: 'User',
      prohibitedUsageLocations: [],
      servicePlans: [
        {
          servicePlanId: VISIO,
          servicePlanName: 'VISIO_WEB',
          friendlyName: 'VISIO_WEB',
          dependsOn: [TEAMS],
          conflictsWith: [],
        },
        {
          servicePlanId: EXCHANGE,
          servicePlanName: 'MAIL',
          friendlyName: 'Mail',
          dependsOn: [],
          conflictsWith: [TEAMS],
        },
      ],
    };
    const { '@odata.context': context, ...product } = added.body;
    assert.deepEqual(product, wanted);
    assert.equal(added.headers.get('location'), `${server.config.baseUrl}/v1.0/admin/products/${skuId}`);
    const read = await get(`/${skuId.toUpperCase()}`);
    assert.deepEqual(read.body, { '@odata.context': context, ...wanted });
    assert.deepEqual(await audited(skuId), [
      ['Add product', 'Add', 'appliesTo,displayName,prohibitedUsageLocations,servicePlans,skuPartNumber'],
    ]);
  });

  it('refuses a skuId that the catalogue has, in either case, and leaves the product as it was', async () => {
    const first = suite();
    await post(first);
    const again = await post(suite({ skuId: first.skuId.toUpperCase(), displayName: 'Another' }));
    assertRefused(again, 400, /property skuId already exists/);
    assert.equal(again.body.error.code, 'Request_MultipleObjectsWithSameKeyValue');
    assert.equal((await get(`/${first.skuId}`)).body.displayName, 'The Suite');
  });

  it('lets one of many who add the same product at the same time', async () => {
    const product = suite();
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(product)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 400, 400, 400, 400, 400, 400, 400]);
  });

  const plan = { servicePlanId: TEAMS, servicePlanName: 'TEAMS1' };
  const refusals: [string, object, RegExp][] = [
    ['no skuId', { skuId: undefined }, /skuId is missing/],
    ['a skuId that is no GUID', { skuId: 'SPE_E5' }, /skuId must be a GUID/],
    ['a blank name', { displayName: ' \u00a0' }, /displayName/],
    ['an empty part number', { skuPartNumber: '' }, /skuPartNumber/],
    ['a name of 257 characters', { displayName: 'x'.repeat(257) }, /displayName/],
    ['a name that is no text', { displayName: 5 }, /displayName/],
    ['NUL in a name', { displayName: 'a\0b' }, /displayName/],
    ['no plans', { servicePlans: [] }, /servicePlans/],
    ['plans left out', { servicePlans: undefined }, /servicePlans is missing/],
    [
      '301 plans',
      { servicePlans: Array.from({ length: 301 }, () => ({ ...plan, servicePlanId: randomUUID() })) },
      /servicePlans/,
    ],
    [
      'a plan twice',
      { servicePlans: [plan, { ...plan, servicePlanId: TEAMS.toUpperCase() }] },
      /servicePlans\[1\]\.servicePlanId: .* twice/,
    ],
    [
      'a plan without a name',
      { servicePlans: [{ servicePlanId: TEAMS }] },
      /servicePlans\[0\]\.servicePlanName is missing/,
    ],
    ['a plan that needs itself', { servicePlans: [{ ...plan, dependsOn: [TEAMS] }] }, /servicePlans\[0\]\.dependsOn/],
    [
      'a plan that excludes itself',
      { servicePlans: [{ ...plan, conflictsWith: [TEAMS.toUpperCase()] }] },
      /servicePlans\[0\]\.conflictsWith/,
    ],
    [
      'a plan that needs what it excludes',
      { servicePlans: [{ ...plan, dependsOn: [VISIO], conflictsWith: [VISIO] }] },
      /servicePlans\[0\]\.conflictsWith/,
    ],
    ['a rule twice', { servicePlans: [{ ...plan, dependsOn: [VISIO, VISIO] }] }, /servicePlans\[0\]\.dependsOn\[1\]/],
    ['a country that is none', { prohibitedUsageLocations: ['US', 'ZZ'] }, /prohibitedUsageLocations\[1\]: ZZ/],
    ['a country that was', { prohibitedUsageLocations: ['AN'] }, /prohibitedUsageLocations\[0\]: AN/],
    ['a country twice', { prohibitedUsageLocations: ['US', 'US'] }, /prohibitedUsageLocations\[1\]/],
    ['a country in small letters', { prohibitedUsageLocations: ['us'] }, /prohibitedUsageLocations\[0\]/],
    ['appliesTo that is neither', { appliesTo: 'Everyone' }, /appliesTo must be one of User, Company/],
    ['a property that is none', { price: 5 }, /price is not a property/],
    ['a plan with a property that is none', { servicePlans: [{ ...plan, price: 5 }] }, /servicePlans\[0\]\.price/],
  ];
  for (const [what, changes, text] of refusals) {
    it(`refuses ${what}, naming it, and writes nothing`, async () => {
      await server.token(WRITE);
      const before = await rowCount();
      assertRefused(await post(suite(changes)), 400, text);
      assert.equal(await rowCount(), before);
    });
  }

  it('changes names, locations and the whole list of plans, and only what was given', async () => {
    const product = suite({ appliesTo: 'Company' });
    await post(product);
    const renamed = await patch(product.skuId, { displayName: 'Renamed', prohibitedUsageLocations: ['KP', 'CU'] });
    assert.equal(renamed.status, 200);
    assert.deepEqual(
      [
        renamed.body.displayName,
        renamed.body.skuPartNumber,
        renamed.body.prohibitedUsageLocations,
        renamed.body.servicePlans.length,
      ],
      ['Renamed', 'SUITE', ['KP', 'CU'], 1],
    );
    const plans = [VISIO, EXCHANGE].map((id) => ({ servicePlanId: id, servicePlanName: `PLAN ${id}` }));
    const replaced = await patch(product.skuId.toUpperCase(), { servicePlans: plans });
    assert.deepEqual(
      replaced.body.servicePlans.map((one: { servicePlanId: string }) => one.servicePlanId),
      [VISIO, EXCHANGE],
    );
    assert.deepEqual((await get(`/${product.skuId}`)).body, replaced.body);
    assert.equal(replaced.body.appliesTo, 'Company');
    assert.deepEqual((await audited(product.skuId)).slice(1), [
      ['Update product', 'Update', 'displayName,prohibitedUsageLocations'],
      ['Update product', 'Update', 'servicePlans'],
    ]);
  });

  it('writes nothing where a change changes nothing', async () => {
    const product = suite();
    const { body } = await post(product);
    const before = await rowCount();
    for (const change of [{}, { displayName: 'The Suite' }, { servicePlans: body.servicePlans }]) {
      assert.equal((await patch(product.skuId, change)).status, 200);
    }
    assert.equal(await rowCount(), before);
  });

  it('refuses a new skuId or appliesTo, and a product that is not there', async () => {
    const product = suite();
    await post(product);
    assertRefused(await patch(product.skuId, { skuId: randomUUID() }), 400, /skuId is not a property/);
    assertRefused(await patch(product.skuId, { appliesTo: 'Company' }), 400, /appliesTo is not a property/);
    assertRefused(await patch(randomUUID(), { displayName: 'x' }), 404, /does not exist/);
    assertRefused(await get(`/${randomUUID()}`), 404, /does not exist/);
    assertRefused(await get('/visio'), 400, /skuId must be a GUID/);
  });

  it('keeps plans that a policy needs, and names the policies that stand in the way', async () => {
    const product = suite({
      servicePlans: [TEAMS, EXCHANGE, VISIO].map((id) => ({ servicePlanId: id, servicePlanName: id })),
    });
    await post(product);
    await makePolicy('Teams for all', [TEAMS], product.skuId, [VISIO]);
    await makePolicy('Mail for all', [EXCHANGE], product.skuId, []);
    const before = await rowCount();
    const plans = (...ids: string[]) => ({
      servicePlans: ids.map((id) => ({ servicePlanId: id, servicePlanName: id })),
    });
    // Without Exchange one policy gives nothing; without Visio the other turns off what is not there.
    assertRefused(await patch(product.skuId, plans(TEAMS, VISIO)), 400, /servicePlans: .*"Mail for all"/);
    assertRefused(
      await patch(product.skuId, plans(TEAMS, EXCHANGE)),
      400,
      new RegExp(`"Teams for all" turns off ${VISIO}`),
    );
    const both = await patch(product.skuId, plans(VISIO));
    assertRefused(both, 400, /"Mail for all".*"Teams for all"/);
    assert.equal(await rowCount(), before);
    // What leaves the policies whole goes through: another order, another plan, other names.
    const fine = await patch(product.skuId, { ...plans(VISIO, EXCHANGE, TEAMS, randomUUID()), displayName: 'Larger' });
    assert.equal(fine.status, 200, JSON.stringify(fine.body));
  });

  it('waits for claims that are in flight before it changes what they decide by, and not to change a name', async () => {
    const product = suite();
    await post(product);
    await server.db.pool.query(
      'insert into pools (tenant_id, sku_id, is_usable, enabled, warning, suspended) values ($1, $2, true, 5, 0, 0)',
      [server.tenantId, product.skuId],
    );
    const claim = await server.db.pool.connect();
    try {
      await claim.query('begin');
      await claim.query('select from pools where tenant_id = $1 and sku_id = $2 for no key update', [
        server.tenantId,
        product.skuId,
      ]);
      assert.equal((await patch(product.skuId, { displayName: 'At once' })).status, 200);
      const plans = patch(product.skuId, { prohibitedUsageLocations: ['KP'] });
      const first = await Promise.race([plans, new Promise((resolve) => setTimeout(resolve, 300, 'waiting'))]);
      assert.equal(first, 'waiting');
      await claim.query('commit');
      assert.equal((await plans).status, 200);
    } finally {
      claim.release();
    }
  });

  describe('its list', () => {
    let tenantId: string;
    before(async () => {
      tenantId = await server.createTenant();
      for (const [name, part, plans] of [
        ['Visio Plan 2', 'VISIOCLIENT', [VISIO, TEAMS]],
        ['visio plan 1', 'VISIOONLINE_PLAN1', [VISIO]],
        ['Exchange Online', 'EXCHANGESTANDARD', [EXCHANGE]],
        ['O’Neill’s 100% _suite', 'ODD', [EXCHANGE, TEAMS]],
      ] as const) {
        const servicePlans = plans.map((id) => ({ servicePlanId: id, servicePlanName: `PLAN_${id.slice(0, 8)}` }));
        await post(suite({ displayName: name, skuPartNumber: part, servicePlans }), tenantId);
      }
    });

    const names = async (query: string) => {
      const { status, body } = await get(query, tenantId);
      assert.equal(status, 200, JSON.stringify(body));
      return body.value.map((one: { displayName: string }) => one.displayName);
    };
    const filtered = (filter: string) => names(`?$filter=${encodeURIComponent(filter)}`);

    it('comes by name, in pages that link to the next, with a count on request', async () => {
      const all = ['Exchange Online', 'O’Neill’s 100% _suite', 'visio plan 1', 'Visio Plan 2'];
      assert.deepEqual(await names(''), all);
      const first = (await get('?$top=3&$count=true', tenantId)).body;
      assert.deepEqual([first.value.length, first['@odata.count']], [3, 4]);
      const next = (await get(first['@odata.nextLink'].split('/admin/products')[1], tenantId)).body;
      assert.deepEqual(
        [next.value.map((one: { displayName: string }) => one.displayName), next['@odata.nextLink']],
        [[all[3]], undefined],
      );
    });

    it('is filtered by id, part number, name and the plans that a product has', async () => {
      const { skuId } = (await get('?$top=1', tenantId)).body.value[0];
      assert.deepEqual(await filtered(`skuId eq ${skuId.toUpperCase()}`), ['Exchange Online']);
      assert.deepEqual(await filtered("skuPartNumber eq 'visioclient'"), ['Visio Plan 2']);
      assert.deepEqual(await filtered("startswith(displayName,'VISIO')"), ['visio plan 1', 'Visio Plan 2']);
      assert.deepEqual(await filtered(`servicePlans/any(x:x/servicePlanId eq ${VISIO})`), [
        'visio plan 1',
        'Visio Plan 2',
      ]);
      assert.deepEqual(await filtered(`not servicePlans/any(p:p/servicePlanId eq ${TEAMS})`), [
        'Exchange Online',
        'visio plan 1',
      ]);
      assertRefused(await get('?$filter=price%20eq%205', tenantId), 400, /unknown property price/);
    });

    it('is searched by what stands anywhere in a name or part number, as it is written', async () => {
      const search = (text: string) => names(`?$search=${encodeURIComponent(JSON.stringify(text))}`);
      assert.deepEqual(await search('plan 2'), ['Visio Plan 2']);
      assert.deepEqual(await search('online'), ['Exchange Online', 'visio plan 1']);
      assert.deepEqual(await search('100% _'), ['O’Neill’s 100% _suite']);
      assert.deepEqual(await search('_%_'), []);
    });

    it('shows the properties that are selected', async () => {
      const { value } = (await get('?$select=skuPartNumber&$top=1', tenantId)).body;
      assert.deepEqual(value, [{ skuPartNumber: 'EXCHANGESTANDARD' }]);
    });

    it("is each tenant's own, as are its products", async () => {
      const { skuId } = (await get('?$top=1', tenantId)).body.value[0];
      assert.equal((await get(`/${skuId}`)).status, 404);
      assert.equal((await patch(skuId, { displayName: 'Theirs' })).status, 404);
      assert.equal((await post(suite({ skuId }))).status, 201, 'another tenant may have the same product');
      assert.equal((await get(`/${skuId}`, tenantId)).body.displayName, 'Exchange Online');
    });
  });

  it('is read by those who may read licenses or the organisation, and written by fewer', async () => {
    const product = suite();
    for (const permission of [
      'LicenseAssignment.Read.All',
      'LicenseAssignment.ReadWrite.All',
      'Organization.Read.All',
    ] as const) {
      assert.equal(
        (await server.request('GET', '/v1.0/admin/products', { permissions: [permission] })).status,
        200,
        permission,
      );
      const written = await server.request('POST', '/v1.0/admin/products', {
        permissions: [permission],
        body: product,
      });
      assert.equal(written.status, 403, permission);
    }
    assert.equal(
      (await server.request('GET', '/v1.0/admin/products', { permissions: ['User.ReadWrite.All'] })).status,
      403,
    );
    assert.equal((await server.request('GET', '/v1.0/admin/products', { token: null })).status, 401);
    assert.equal((await server.request('GET', '/v1.0/admin/products', { permissions: WRITE })).status, 200);
  });

  async function makePolicy(name: string, required: string[], skuId: string, disabledPlans: string[]): Promise<void> {
    const { appId } = await server.createClient([]);
    await server.db.pool.query('update apps set required_service_plan_ids = $2 where app_id = $1', [appId, required]);
    await server.db.pool.query(
      `insert into policies (tenant_id, policy_id, app_id, display_name, is_enabled, position, products, created_at, modified_at)
       values ($1, $2, $3, $4, true, 1, $5, now(), now())`,
      [server.tenantId, randomUUID(), appId, name, JSON.stringify([{ skuId, disabledPlans }])],
    );
  }
});
