import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { assertRefused, worldOf, type World, type WorldProduct } from '../harness/world.ts';

const PATH = '/directory/subscriptions';

describe('a subscription that can’t be', () => {
  let server: TestServer;
  let world: World;
  let product: WorldProduct;
  let id: string;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    product = await world.addProduct({ TEAMS1: {} });
    ({ id } = await world.buy(product, 5));
  });
  after(() => server.close());

  const state = () =>
    world.value<object>(
      `select json_build_array((select json_agg(s) from subscriptions s), (select json_agg(p) from pools p),
                               (select count(*) from audit_entries))
         from tenants where tenant_id = $1`,
    );

  for (const [what, body, text] of [
    ['a negative quantity', { totalLicenses: -1 }, /^totalLicenses must be >= 0/],
    ['more than ten million', { totalLicenses: 10_000_001 }, /^totalLicenses must be <= 10000000/],
    ['a quantity beyond all integers', { totalLicenses: 1e300 }, /^totalLicenses/],
    ['half a license', { totalLicenses: 1.5 }, /^totalLicenses must be integer/],
    ['a quantity as text', { totalLicenses: '5' }, /^totalLicenses must be integer/],
    ['a quantity as null', { totalLicenses: null }, /^totalLicenses/],
    ['a status in small letters', { status: 'enabled' }, /^status must be one of Enabled, Warning, Suspended, Deleted/],
    ['a status that it never has', { status: 'LockedOut' }, /^status must be one of/],
    ['a status as null', { status: null }, /^status/],
    [
      'a date without a time',
      { nextLifecycleDateTime: '2027-01-01' },
      /^nextLifecycleDateTime must be a date and time/,
    ],
    [
      'a time without a zone',
      { nextLifecycleDateTime: '2027-01-01T00:00:00' },
      /^nextLifecycleDateTime must be a date/,
    ],
    ['a day that is none', { nextLifecycleDateTime: '2027-02-29T00:00:00Z' }, /^nextLifecycleDateTime must be a date/],
    ['an hour that is none', { nextLifecycleDateTime: '2027-01-01T24:00:00Z' }, /^nextLifecycleDateTime/],
    [
      'a leap second',
      { nextLifecycleDateTime: '2016-12-31T23:59:60Z' },
      /^nextLifecycleDateTime: .* is not a date and time/,
    ],
    ['a year of five digits', { nextLifecycleDateTime: '12027-01-01T00:00:00Z' }, /^nextLifecycleDateTime/],
    ['a signed year', { nextLifecycleDateTime: '+012027-01-01T00:00:00Z' }, /^nextLifecycleDateTime/],
    ['a number of seconds', { nextLifecycleDateTime: 1_800_000_000 }, /^nextLifecycleDateTime/],
    ['an empty date', { nextLifecycleDateTime: '' }, /^nextLifecycleDateTime/],
    ['an unknown property', { quantity: 5 }, /^quantity is not a property that can be given here/],
    ['a read-only property', { createdDateTime: '2026-01-01T00:00:00Z' }, /^createdDateTime is not a property/],
    ['an id', { id: randomUUID() }, /^id is not a property/],
  ] as [string, object, RegExp][]) {
    it(`is refused with ${what}, bought and changed`, async () => {
      const was = await state();
      assertRefused(await world.call('POST', PATH, { skuId: product.skuId, totalLicenses: 1, ...body }), 400, text);
      assertRefused(await world.call('PATCH', `${PATH}/${id}`, body), 400, text);
      assert.deepEqual(await state(), was);
    });
  }

  it('is refused without a product or a quantity, or with a product that isn’t there', async () => {
    const was = await state();
    const post = (body: object) => world.call('POST', PATH, body);
    assertRefused(await post({ totalLicenses: 1 }), 400, /^skuId is missing/);
    assertRefused(await post({ skuId: product.skuId }), 400, /^totalLicenses is missing/);
    assertRefused(await post({ skuId: 'E5', totalLicenses: 1 }), 400, /^skuId must be a GUID/);
    assertRefused(await post({ skuId: null, totalLicenses: 1 }), 400, /^skuId/);
    const nobody = randomUUID();
    assertRefused(await post({ skuId: nobody, totalLicenses: 1 }), 400, new RegExp(`^skuId: no product .*${nobody}`));
    assertRefused(
      await post({ skuId: product.skuId, totalLicenses: 1, isTrial: 'no' }),
      400,
      /^isTrial must be boolean/,
    );
    assert.deepEqual(await state(), was);
  });

  it('keeps its product and whether it is a trial', async () => {
    const was = await state();
    for (const body of [{ skuId: product.skuId }, { isTrial: true }]) {
      assertRefused(await world.call('PATCH', `${PATH}/${id}`, body), 400, /is not a property that can be given here/);
    }
    assert.deepEqual(await state(), was);
  });

  it('takes what is just possible', async () => {
    for (const [totalLicenses, end, answered] of [
      [0, '9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
      [10_000_000, '2999-06-30T12:00:00+14:00', '2999-06-29T22:00:00.000Z'],
      [1, '2999-06-30t12:00:00.123456z', '2999-06-30T12:00:00.123Z'],
    ] as const) {
      const made = await world.buy(await world.addProduct({ X: {} }), totalLicenses, { nextLifecycleDateTime: end });
      assert.deepEqual(
        [made.totalLicenses, made.nextLifecycleDateTime, made.status],
        [totalLicenses, answered, 'Enabled'],
      );
    }
    const past = await world.buy(product, 1, { nextLifecycleDateTime: '0001-01-01T00:00:00Z' });
    assert.deepEqual([past.status, past.nextLifecycleDateTime], ['Deleted', null]);
  });

  it('is not found where it isn’t there, and its id must be one', async () => {
    assertRefused(await world.call('GET', `${PATH}/${randomUUID()}`), 404, /does not exist/);
    assertRefused(await world.call('GET', `${PATH}/first`), 400, /^id must be a GUID/);
    assertRefused(await world.call('PATCH', `${PATH}/first`, {}), 400, /^id must be a GUID/);
    assert.equal((await world.call('DELETE', `${PATH}/${id}`)).status, 404);
  });

  it('is bought by those who may write the organisation, and read by those who may read licenses', async () => {
    const as = (method: string, path: string, permission: any, body?: object) =>
      server.request(method, `/v1.0${path}`, { permissions: permission ? [permission] : [], body });
    const body = { skuId: product.skuId, totalLicenses: 0 };
    assert.equal((await as('POST', PATH, 'Organization.ReadWrite.All', body)).status, 201);
    for (const permission of ['Organization.Read.All', 'LicenseAssignment.ReadWrite.All', undefined]) {
      assert.equal((await as('POST', PATH, permission, body)).status, 403);
      assert.equal((await as('PATCH', `${PATH}/${id}`, permission, { totalLicenses: 9 })).status, 403);
    }
    for (const path of [
      PATH,
      `${PATH}/${id}`,
      '/subscribedSkus',
      `/subscribedSkus/${world.tenantId}_${product.skuId}`,
    ]) {
      for (const permission of [
        'Organization.Read.All',
        'LicenseAssignment.Read.All',
        'LicenseAssignment.ReadWrite.All',
      ]) {
        assert.equal((await as('GET', path, permission)).status, 200, `${permission} ${path}`);
      }
      assert.equal((await as('GET', path, 'User.Read.All')).status, 403);
    }
  });
});

