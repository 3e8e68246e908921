import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { assertRefused, worldOf, type World } from '../harness/world.ts';

const PATH = '/admin/autoClaim';

describe('the auto-claim setting', () => {
  let server: TestServer;
  let world: World;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
  });
  after(() => server.close());

  const audits = () =>
    world.value(`select count(*) from audit_entries where tenant_id = $1 and activity = 'Update auto-claim setting'`);

  it('is off in a new tenant, whose country is the usage location of people who have none', async () => {
    const tenantId = await server.createTenant({ countryLetterCode: 'FR' });
    const { '@odata.context': context, ...setting } = await worldOf(server, tenantId).get(PATH);
    assert.deepEqual(setting, {
      isEnabled: false,
      createUsersOnSignIn: false,
      allowedDomains: [],
      defaultUsageLocation: 'FR',
    });
    assert.equal(context, `${server.config.baseUrl}/v1.0/$metadata#admin/autoClaim`);
  });

  it('is turned on and off, each answer being what the next read gives', async () => {
    for (const isEnabled of [true, false, true]) {
      const written = await world.patch(PATH, { isEnabled });
      assert.equal(written.isEnabled, isEnabled);
      assert.deepEqual(await world.get(PATH), written);
    }
  });

  it('changes only what is given, and keeps domains in lower case, each once', async () => {
    await world.patch(PATH, {
      isEnabled: false,
      createUsersOnSignIn: false,
      allowedDomains: [],
      defaultUsageLocation: 'US',
    });
    await world.patch(PATH, { allowedDomains: ['Contoso.Example', 'contoso.example', 'a.b-c.example'] });
    await world.patch(PATH, { createUsersOnSignIn: true });
    await world.patch(PATH, { defaultUsageLocation: null });
    const { '@odata.context': _, ...setting } = await world.get(PATH);
    assert.deepEqual(setting, {
      isEnabled: false,
      createUsersOnSignIn: true,
      allowedDomains: ['contoso.example', 'a.b-c.example'],
      defaultUsageLocation: null,
    });
  });

  it('writes one audit entry with before and after for a change, and none where nothing changes', async () => {
    await world.patch(PATH, { isEnabled: false });
    const count = await audits();
    await world.patch(PATH, { isEnabled: false });
    await world.patch(PATH, {});
    assert.equal(await audits(), count);
    await world.patch(PATH, { isEnabled: true });
    assert.equal(await audits(), count + 1);
    const changes = await world.value<object>(
      'select changes from audit_entries where tenant_id = $1 order by audit_id desc limit 1',
    );
    assert.deepEqual(changes, [{ name: 'isEnabled', before: false, after: true }]);
  });

  for (const [what, body, text] of [
    ['isEnabled as text', { isEnabled: 'true' }, /isEnabled must be boolean/],
    ['isEnabled as null', { isEnabled: null }, /isEnabled/],
    ['isEnabled as a number', { isEnabled: 1 }, /isEnabled/],
    ['an unknown property', { enabled: true }, /^enabled is not a property that can be given here/],
    ['a property of OData', { '@odata.context': 'x', isEnabled: true }, /@odata\.context/],
    ['domains that are no list', { allowedDomains: 'contoso.example' }, /allowedDomains must be array/],
    [
      'a domain with an @',
      { allowedDomains: ['good.example', '@contoso.example'] },
      /allowedDomains\[1\] must be a domain/,
    ],
    ['a domain of one label', { allowedDomains: ['localhost'] }, /allowedDomains\[0\]/],
    ['an empty domain', { allowedDomains: [''] }, /allowedDomains\[0\]/],
    ['101 domains', { allowedDomains: Array.from({ length: 101 }, (_, n) => `d${n}.example`) }, /allowedDomains/],
    [
      'a country in small letters',
      { defaultUsageLocation: 'us' },
      /defaultUsageLocation must be a two-letter country code/,
    ],
    ['a country that is none', { defaultUsageLocation: 'QQ' }, /defaultUsageLocation: QQ is not a country/],
    ['a country that was', { defaultUsageLocation: 'SU' }, /defaultUsageLocation: SU is not a country/],
    ['a country of three letters', { defaultUsageLocation: 'DEU' }, /defaultUsageLocation/],
    ['a list as the body', [], /body must be object/],
    ['null as the body', null, /body must be object/],
    ['a good value beside a bad one', { isEnabled: false, allowedDomains: ['x'] }, /allowedDomains\[0\]/],
  ] as const) {
    it(`refuses ${what}, naming it, and stays as it was`, async () => {
      await world.patch(PATH, { isEnabled: true });
      const before = await world.get(PATH);
      const count = await audits();
      assertRefused(await world.call('PATCH', PATH, body), 400, text);
      assert.deepEqual(await world.get(PATH), before);
      assert.equal(await audits(), count);
    });
  }

  it('is read with the policies’ read permission and written with their write permission alone', async () => {
    const as = (method: string, permission: any, body?: object) =>
      server.request(method, `/v1.0${PATH}`, { permissions: permission ? [permission] : [], body });
    assert.equal((await as('GET', 'AutoClaimPolicy.Read.All')).status, 200);
    assert.equal((await as('GET', 'AutoClaimPolicy.ReadWrite.All')).status, 200);
    assert.equal((await as('PATCH', 'AutoClaimPolicy.ReadWrite.All', { isEnabled: true })).status, 200);
    for (const permission of ['AutoClaimPolicy.Read.All', 'Organization.ReadWrite.All', 'SignIn.Create', undefined]) {
      assertRefused(await as('PATCH', permission, { isEnabled: false }), 403, /AutoClaimPolicy\.ReadWrite\.All/);
    }
    for (const permission of ['SignIn.Create', 'Reports.Read.All', undefined]) {
      assertRefused(await as('GET', permission), 403, /AutoClaimPolicy\.Read\.All/);
    }
    assert.equal((await world.get(PATH)).isEnabled, true);
  });

  it('is one tenant’s alone', async () => {
    const other = worldOf(server, await server.createTenant());
    await world.turnAutoClaim(false);
    await other.turnAutoClaim(true);
    assert.equal((await world.get(PATH)).isEnabled, false);
    await world.patch(PATH, { allowedDomains: ['mine.example'] });
    assert.deepEqual((await other.get(PATH)).allowedDomains, []);
  });

  it('decides the very next sign-in; who has claimed keeps the license when it is turned off', async () => {
    const product = await world.addProduct({ TEAMS1: {} });
    await world.buy(product, 10);
    const app = await world.addApp([product.plans['TEAMS1']!]);
    const [early, late] = [await world.addUser(), await world.addUser()];
    await world.turnAutoClaim(true);
    const policy = await world.addPolicy(app, [product]);
    assert.equal((await world.signIn(app, early)).outcome, 'claimed');
    await world.turnAutoClaim(false);
    assert.equal((await world.signIn(app, late)).reason, 'autoClaimOff');
    assert.equal((await world.signIn(app, early)).outcome, 'licensed');
    assert.equal(await world.consumed(product), 1);
    assert.equal((await world.get(`/policies/autoClaimPolicies/${policy.id}`)).isEnabled, true);
    await world.turnAutoClaim(true);
    assert.equal((await world.signIn(app, late)).outcome, 'claimed');
  });

  it('as off is a barrier: with sign-ins streaming in on two servers, none that began after it answered is granted', async () => {
    const product = await world.addProduct({ TEAMS1: {} });
    await world.buy(product, 10_000);
    const app = await world.addApp([product.plans['TEAMS1']!]);
    await world.addPolicy(app, [product]);
    await world.turnAutoClaim(true);
    const beside = await startTestServer({ beside: server });
    const token = await server.token(['SignIn.Create']);
    const users = await world.addUsers(400);
    let offAt = Infinity;
    const answers: { began: number; outcome: string }[] = [];
    const stream = async (at: string, mine: typeof users) => {
      for (const { id } of mine) {
        const began = performance.now();
        const response = await fetch(`${at}/v1.0/signIns`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ appId: app.appId, userId: id }),
        });
        answers.push({ began, outcome: ((await response.json()) as { outcome: string }).outcome });
      }
    };
    const streams = Array.from({ length: 8 }, (_, n) =>
      stream(
        n % 2 ? server.url : beside.url,
        users.filter((_user, index) => index % 8 === n),
      ),
    );
    // Once a good part has come through.
    while (answers.length < 80) await new Promise((resolve) => setTimeout(resolve, 2));
    await world.turnAutoClaim(false);
    offAt = performance.now();
    await Promise.all(streams);
    await beside.close();
    const late = answers.filter(({ began }) => began > offAt);
    assert.ok(late.length > 20, `only ${late.length} sign-ins began after it was off`);
    assert.deepEqual(
      late.filter(({ outcome }) => outcome !== 'refused'),
      [],
    );
    assert.ok(answers.some(({ outcome }) => outcome === 'claimed'));
    assert.equal(await world.consumed(product), answers.filter(({ outcome }) => outcome === 'claimed').length);
  });
});
