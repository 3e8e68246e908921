import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { assertRefused, worldOf, type World, type WorldApp, type WorldProduct } from '../harness/world.ts';

const PATH = '/policies/autoClaimPolicies';

describe('a policy that can’t be', () => {
  let server: TestServer;
  let world: World;
  let other: World;
  let app: WorldApp;
  let suite: WorldProduct;
  let stranger: WorldProduct;
  let company: WorldProduct;
  let theirs: { app: WorldApp; product: WorldProduct; group: string; policyId: string };
  let more: WorldProduct[];
  let policy: any;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    other = worldOf(server, await server.createTenant());
    // The app asks for either of two plans; the suite has both.
    suite = await world.addProduct({ TEAMS1: {}, TEAMS_ADD_ON: {}, MAIL: {} });
    const [teams, addOn] = [suite.plans['TEAMS1']!, suite.plans['TEAMS_ADD_ON']!];
    app = await world.addApp([teams, addOn]);
    stranger = await world.addProduct({ DRAWING: {} });
    company = await world.addProduct({ TEAMS1: { id: teams } }, { appliesTo: 'Company' });
    more = [];
    for (let n = 0; n < 5; n += 1) more.push(await world.addProduct({ TEAMS1: { id: teams } }));
    const [theirProduct, theirApp] = [await other.addProduct({ TEAMS1: { id: teams } }), await other.addApp([teams])];
    const theirPolicy = await other.addPolicy(theirApp, [theirProduct]);
    theirs = { app: theirApp, product: theirProduct, group: await other.addGroup(), policyId: theirPolicy.id };
    policy = await world.addPolicy(app, [suite], { displayName: 'As it was' });
  });
  after(() => server.close());

  const state = () =>
    world.value<object>(
      `select json_build_array(
         (select json_agg(p order by policy_id) from policies p where tenant_id = $1),
         (select count(*) from audit_entries where tenant_id = $1))`,
    );

  /** Refused in a new policy and in a patch of one alike, and nothing written by either. */
  async function refusedBothWays(body: () => Record<string, unknown>, text: RegExp): Promise<void> {
    const was = await state();
    const whole = {
      displayName: `New ${randomUUID()}`,
      appId: app.appId,
      products: [{ skuId: suite.skuId }],
      ...body(),
    };
    assertRefused(await world.call('POST', PATH, whole), 400, text);
    assertRefused(await world.call('PATCH', `${PATH}/${policy.id}`, body()), 400, text);
    assert.deepEqual(await state(), was);
  }

  const products = (...list: unknown[]) => ({ products: list });
  const nobody = randomUUID();

  const cases: [string, () => Record<string, unknown>, RegExp][] = [
    ['no product', () => products(), /^products: a policy always keeps at least one product\. Turn the policy off/],
    [
      'six products',
      () => products(...[suite, ...more].map(({ skuId }) => ({ skuId }))),
      /^products: a policy holds at most 5/,
    ],
    [
      'a hundred and one products',
      () => products(...Array.from({ length: 101 }, () => ({ skuId: suite.skuId }))),
      /^products/,
    ],
    ['products that are no list', () => ({ products: { skuId: suite.skuId } }), /^products must be array/],
    ['products as null', () => ({ products: null }), /^products/],
    ['a product that is no object', () => products(suite.skuId), /^products\[0\] must be object/],
    ['a product without its id', () => products({ disabledPlans: [] }), /^products\[0\]\.skuId is missing/],
    ['a product with more than it has', () => products({ skuId: suite.skuId, order: 1 }), /^products\[0\]\.order /],
    ['a skuId that is no GUID', () => products({ skuId: 'suite' }), /^products\[0\]\.skuId must be a GUID/],
    ['a skuId in braces', () => products({ skuId: `{${suite.skuId}}` }), /^products\[0\]\.skuId must be a GUID/],
    ['a skuId with white space', () => products({ skuId: `${suite.skuId}\n` }), /^products\[0\]\.skuId must be a GUID/],
    [
      'a product twice, the second time in upper case',
      () => products({ skuId: suite.skuId }, { skuId: suite.skuId.toUpperCase() }),
      /^products\[1\]\.skuId: .* named twice/,
    ],
    [
      'an unknown product',
      () => products({ skuId: nobody }),
      new RegExp(`^products\\[0\\]\\.skuId: no product .*${nobody}`),
    ],
    [
      'another tenant’s product',
      () => products({ skuId: suite.skuId }, { skuId: theirs.product.skuId }),
      /^products\[1\]\.skuId: no product/,
    ],
    [
      'a product for the company',
      () => products({ skuId: company.skuId }),
      /^products\[0\]\.skuId: no product that can be assigned/,
    ],
    [
      'a backup product without a plan that the app requires',
      () => products({ skuId: suite.skuId }, { skuId: stranger.skuId }),
      /^products\[1\]\.skuId: .* no service plan that the app requires/,
    ],
    [
      'the app’s last plan turned off',
      () => products({ skuId: suite.skuId, disabledPlans: [suite.plans['TEAMS1'], suite.plans['TEAMS_ADD_ON']] }),
      /^products\[0\]\.disabledPlans: the app requires one of/,
    ],
    [
      'the app’s last plan turned off in upper case',
      () => products({ skuId: more[0]!.skuId, disabledPlans: [suite.plans['TEAMS1']!.toUpperCase()] }),
      /^products\[0\]\.disabledPlans: the app requires one of/,
    ],
    [
      'a disabled plan of another product',
      () => products({ skuId: suite.skuId, disabledPlans: [suite.plans['MAIL'], stranger.plans['DRAWING']] }),
      /^products\[0\]\.disabledPlans\[1\]: service plan .* is not part of product/,
    ],
    [
      'a disabled plan that is no GUID',
      () => products({ skuId: suite.skuId, disabledPlans: ['MAIL'] }),
      /^products\[0\]\.disabledPlans\[0\] must be a GUID/,
    ],
    [
      'disabled plans that are no list',
      () => products({ skuId: suite.skuId, disabledPlans: '' }),
      /^products\[0\]\.disabledPlans must be array/,
    ],
    [
      'disabled plans as null',
      () => products({ skuId: suite.skuId, disabledPlans: null }),
      /^products\[0\]\.disabledPlans/,
    ],
    ['an empty name', () => ({ displayName: '' }), /^displayName/],
    ['a blank name', () => ({ displayName: ' \t\u00a0' }), /^displayName/],
    ['a name of 257 characters', () => ({ displayName: 'x'.repeat(257) }), /^displayName/],
    ['a name that is a number', () => ({ displayName: 7 }), /^displayName must be string/],
    ['a name as null', () => ({ displayName: null }), /^displayName/],
    [
      'a name that is taken, in another case',
      () => ({ displayName: 'TAKEN already' }),
      /property displayName already exists/,
    ],
    ['isEnabled as text', () => ({ isEnabled: 'yes' }), /^isEnabled must be boolean/],
    ['isEnabled as null', () => ({ isEnabled: null }), /^isEnabled/],
    ['includeGuests as a number', () => ({ includeGuests: 0 }), /^includeGuests must be boolean/],
    [
      'an unknown group',
      () => ({ includeGroups: [nobody] }),
      new RegExp(`^includeGroups\\[0\\]: no group has the id ${nobody}`),
    ],
    ['another tenant’s group', () => ({ excludeGroups: [theirs.group] }), /^excludeGroups\[0\]: no group has the id/],
    ['a group that is no GUID', () => ({ includeGroups: ['everyone'] }), /^includeGroups\[0\] must be a GUID/],
    ['groups that are no list', () => ({ excludeGroups: theirs.group }), /^excludeGroups must be array/],
    ['101 groups', () => ({ includeGroups: Array.from({ length: 101 }, () => randomUUID()) }), /^includeGroups/],
    ['an order', () => ({ order: 1 }), /^order is not a property that can be given here/],
    ['an id', () => ({ id: nobody }), /^id is not a property that can be given here/],
    ['an unknown property', () => ({ enabled: true }), /^enabled is not a property that can be given here/],
    ['a date of creation', () => ({ createdDateTime: '2026-01-01T00:00:00Z' }), /^createdDateTime/],
  ];
  before(() => world.addPolicy(app, [suite], { displayName: 'Taken Already' }));
  for (const [what, body, text] of cases) it(`is refused with ${what}`, () => refusedBothWays(body, text));

  for (const field of ['displayName', 'appId', 'products']) {
    it(`is refused without ${field}`, async () => {
      const was = await state();
      const whole = { displayName: 'Whole', appId: app.appId, products: [{ skuId: suite.skuId }], [field]: undefined };
      assertRefused(await world.call('POST', PATH, whole), 400, new RegExp(`^${field} is missing`));
      assert.deepEqual(await state(), was);
    });
  }

  it('is refused for an app that isn’t there, is another tenant’s, requires nothing, or is named by its object id', async () => {
    const nothing = await world.addApp([]);
    const was = await state();
    const post = (appId: unknown) =>
      world.call('POST', PATH, { displayName: 'For an app', appId, products: [{ skuId: suite.skuId }] });
    assertRefused(await post(nobody), 400, new RegExp(`^appId: no app has the id ${nobody}`));
    assertRefused(await post(theirs.app.appId), 400, /^appId: no app has the id/);
    assertRefused(await post(app.id), 400, /^appId: no app has the id/);
    assertRefused(await post('teams'), 400, /^appId must be a GUID/);
    assertRefused(await post(null), 400, /^appId/);
    assertRefused(await post(nothing.appId), 400, /^products\[0\]\.skuId: .* no service plan that the app requires/);
    assert.deepEqual(await state(), was);
  });

  it('can’t be given another app', async () => {
    const was = await state();
    const answer = await world.call('PATCH', `${PATH}/${policy.id}`, { appId: app.appId });
    assertRefused(answer, 400, /^appId is not a property that can be given here/);
    assert.deepEqual(await state(), was);
  });

  it('is not found where it isn’t there or is another tenant’s, and that one stays as it is', async () => {
    const was = await other.get(`${PATH}/${theirs.policyId}`);
    for (const id of [nobody, theirs.policyId]) {
      for (const [method, body] of [['GET'], ['PATCH', { isEnabled: false }], ['DELETE']] as const) {
        assertRefused(await world.call(method, `${PATH}/${id}`, body), 404, new RegExp(`'${id}' does not exist`));
      }
    }
    assertRefused(await world.call('POST', `${PATH}/reorder`, { ids: [theirs.policyId] }), 400, /^ids\[0\]: no policy/);
    assert.deepEqual(await other.get(`${PATH}/${theirs.policyId}`), was);
    const { value } = await world.get(`${PATH}?$filter=id eq '${theirs.policyId}'`);
    assert.deepEqual(value, []);
  });

  for (const [query, text] of [
    ['$filter=nothing eq 1', /unknown property nothing/],
    ['$filter=products eq 1', /products/],
    ['$filter=isEnabled', /./],
    ['$orderby=products', /products can not be sorted by/],
    ['$top=0', /^\$top /],
    ['$top=1000', /^\$top /],
    ['$select=secret', /unknown property secret/],
    ['$search="x"', /\$search is not supported/],
    ['$expand=app', /\$expand/],
    ['top=1', /option top is not/],
    ['$top=1&$top=2', /\$top is given twice/],
    ['$skiptoken=x', /\$skiptoken/],
  ] as const) {
    it(`can’t be listed with ${query}`, async () => {
      assertRefused(await world.call('GET', `${PATH}?${query}`), 400, text);
    });
  }

  it('can’t be read by what is no GUID, nor written with a query option', async () => {
    assertRefused(await world.call('GET', `${PATH}/teams`), 400, /^id must be a GUID/);
    assertRefused(await world.call('GET', `${PATH}/${policy.id}?$expand=app`), 400, /\$expand/);
    assertRefused(await world.call('PATCH', `${PATH}/${policy.id}?$select=id`, {}), 400, /\$select/);
    assertRefused(await world.call('DELETE', `${PATH}/${policy.id}?force=true`), 400, /force/);
  });

  it('takes names at the limit: one character, 256 of them, also of two code units each', async () => {
    for (const displayName of ['x', 'y'.repeat(256), '𝄞'.repeat(256), "'; drop table policies; --", '<script>']) {
      const made = await world.addPolicy(app, [suite], { displayName });
      assert.equal((await world.get(`${PATH}/${made.id}`)).displayName, displayName);
    }
  });

  it('takes five products', async () => {
    const made = await world.addPolicy(app, [suite, ...more.slice(0, 4)]);
    assert.deepEqual(
      made.products.map(({ skuId }: any) => skuId),
      [suite, ...more.slice(0, 4)].map(({ skuId }) => skuId),
    );
  });
});
