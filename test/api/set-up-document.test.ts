import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { checksums } from '../harness/checksums.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { assertRefused, worldOf, type World, type WorldProduct } from '../harness/world.ts';

// The set-up as one document: what it says of what is there, and what applying it does, all or nothing.

let server: TestServer;
let world: World;
let drawing: WorldProduct;
let painting: WorldProduct;

before(async () => {
  server = await startTestServer();
  world = worldOf(server);
  drawing = await world.addProduct({ DRAW: {}, STORE: {} }, { displayName: 'Drawing', skuPartNumber: 'DRAWING' });
  painting = await world.addProduct({ PAINT: {} }, { displayName: 'Painting', skuPartNumber: 'PAINTING' });
  await world.buy(drawing, 5);
  await world.addUser({ user_principal_name: 'ana@contoso.example' });
});
after(() => server.close());

const plan = (setUp: object, more: object = {}) =>
  world.post('/admin/setUp/plan', { setUp: { version: 1, ...setUp }, ...more });
const apply = (setUp: object, more: object = {}) =>
  world.post('/admin/setUp/apply', { setUp: { version: 1, ...setUp }, ...more });
const refused = (setUp: object, more: object = {}) =>
  world.call('POST', '/admin/setUp/apply', { setUp: { version: 1, ...setUp }, ...more });
const told = ({ changes }: any) => changes.map(({ action, kind, name }: any) => `${action} ${kind} ${name}`);
const audits = () => world.value<string>('select count(*) from audit_entries where tenant_id = $1').then(Number);
const read = async () => {
  const { '@odata.context': _context, version: _version, ...parts } = await world.get('/admin/setUp');
  return parts;
};

const SKETCH = { displayName: 'Sketch', requiredServicePlans: ['draw'] };
const WHOLE = {
  setting: { isEnabled: true, defaultUsageLocation: 'DE' },
  apps: [SKETCH],
  policies: [
    { displayName: 'First', app: 'sketch', products: [{ product: 'Drawing', disabledPlans: ['store'] }] },
    { displayName: 'Second', app: 'Sketch', isEnabled: false, products: [{ product: 'DRAWING' }], includeGuests: true },
  ],
  roles: [{ role: 'reports reader', members: ['Ana@contoso.example'] }],
};

