import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { addAppClient, beginSignIn, open } from '../harness/app-client.ts';
import { addPerson } from '../harness/people.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World } from '../harness/world.ts';

let server: TestServer;
let world: World;
before(async () => {
  server = await startTestServer();
  world = worldOf(server);
});
after(() => server.close());

const register = (kind: string, ...redirectUris: string[]) =>
  world.call('POST', '/applications', { displayName: 'Word', [kind]: { redirectUris } });

describe('an app’s redirect URIs', () => {
  const good: readonly (readonly [string, string])[] = [
    ['web', 'https://app.contoso.example/signed-in?from=autoclaim&a=%20b'],
    ['web', 'http://localhost:3000/callback'],
    ['spa', 'https://spa.contoso.example/'],
    ['spa', 'http://127.0.0.1:5173/'],
    ['publicClient', 'com.contoso.app:/signed-in'],
    ['publicClient', 'com.contoso.app://signed-in'],
    ['publicClient', 'http://127.0.0.1/'],
    ['publicClient', 'http://[::1]:8000/cb'],
    ['publicClient', 'https://app.contoso.example/claimed'],
  ];
  for (const [kind, uri] of good) {
    it(`may be ${uri} of a ${kind}, and the provider takes it`, async () => {
      const person = await addPerson(server);
      const app = await addAppClient(world, kind as 'web', { redirectUri: uri });
      const { callback, page } = await open(server, await beginSignIn(app), person);
      assert.ok(callback?.searchParams.get('code'), String(page?.text));
    });
  }

  const bad: readonly (readonly [string, string])[] = [
    ['web', 'http://app.contoso.example/'],
    ['web', 'com.contoso.app:/signed-in'],
    ['spa', 'http://127.0.0.1.evil.example/'],
    ['web', 'https://*.contoso.example/'],
    ['web', 'https://contoso.example/#there'],
    ['web', 'https://user@contoso.example/'],
    ['web', 'https://user:secret@contoso.example/'],
    ['web', 'https://contoso.example\\@evil.example/'],
    ['web', 'https://contoso.example/a b'],
    ['web', 'https://contoso.example/\u202e'],
    ['web', 'https://contoso.example/\n'],
    ['web', '//contoso.example/'],
    ['web', '/signed-in'],
    ['web', 'https://'],
    ['web', 'javascript:alert(1)'],
    ['publicClient', 'javascript:alert(1)'],
    ['publicClient', 'data:text/html,hi'],
    ['publicClient', 'file:///etc/passwd'],
    ['publicClient', 'app:/signed-in'],
    ['publicClient', 'https://localhost/'],
    ['publicClient', 'http://contoso.example/'],
  ];
  for (const [kind, uri] of bad) {
    it(`can't be ${JSON.stringify(uri)} of a ${kind}`, async () => {
      const { status, body } = await register(kind, uri);
      assert.equal(status, 400, JSON.stringify(body));
      assert.match(body.error.message, new RegExp(`${kind}\\.redirectUris\\[0\\]`));
    });
  }

  it('are each named once, are of one kind of client, and go with a whole list', async () => {
    const twice = await register('web', 'https://a.example/', 'https://a.example/');
    assert.match(twice.body.error.message, /web\.redirectUris\[1\].*twice/);
    const { body: app } = await register('web', 'https://a.example/', 'https://b.example/');
    const patch = (change: object) => world.call('PATCH', `/applications/${app.id}`, change);
    const second = await patch({ spa: { redirectUris: ['https://c.example/'] } });
    assert.equal(second.status, 400);
    assert.match(second.body.error.message, /spa\.redirectUris.*one kind of client/);
    const other = { web: { redirectUris: [] }, spa: { redirectUris: ['https://c.example/'] } };
    assert.equal((await patch(other)).status, 204);
    const now = await world.get(`/applications/${app.id}`);
    assert.deepEqual([now.web, now.spa], [other.web, other.spa]);
    assert.equal((await patch({ displayName: 'Excel' })).status, 204);
    assert.deepEqual((await world.get(`/applications/${app.id}`)).spa, other.spa);
    const { value } = await world.get('/auditLogs/directoryAudits?$top=5');
    assert.ok(JSON.stringify(value).includes('spa.redirectUris'));
  });

  it('are compared to the letter: nothing else gets a code', async () => {
    const person = await addPerson(server);
    const app = await addAppClient(world, 'web', { redirectUri: 'https://app.contoso.example/cb?x=1' });
    for (const redirectUri of [
      'https://app.contoso.example/cb',
      'https://app.contoso.example/cb?x=1&y=2',
      'https://app.contoso.example/cb/?x=1',
      'https://app.contoso.example/./cb?x=1',
      'https://APP.contoso.example/cb?x=1',
      'https://app.contoso.example:443/cb?x=1',
      'https://app.contoso.example.evil.example/cb?x=1',
      'https://app.contoso.example@evil.example/cb?x=1',
      'http://app.contoso.example/cb?x=1',
    ]) {
      const { page } = await open(server, await beginSignIn({ ...app, redirectUri }), person);
      assert.equal(page?.status, 400, redirectUri);
    }
  });
});