describe('subscribedSkus', () => {
  let server: TestServer;
  let world: World;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
  });
  after(() => server.close());

  it('are the pools in Graph’s form, the list and each by its id alike', async () => {
    assert.deepEqual((await world.get('/subscribedSkus')).value, []);
    const product = await world.addProduct({ TEAMS1: {}, MAIL: {} });
    await world.addProduct({ NEVER_BOUGHT: {} });
    const subscription = await world.buy(product, 25);
    const user = await world.addUser();
    await world.assign(user, [product]);
    const wanted = {
      accountName: 'Contoso',
      accountId: world.tenantId,
      appliesTo: 'User',
      capabilityStatus: 'Enabled',
      consumedUnits: 1,
      id: `${world.tenantId}_${product.skuId}`,
      prepaidUnits: { enabled: 25, lockedOut: 0, suspended: 0, warning: 0 },
      servicePlans: ['TEAMS1', 'MAIL'].map((servicePlanName) => ({
        servicePlanId: product.plans[servicePlanName],
        servicePlanName,
        provisioningStatus: 'Success',
        appliesTo: 'User',
      })),
      skuId: product.skuId,
      skuPartNumber: product.skuPartNumber,
      subscriptionIds: [subscription.id],
    };
    const list = await world.get('/subscribedSkus');
    assert.deepEqual(list, {
      '@odata.context': `${server.config.baseUrl}/v1.0/$metadata#subscribedSkus`,
      value: [wanted],
    });
    const context = `${server.config.baseUrl}/v1.0/$metadata#subscribedSkus/$entity`;
    for (const id of [wanted.id, wanted.id.toUpperCase(), product.skuId]) {
      assert.deepEqual(await world.get(`/subscribedSkus/${id}`), { '@odata.context': context, ...wanted });
    }
  });

  it('show what $select names, and no more', async () => {
    const product = await world.addProduct({ X: {} });
    await world.buy(product, 3);
    const one = await world.get(
      `/subscribedSkus/${world.tenantId}_${product.skuId}?$select=skuPartNumber,PREPAIDUNITS`,
    );
    const { '@odata.context': context, ...rest } = one;
    assert.deepEqual(rest, {
      prepaidUnits: { enabled: 3, lockedOut: 0, suspended: 0, warning: 0 },
      skuPartNumber: product.skuPartNumber,
    });
    assert.match(context, /#subscribedSkus\(skuPartNumber,prepaidUnits\)\/\$entity$/);
    const { value } = await world.get('/subscribedSkus?$select=skuId,consumedUnits');
    for (const sku of value) assert.deepEqual(Object.keys(sku).sort(), ['consumedUnits', 'skuId']);
    assertRefused(await world.call('GET', '/subscribedSkus?$select=secret'), 400, /\$select: unknown property secret/);
    assertRefused(await world.call('GET', '/subscribedSkus?$expand=x'), 400, /\$expand/);
  });

  it('are not found by an id that is none, or isn’t there', async () => {
    for (const id of [
      'x',
      randomUUID(),
      `${randomUUID()}_${randomUUID()}`,
      `${world.tenantId}_`,
      `${world.tenantId}_x`,
    ]) {
      assertRefused(await world.call('GET', `/subscribedSkus/${id}`), 404, /does not exist/);
    }
    assertRefused(await world.call('GET', `/subscribedSkus/${'x'.repeat(80)}`), 400, /^id /);
  });
});