describe('a document', { concurrency: false }, () => {
  it('is planned, by names, without anything being changed', async () => {
    const tables = await checksums(server.db);
    const planned = await plan(WHOLE);
    assert.equal(planned.isApplied, false);
    assert.deepEqual(told(planned), [
      'change setting Auto-claim',
      'add app Sketch',
      'add policy First',
      'add policy Second',
      'add role Reports Reader',
    ]);
    assert.deepEqual(planned.changes[0].properties, [
      { name: 'isEnabled', before: false, after: true },
      { name: 'defaultUsageLocation', before: 'US', after: 'DE' },
    ]);
    assert.deepEqual(await checksums(server.db), tables);
  });

  it('is applied in one go, with an audit entry for each change, and then there is nothing to do', async () => {
    const before = await audits();
    assert.deepEqual(told(await apply(WHOLE)), [
      'change setting Auto-claim',
      'add app Sketch',
      'add policy First',
      'add policy Second',
      'add role Reports Reader',
    ]);
    assert.equal(await audits(), before + 5);
    const { value: policies } = await world.get('/policies/autoClaimPolicies');
    assert.deepEqual(
      policies.map((policy: any) => [policy.displayName, policy.order, policy.isEnabled, policy.products]),
      [
        ['First', 1, true, [{ skuId: drawing.skuId, disabledPlans: [drawing.plans['STORE']] }]],
        ['Second', 2, false, [{ skuId: drawing.skuId, disabledPlans: [] }]],
      ],
    );
    assert.deepEqual((await plan(WHOLE)).changes, []);
    assert.deepEqual((await apply(WHOLE)).changes, []);
    assert.equal(await audits(), before + 5, 'what is there already is not written');
  });

  it('that was read is what is there: applied, it changes nothing, with prune neither', async () => {
    const parts = await read();
    assert.deepEqual(Object.keys(parts), ['setting', 'apps', 'policies', 'groupLicenses', 'roles']);
    assert.deepEqual(parts.policies[0], {
      displayName: 'First',
      app: 'Sketch',
      isEnabled: true,
      products: [{ product: 'DRAWING', disabledPlans: ['STORE'] }],
      includeGroups: [],
      excludeGroups: [],
      includeGuests: false,
    });
    const { changes, kept } = await plan(parts, { prune: true });
    assert.deepEqual([changes, kept], [[], []]);
  });

  it('tells the effect of a policy in numbers', async () => {
    const { changes } = await plan({
      policies: [{ displayName: 'Third', app: 'Sketch', products: [{ product: 'Drawing' }] }],
    });
    assert.deepEqual(changes[0].effect, { audienceCount: 1, unlicensedCount: 1, availableLicenses: 5 });
  });

  it('reorders policies by their order in it; those that it does not name stay behind', async () => {
    const [first, second] = WHOLE.policies;
    const { changes, kept } = await apply({ policies: [second, first] });
    assert.deepEqual(changes[0].properties, [
      { name: 'order', before: ['First', 'Second'], after: ['Second', 'First'] },
    ]);
    assert.deepEqual(kept, []);
    const alone = await apply({ policies: [first] });
    assert.deepEqual(alone.changes[0].properties[0].after, ['First', 'Second']);
    assert.deepEqual(
      alone.kept.map(({ name }: any) => name),
      ['Second'],
    );
  });

  it('changes what an app requires and its policies together, which neither could alone', async () => {
    const policies = ['First', 'Second'].map((displayName) => ({
      displayName,
      app: 'Sketch',
      products: [{ product: 'Painting' }],
    }));
    const apps = [{ ...SKETCH, requiredServicePlans: ['PAINT'] }];
    assertRefused(await refused({ apps }), 400, /^setUp\.apps\[0\]\.requiredServicePlans: .*"First", "Second"/);
    assertRefused(
      await refused({ policies }),
      400,
      /^setUp\.policies\[0\]\.products\[0\]\.product: product .* has no service plan that the app requires/,
    );
    await apply({ apps, policies });
    const { apps: written } = await read();
    assert.deepEqual(written.find(({ displayName }: any) => displayName === 'Sketch').requiredServicePlans, ['PAINT']);
    await apply({ apps: [SKETCH], policies: WHOLE.policies });
  });

  it('renames by id', async () => {
    const { value } = await world.get("/policies/autoClaimPolicies?$filter=displayName eq 'Second'");
    const { changes } = await apply({ policies: [{ ...WHOLE.policies[1], id: value[0].id, displayName: 'Two' }] });
    assert.deepEqual(changes[0].properties, [{ name: 'displayName', before: 'Second', after: 'Two' }]);
    assert.equal((await world.get(`/policies/autoClaimPolicies/${value[0].id}`)).displayName, 'Two');
  });

  it('deletes what it does not name with prune alone, but never the app that asks', async () => {
    const spare = await world.addApp([painting.plans['PAINT']!], 'Spare');
    const parts = { apps: [SKETCH], policies: [WHOLE.policies[0]!], roles: [{ role: 'Reports Reader', members: [] }] };
    const kept = (await plan(parts)).kept.map(({ kind, name }: any) => `${kind} ${name}`);
    assert.ok(
      kept.includes('app Spare') &&
        kept.includes('policy Two') &&
        kept.includes('role Reports Reader: ana@contoso.example'),
      kept,
    );
    const pruned = await apply(parts, { prune: true });
    assert.ok(told(pruned).includes('delete app Spare'), told(pruned));
    assert.ok(told(pruned).includes('delete policy Two') && told(pruned).includes('delete role Reports Reader'));
    assert.equal((await world.call('GET', `/applications/${spare.id}`)).status, 404);
    assert.equal(pruned.kept.length, 1, 'the client that has asked');
    assert.deepEqual((await plan(parts, { prune: true })).changes, []);
  });
});

