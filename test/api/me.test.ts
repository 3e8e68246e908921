import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { addPerson, signIn, type SignedIn, type TestPerson } from '../harness/people.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World } from '../harness/world.ts';

let server: TestServer;
let world: World;
let person: TestPerson;
let signedIn: SignedIn;
before(async () => {
  server = await startTestServer();
  world = worldOf(server);
  person = await addPerson(server, [], { columns: { display_name: 'Ann' } });
  signedIn = await signIn(server, person);
});
after(() => server.close());

const get = async (path: string) => {
  const { status, body } = await server.request('GET', `/v1.0${path}`, { token: signedIn.accessToken });
  assert.equal(status, 200, JSON.stringify(body));
  return body;
};

describe('/me, without any role', () => {
  it('is oneself, with the properties that are asked for', async () => {
    assert.equal((await get('/me')).displayName, 'Ann');
    const { id, usageLocation } = await get('/me?$select=id,usageLocation');
    assert.deepEqual({ id, usageLocation }, { id: person.id, usageLocation: 'DE' });
  });

  it('says where one is, and that there is nothing that one may do', async () => {
    assert.equal((await get('/organization')).value[0].displayName, 'Contoso');
    const { permissions, directoryRoles } = await get('/me/permissions');
    assert.deepEqual({ permissions, directoryRoles }, { permissions: [], directoryRoles: [] });
  });

  it('lists the groups that one is in', async () => {
    const group = await world.addGroup([person.id]);
    await world.addGroup([]);
    const { value } = await get('/me/memberOf?$select=id');
    assert.deepEqual(value, [{ '@odata.type': '#microsoft.graph.group', id: group }]);
  });

  it('lists what one holds, since when, why by every path, and which apps it opens', async () => {
    const product = await world.addProduct({ MAIN: {}, EXTRA: {} });
    await world.buy(product, 5);
    const [main, extra] = [product.plans['MAIN']!, product.plans['EXTRA']!];
    const app = await world.addApp([main], 'The app');
    await world.addApp([extra], 'Another app');
    await world.turnAutoClaim(true);
    const policy = await world.addPolicy(app, [{ ...product, disabledPlans: [extra] }], { displayName: 'For all' });
    const before = Date.now();
    assert.equal((await world.signIn(app, person)).outcome, 'claimed');

    const { value } = await get('/me/licenses');
    assert.equal(value.length, 1);
    const [license] = value;
    assert.equal(license.skuId, product.skuId);
    assert.equal(license.isUsable, true);
    assert.ok(Math.abs(Date.parse(license.assignedDateTime) - before) < 60_000);
    assert.deepEqual(
      license.servicePlans.map((plan: any) => plan.servicePlanName),
      ['MAIN'],
    );
    assert.deepEqual(license.apps, [{ appId: app.appId, displayName: 'The app' }]);
    const [path] = license.paths;
    assert.equal(path.kind, 'policy');
    assert.deepEqual([path.policyId, path.policyDisplayName], [policy.id, 'For all']);
    assert.deepEqual([path.appId, path.appDisplayName, path.isBackup], [app.appId, 'The app', false]);

    const group = await world.addGroup([person.id]);
    await world.giveByGroup(person.id, product.skuId, group, [main]);
    const [both] = (await get('/me/licenses')).value;
    assert.deepEqual(both.paths.map((one: any) => one.kind).toSorted(), ['group', 'policy']);
    assert.equal(both.paths.find((one: any) => one.kind === 'group').groupId, group);
    assert.deepEqual(both.apps.map((one: any) => one.displayName).toSorted(), ['Another app', 'The app']);
    assert.deepEqual(
      (await get('/me/licenseDetails?$select=skuId')).value.map((one: any) => one.skuId),
      [product.skuId],
    );
  });

  it('is nobody where an app asks', async () => {
    const token = await server.token(['User.ReadWrite.All']);
    const { status, body } = await server.request('GET', '/v1.0/me', { token });
    assert.equal(status, 403);
    assert.match(body.error.message, /whoever has signed in/);
  });
});
