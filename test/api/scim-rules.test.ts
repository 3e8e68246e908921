import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World } from '../harness/world.ts';

const AUTOCLAIM = 'urn:ietf:params:scim:schemas:extension:autoclaim:2.0:User';

let server: TestServer;
let world: World;
let token: string;
before(async () => {
  server = await startTestServer();
  world = worldOf(server);
  token = (await world.post('/admin/provisioningClients', { kind: 'okta', displayName: 'Okta' })).tokenText;
});
after(() => server.close());

function scim(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  return server.request(method, `/scim/v2${path}`, {
    token,
    ...(body && { body: JSON.stringify(body) }),
    headers: { ...(body && { 'content-type': 'application/scim+json' }), ...headers },
  });
}
const patch = (path: string, ...Operations: object[]) => scim('PATCH', path, { Operations });
async function add(path: string, values: object) {
  const { status, body } = await scim('POST', path, values);
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}
const profile = (more: object = {}) => ({
  userName: `${randomUUID()}@contoso.example`,
  name: { givenName: 'Given', familyName: 'Family' },
  ...more,
});

describe('what a client told, by SCIM', () => {
  it('is not what administrators wrote, though the client changes something else', async () => {
    const told = profile();
    const { id } = await add('/Users', told);
    const written = { usageLocation: 'DE', jobTitle: 'Captain', mobilePhone: '+49 1' };
    await world.patch(`/users/${id}`, written);
    for (const active of [false, true])
      assert.equal((await patch(`/Users/${id}`, { op: 'replace', value: { active } })).status, 200);
    const { status, body } = await scim('PUT', `/Users/${id}`, { ...told, active: true });
    assert.equal(status, 200, JSON.stringify(body));
    const { usageLocation, jobTitle, mobilePhone } = await world.get(
      `/users/${id}?$select=usageLocation,jobTitle,mobilePhone`,
    );
    assert.deepEqual({ usageLocation, jobTitle, mobilePhone }, written);
    assert.deepEqual([body.title, body[AUTOCLAIM]], ['Captain', { usageLocation: 'DE' }]);
  });

  it('is what its operations said, also in the words that an administrator had used', async () => {
    const told = profile({ externalId: 'theirs' });
    const { id } = await add('/Users', told);
    await world.patch(`/users/${id}`, { jobTitle: 'Captain', department: 'Bridge' });
    await patch(
      `/Users/${id}`,
      { op: 'replace', path: 'title', value: 'Captain' },
      { op: 'add', path: 'emails[type eq "work"].value', value: 'told@contoso.example' },
    );
    const { body } = await scim('PUT', `/Users/${id}`, told);
    assert.deepEqual([body.title, body.emails, body.externalId], [undefined, undefined, 'theirs']);
    const { jobTitle, mail, department } = await world.get(`/users/${id}?$select=jobTitle,mail,department`);
    assert.deepEqual([jobTitle, mail, department], [null, null, 'Bridge']);
  });
});

describe('groups by SCIM', () => {
  it('are not deleted by whoever has read another version', async () => {
    const { id } = await add('/Groups', { displayName: 'Versions' });
    const etag = (await scim('GET', `/Groups/${id}`)).headers.get('etag')!;
    await world.patch(`/groups/${id}`, { displayName: 'Changed' });
    assert.equal((await scim('DELETE', `/Groups/${id}`, undefined, { 'if-match': etag })).status, 412);
    const now = (await scim('GET', `/Groups/${id}`)).headers.get('etag')!;
    assert.equal((await scim('DELETE', `/Groups/${id}`, undefined, { 'if-match': now })).status, 204);
  });
});