describe('what groups give', { concurrency: false }, () => {
  let ana: any;
  let group: string;
  before(async () => {
    ana = await world.get('/users/ana@contoso.example');
    group = await world.addGroup([ana.id]);
    await world.patch(`/groups/${group}`, { displayName: 'Painters' });
    await world.buy(painting, 1);
  });
  const held = async () =>
    (await world.get(`/users/${ana.id}/licenses`)).value.map((license: any) => license.skuPartNumber);
  const licenses = (...products: object[]) => ({ groupLicenses: [{ group: 'painters', products }] });

  it('is given to their members once it is applied, and told with how many they are', async () => {
    const { changes } = await plan(licenses({ product: 'Painting' }));
    const { action, kind, name, people, properties } = changes[0];
    assert.deepEqual([action, kind, name, people], ['add', 'groupLicenses', 'Painters', 1]);
    assert.deepEqual(properties, [
      { name: 'products', before: [], after: [{ product: 'PAINTING', disabledPlans: [] }] },
    ]);
    assert.deepEqual(await held(), []);
    await apply(licenses({ product: 'Painting' }));
    assert.deepEqual(await held(), ['PAINTING']);
    assert.deepEqual((await plan(licenses({ product: 'painting' }))).changes, []);
    assert.deepEqual((await read()).groupLicenses, [
      { group: 'Painters', products: [{ product: 'PAINTING', disabledPlans: [] }] },
    ]);
  });

  it('is the whole list of a group that is named, and of others only with prune', async () => {
    await apply(licenses({ product: 'Drawing', disabledPlans: ['STORE'] }, { product: 'Painting' }));
    assert.deepEqual((await held()).toSorted(), ['DRAWING', 'PAINTING']);
    await apply(licenses({ product: 'Drawing' }));
    assert.deepEqual(await held(), ['DRAWING']);
    const { changes, kept } = await apply({ groupLicenses: [] });
    assert.deepEqual([changes, kept.map(({ name }: any) => name)], [[], ['Painters']]);
    assert.deepEqual(told(await apply({ groupLicenses: [] }, { prune: true })), ['delete groupLicenses Painters']);
    assert.deepEqual(await held(), []);
  });

  it('is refused as a whole where one of them can not be', async () => {
    const unbought = await world.addProduct({ MODEL: {} }, { displayName: 'Modelling' });
    const answer = await refused({
      setting: { isEnabled: false },
      ...licenses({ product: 'Painting' }, { product: unbought.skuId }),
    });
    assertRefused(
      answer,
      400,
      /^setUp\.groupLicenses\[0\]: License .* does not correspond to a valid company License\./,
    );
    assert.deepEqual(await held(), []);
    assert.equal((await read()).setting.isEnabled, true);
  });
});

describe('documents that meet', () => {
  it('are each applied whole, one after the other, while people sign in and groups change', async () => {
    const product = await world.addProduct({ MEET: {} }, { displayName: 'Meeting' });
    await world.buy(product, 50);
    const app = await world.addApp([product.plans['MEET']!], 'Meet');
    const people = await world.addUsers(30);
    const group = await world.addGroup(people.slice(0, 3).map(({ id }) => id));
    const policy = (displayName: string, isEnabled: boolean) => ({
      displayName,
      app: 'Meet',
      isEnabled,
      products: [{ product: 'Meeting' }],
    });
    const one = {
      setting: { isEnabled: true },
      policies: [policy('North', true), policy('South', true)],
      groupLicenses: [{ group, products: [{ product: 'Meeting' }] }],
    };
    const other = {
      ...one,
      policies: [policy('South', false), policy('North', true)],
      groupLicenses: [{ group, products: [] }],
    };
    await apply(one);
    const answers = await Promise.all([
      ...Array.from({ length: 8 }, (_, index) =>
        world.call('POST', `/admin/setUp/${index % 4 === 3 ? 'plan' : 'apply'}`, {
          setUp: { version: 1, ...(index % 2 ? one : other) },
        }),
      ),
      ...people.map(({ id }) => world.call('POST', '/signIns', { appId: app.appId, userId: id })),
      ...people
        .slice(3, 9)
        .map(({ id }) =>
          world.call('POST', `/groups/${group}/members/$ref`, { '@odata.id': `https://a.example/v1.0/users/${id}` }),
        ),
    ]);
    assert.deepEqual(
      answers.filter(({ status }) => status >= 300).map(({ status, body }) => [status, body]),
      [],
    );
    const { policies, groupLicenses } = await read();
    const state = policies
      .filter(({ app: name }: any) => name === 'Meet')
      .map(({ displayName, isEnabled }: any) => [displayName, isEnabled]);
    const isOne = groupLicenses.some((licensed: any) => licensed.products[0].product === product.skuPartNumber);
    assert.deepEqual(
      state,
      isOne
        ? [
            ['North', true],
            ['South', true],
          ]
        : [
            ['South', false],
            ['North', true],
          ],
    );
  });
});

