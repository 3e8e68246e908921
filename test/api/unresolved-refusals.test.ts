import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { assertRefused, worldOf, type World, type WorldApp, type WorldProduct } from '../harness/world.ts';

const PATH = '/reports/autoClaim/unresolvedRefusals';

describe('refusals that nobody has resolved', () => {
  let server: TestServer;
  let world: World;
  let product: WorldProduct;
  let app: WorldApp;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    await world.turnAutoClaim(true);
    product = await world.addProduct({ VISIO: {} }, { displayName: 'Visio Plan 2' });
    app = await world.addApp([product.plans['VISIO']!], 'Visio');
  });
  after(() => server.close());

  const groups = async () =>
    (await world.get(PATH)).value.map(({ reason, appDisplayName, productDisplayName, people }: any) => [
      reason,
      appDisplayName,
      productDisplayName,
      people,
    ]);

  it('count each person once, by the last reason, until they have a license', async () => {
    assert.deepEqual(await groups(), []);
    const [ada, bo, cy] = await world.addUsers(3);
    // Nobody’s policy yet; then there is one, and no seat.
    for (const user of [ada!, bo!]) await world.signIn(app, user);
    assert.deepEqual(await groups(), [['noPolicy', 'Visio', null, 2]]);
    await world.addPolicy(app, [product]);
    const subscription = await world.buy(product, 1);
    await world.signIn(app, cy!);
    for (const user of [ada!, ada!, bo!]) await world.signIn(app, user);
    await world.signIn(app, await world.addUser({ user_type: 'Guest' }));
    assert.deepEqual(await groups(), [
      ['noSeats', 'Visio', 'Visio Plan 2', 2],
      ['notInAudience', 'Visio', 'Visio Plan 2', 1],
    ]);
    // By hand counts as well as by a claim; and who is blocked waits for nothing.
    await world.patch(`/directory/subscriptions/${subscription.id}`, { totalLicenses: 2 });
    await world.assign(ada!, [product]);
    await world.patch(`/users/${bo!.id}`, { accountEnabled: false });
    assert.deepEqual(await groups(), [['notInAudience', 'Visio', 'Visio Plan 2', 1]]);
    await world.signIn(app, bo!);
    assert.deepEqual(await groups(), [
      ['notInAudience', 'Visio', 'Visio Plan 2', 1],
      ['userBlocked', 'Visio', 'Visio Plan 2', 1],
    ]);
    await world.patch(`/users/${bo!.id}`, { accountEnabled: true });
    assert.deepEqual(await groups(), [['notInAudience', 'Visio', 'Visio Plan 2', 1]]);
  });

  it('have who isn’t known, by the name that was told, until there is somebody of that name', async () => {
    for (const userPrincipalName of ['New@contoso.example', 'new@contoso.example', 'other@contoso.example']) {
      await world.post('/signIns', { appId: app.appId, userPrincipalName });
    }
    const unknown = async () => (await groups()).filter(([reason]: string[]) => reason === 'unknownUser');
    assert.deepEqual(await unknown(), [['unknownUser', 'Visio', 'Visio Plan 2', 2]]);
    await world.addUser({ user_principal_name: 'NEW@contoso.example' });
    assert.deepEqual(await unknown(), [['unknownUser', 'Visio', 'Visio Plan 2', 1]]);
  });

  it('are those of a period, and of one’s own tenant', async () => {
    const { value, from, to } = await world.get(`${PATH}?period=D1`);
    assert.ok(value.length > 0);
    assert.equal(Date.parse(to) - Date.parse(from), 24 * 3_600_000);
    const before = await world.get(`${PATH}?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z`);
    assert.deepEqual(before.value, []);
    const other = worldOf(server, await server.createTenant());
    assert.deepEqual((await other.get(PATH)).value, []);
    assertRefused(await world.call('GET', `${PATH}?period=D2`), 400, /period/);
    assertRefused(await world.call('GET', `${PATH}?$top=3`), 400, /\$top/);
  });
});
