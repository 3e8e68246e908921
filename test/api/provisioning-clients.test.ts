import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World } from '../harness/world.ts';

let server: TestServer;
let world: World;
before(async () => {
  server = await startTestServer();
  world = worldOf(server);
});
after(() => server.close());

const PATH = '/admin/provisioningClients';
const add = (more: object = {}) => world.post(PATH, { kind: 'okta', displayName: 'Okta', ...more });
const tokensOf = (id: string) =>
  world.value('select count(*) from provisioning_tokens where tenant_id = $1 and client_id = $2', id);

describe('provisioning clients', () => {
  it('are added with a token that is shown once, and kept as its hash alone', async () => {
    const made = await add();
    assert.match(made.tokenText, /^[\w-]{43}$/);
    assert.equal(made.address, `${server.config.baseUrl}/scim/v2`);
    const read = await world.get(`${PATH}/${made.id}`);
    assert.equal(read.tokenHint, made.tokenText.slice(0, 3));
    assert.equal(read.releasesLicenses, true);
    assert.equal(read.isRevoked, false);
    assert.equal(read.lastUsedDateTime, null);
    const everything = JSON.stringify([
      read,
      await world.get(PATH),
      await world.get('/auditLogs/directoryAudits?$top=50'),
      (await server.db.pool.query('select * from provisioning_clients')).rows,
      (await server.db.pool.query('select * from provisioning_tokens')).rows,
    ]);
    assert.ok(!everything.includes(made.tokenText));
    assert.ok(everything.includes('Add provisioning client'));
  });

  it('get another token, after which the one before is gone', async () => {
    const made = await add();
    const rotated = await world.post(`${PATH}/${made.id}/rotateToken`, {});
    assert.notEqual(rotated.tokenText, made.tokenText);
    assert.equal(await tokensOf(made.id), 1);
    assert.equal((await world.get(`${PATH}/${made.id}`)).tokenHint, rotated.tokenText.slice(0, 3));
  });

  it('have no token once it is revoked, are listed so, and get one again', async () => {
    const made = await add();
    await world.post(`${PATH}/${made.id}/revokeToken`, {});
    const revoked = await world.get(`${PATH}/${made.id}`);
    assert.equal(revoked.isRevoked, true);
    assert.ok(revoked.revokedDateTime);
    assert.equal(await tokensOf(made.id), 0);
    await world.post(`${PATH}/${made.id}/revokeToken`, {});
    await world.post(`${PATH}/${made.id}/rotateToken`, {});
    assert.equal((await world.get(`${PATH}/${made.id}`)).isRevoked, false);
    const { value } = await world.get(`/auditLogs/directoryAudits?$filter=targetResources/any(t:t/id eq '${made.id}')`);
    assert.deepEqual(value.map(({ activityDisplayName }: any) => activityDisplayName).toSorted(), [
      'Add provisioning client',
      'Revoke token of provisioning client',
      'Rotate token of provisioning client',
    ]);
  });

  it('are renamed and deleted, with their token', async () => {
    const made = await add();
    await world.patch(`${PATH}/${made.id}`, { displayName: 'Another', releasesLicenses: false });
    const read = await world.get(`${PATH}/${made.id}`);
    assert.deepEqual([read.displayName, read.releasesLicenses], ['Another', false]);
    await world.remove(`${PATH}/${made.id}`);
    assert.equal(await tokensOf(made.id), 0);
    assert.equal((await world.call('GET', `${PATH}/${made.id}`)).status, 404);
  });

  it('are 50 at most', async () => {
    const other = worldOf(server, await server.createTenant());
    for (let count = 0; count < 50; count += 1) await other.post(PATH, { kind: 'other', displayName: `${count}` });
    const { status, body } = await other.call('POST', PATH, { kind: 'other', displayName: 'one more' });
    assert.equal(status, 400);
    assert.match(body.error.message, /50 provisioning clients/);
  });
});