describe('a document that can not be', () => {
  const unchanged = async (work: () => Promise<void>) => {
    const tables = await checksums(server.db);
    await work();
    assert.deepEqual(await checksums(server.db), tables);
  };

  it('is told all that is wrong with it at once, by its place', () =>
    unchanged(async () => {
      const answer = await refused({
        apps: [{ displayName: 'A', requiredServicePlans: ['NOPE'] }, { displayName: 'a' }],
        policies: [
          {
            displayName: 'P',
            app: 'Q',
            products: [{ product: 'Drawing', disabledPlans: ['PAINT'] }],
            includeGroups: ['G'],
          },
        ],
        roles: [{ role: 'King', members: ['nobody@contoso.example'] }],
      });
      assertRefused(
        answer,
        400,
        /^setUp\.apps\[0\]\.requiredServicePlans\[0\]: there is no service plan "NOPE"\. And 6 more/,
      );
      assert.deepEqual(
        answer.body.error.details.map(({ target }: any) => target),
        [
          'setUp.apps[0].requiredServicePlans[0]',
          'setUp.apps[1]',
          'setUp.policies[0].app',
          'setUp.policies[0].products[0].disabledPlans[0]',
          'setUp.policies[0].includeGroups[0]',
          'setUp.roles[0].role',
          'setUp.roles[0].members[0]',
        ],
      );
    }));

  it('leaves nothing done where its last step is refused', () =>
    unchanged(async () => {
      const answer = await refused({
        setting: { isEnabled: false },
        apps: [{ displayName: 'New app', requiredServicePlans: ['PAINT'] }],
        policies: [{ displayName: 'Bad', app: 'New app', products: [{ product: 'Drawing' }] }],
      });
      assertRefused(answer, 400, /^setUp\.policies\[0\]\.products\[0\]\.product: /);
    }));

  it('is refused by a plan, too, as it would be applied', () =>
    unchanged(async () => {
      const answer = await world.call('POST', '/admin/setUp/plan', {
        setUp: { version: 1, policies: [{ displayName: 'Bad', app: 'Sketch', products: [{ product: 'Painting' }] }] },
      });
      assertRefused(answer, 400, /^setUp\.policies\[0\]\.products\[0\]\.product: /);
    }));

  it('names several things by one name, where the document that is read has their ids', async () => {
    const twins = [await world.addApp([], 'Twin'), await world.addApp([], 'Twin')];
    await unchanged(async () => {
      const answer = await refused({ apps: [{ displayName: 'Twin', onRefusal: 'continue' }] });
      assertRefused(answer, 400, /several apps are called "Twin"\. Say which one with id: /);
    });
    const { apps } = await read();
    const found = apps.filter(({ displayName }: any) => displayName === 'Twin').map(({ id }: any) => id);
    assert.deepEqual(found, twins.map(({ appId }) => appId).toSorted());
  });

  it('needs the permissions of every part that it names', async () => {
    const ask = (permissions: readonly any[], path: string, setUp: object) =>
      server.request('POST', `/v1.0/admin/setUp/${path}`, { permissions, body: { setUp: { version: 1, ...setUp } } });
    assert.equal((await ask(['AutoClaimPolicy.ReadWrite.All'], 'apply', { setting: {} })).status, 200);
    assertRefused(
      await ask(['AutoClaimPolicy.ReadWrite.All'], 'apply', { apps: [] }),
      403,
      /The document's apps need Application\.ReadWrite\.All/,
    );
    assertRefused(
      await ask(['AutoClaimPolicy.Read.All'], 'plan', { roles: [] }),
      403,
      /roles need RoleManagement\.Read\.Directory and User\.Read\.All/,
    );
    assertRefused(
      await ask(['AutoClaimPolicy.Read.All'], 'apply', { setting: {} }),
      403,
      /AutoClaimPolicy\.ReadWrite\.All/,
    );
    const { body } = await server.request('GET', '/v1.0/admin/setUp', { permissions: ['AutoClaimPolicy.Read.All'] });
    assert.deepEqual(Object.keys(body), ['@odata.context', 'version', 'setting']);
  });
});
