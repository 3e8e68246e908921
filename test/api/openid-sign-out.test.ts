import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { addAppClient, beginSignIn, open, signInToApp, type AppClient } from '../harness/app-client.ts';
import {
  addPerson,
  authorizeRequest,
  followToApp,
  openBrowser,
  redeem,
  type Browser,
  type TestPerson,
} from '../harness/people.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World } from '../harness/world.ts';

// RP-Initiated Logout 1.0. Where the conformance suite has a module for it
// (oidcc-rp-initiated-logout-certification-test-plan), the test is named after it.

let server: TestServer;
let world: World;
let app: AppClient;
let other: AppClient;
let person: TestPerson;
let address: string;
before(async () => {
  server = await startTestServer();
  world = worldOf(server);
  app = await addAppClient(world, 'web');
  other = await addAppClient(world, 'web', { redirectUri: 'https://other.contoso.example/cb' });
  person = await addPerson(server);
  address = app.config.serverMetadata().end_session_endpoint!;
});
after(() => server.close());

const out = (browser: Browser, parameters: Record<string, string>) =>
  browser.get(`${address}?${new URLSearchParams(parameters).toString()}`);
const signedIn = async (scope = 'openid') => {
  const { tokens, browser } = await signInToApp(server, app, person, { scope });
  return { tokens, browser, idToken: tokens.id_token! };
};
const isSignedIn = async (browser: Browser, of = app) => {
  const { callback } = await open(server, await beginSignIn(of, { prompt: 'none' }), person, browser);
  return callback!.searchParams.has('code');
};
const userInfoOf = async (token: string) => {
  const answer = await server.request('GET', `/${server.tenantId}/openid/userinfo`, { token });
  return answer.status;
};
/** Presses the button of the page that asks. */
const confirm = async (browser: Browser, page: string) => {
  const [, action] = /action="([^"]+)"/.exec(page)!;
  const [, xsrf] = /name="xsrf" value="([^"]+)"/.exec(page)!;
  return browser.post(action!, { xsrf: xsrf!, logout: 'yes' });
};

describe('a sign-out that an app asks for', () => {
  it('oidcc-rp-initiated-logout', async () => {
    const { browser, idToken } = await signedIn();
    const parameters = { id_token_hint: idToken, post_logout_redirect_uri: app.redirectUri, state: 'a b&c' };
    const answer = await out(browser, parameters);
    assert.equal(answer.status, 303);
    assert.equal(answer.headers.get('location'), `${app.redirectUri}?state=a+b%26c`);
    assert.equal(await isSignedIn(browser), false);
  });

  it('oidcc-rp-initiated-logout-no-state', async () => {
    const { browser, idToken } = await signedIn();
    const answer = await out(browser, { id_token_hint: idToken, post_logout_redirect_uri: app.redirectUri });
    assert.equal(answer.headers.get('location'), app.redirectUri);
  });

  for (const [name, more] of Object.entries({
    'oidcc-rp-initiated-logout-no-post-logout-redirect-uri': { state: 'x' },
    'without anything but the hint': {},
  } as Record<string, Record<string, string>>)) {
    it(name, async () => {
      const { browser, idToken } = await signedIn();
      const answer = await out(browser, { id_token_hint: idToken, ...more });
      assert.deepEqual([answer.status, answer.headers.get('location')], [200, null]);
      assert.match(await answer.text(), /<h1>You are signed out<\/h1>/);
      assert.equal(await isSignedIn(browser), false);
    });
  }

  for (const [name, parameters] of Object.entries({
    'oidcc-rp-initiated-logout-no-params': () => ({}),
    'oidcc-rp-initiated-logout-only-state': () => ({ state: 'x' }),
    'oidcc-rp-initiated-logout-no-id-token-hint': () => ({ post_logout_redirect_uri: app.redirectUri }),
  } as Record<string, () => Record<string, string>>)) {
    it(`${name}: the person is asked, and nobody is sent anywhere`, async () => {
      const { browser } = await signedIn();
      const page = await out(browser, parameters());
      assert.deepEqual([page.status, page.headers.get('location')], [200, null]);
      const text = await page.text();
      assert.match(text, /<h1>Sign out\?<\/h1>/);
      assert.equal(await isSignedIn(browser), true);
      const end = await confirm(browser, text);
      assert.equal(end.headers.get('location'), `${address}/success`);
      assert.match(await (await browser.get(`${address}/success`)).text(), /You are signed out/);
      assert.equal(await isSignedIn(browser), false);
    });
  }

  it('by a client id alone asks, and then leads to the app', async () => {
    const { browser } = await signedIn();
    const parameters = { client_id: app.appId, post_logout_redirect_uri: app.redirectUri, state: 's' };
    const page = await (await out(browser, parameters)).text();
    assert.match(page, /<h1>Sign out\?<\/h1>/);
    assert.equal((await confirm(browser, page)).headers.get('location'), `${app.redirectUri}?state=s`);
    assert.equal(await isSignedIn(browser), false);
  });

  for (const [name, tricked] of Object.entries({
    'oidcc-rp-initiated-logout-bad-post-logout-redirect-uri': () => 'https://evil.example/',
    'oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri': () => `${app.redirectUri}?foo=bar`,
    'of another app': () => other.redirectUri,
    'with a user in front': () => app.redirectUri.replace('https://', 'https://app.contoso.example@evil.example/'),
    'with a path that goes up': () => `${app.redirectUri}/../evil`,
    'with a fragment': () => `${app.redirectUri}#evil`,
    'by http': () => app.redirectUri.replace('https:', 'http:'),
    'that is a script': () => 'javascript:alert(1)',
    'that begins with two slashes': () => '//evil.example/',
  } as Record<string, () => string>)) {
    it(`to an address that isn’t the app’s ends with an error, and nobody is signed out: ${name}`, async () => {
      const { browser, idToken } = await signedIn();
      const answer = await out(browser, { id_token_hint: idToken, post_logout_redirect_uri: tricked() });
      assert.deepEqual([answer.status, answer.headers.get('location')], [400, null]);
      assert.match(await answer.text(), /role="alert">post_logout_redirect_uri not registered/);
      assert.equal(await isSignedIn(browser), true);
      // Nor is who is signed out already sent there.
      const stranger = await out(openBrowser(server), { id_token_hint: idToken, post_logout_redirect_uri: tricked() });
      assert.deepEqual([stranger.status, stranger.headers.get('location')], [200, null]);
    });
  }

  for (const [name, change] of Object.entries({
    'oidcc-rp-initiated-logout-modified-id-token-hint': (token: string) =>
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`,
    'oidcc-rp-initiated-logout-bad-id-token-hint': (token: string) =>
      token.replace(/[^.]+$/, Buffer.alloc(256, 1).toString('base64url')),
    'that is no token at all': () => 'x',
  })) {
    it(`with a hint that isn’t ours ends with an error, and nobody is signed out: ${name}`, async () => {
      const { browser, idToken } = await signedIn();
      const parameters = { id_token_hint: change(idToken), post_logout_redirect_uri: app.redirectUri };
      const answer = await out(browser, parameters);
      assert.deepEqual([answer.status, answer.headers.get('location')], [400, null]);
      assert.equal(await isSignedIn(browser), true);
    });
  }

  it('with the hint of somebody else, or of another app than it says, doesn’t sign out at once', async () => {
    const { browser } = await signedIn();
    const elsewhere = await signInToApp(server, app, await addPerson(server));
    const parameters = { id_token_hint: elsewhere.tokens.id_token!, post_logout_redirect_uri: app.redirectUri };
    assert.match(await (await out(browser, parameters)).text(), /<h1>Sign out\?<\/h1>/);
    assert.equal((await out(browser, { ...parameters, client_id: other.appId })).status, 400);
    assert.equal(await isSignedIn(browser), true);
  });

  it('takes a hint that has expired (RP-Initiated Logout, 4)', async (t) => {
    const { browser, idToken } = await signedIn();
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 2 * 3_600_000 });
    const answer = await out(browser, { id_token_hint: idToken, post_logout_redirect_uri: app.redirectUri });
    t.mock.timers.reset();
    assert.equal(answer.headers.get('location'), app.redirectUri);
    assert.equal(await isSignedIn(browser), false);
  });

  it('can’t be confirmed by a page of another site, which doesn’t know what the form has', async () => {
    const { browser } = await signedIn();
    await out(browser, {});
    const answer = await browser.post(`${address}/confirm`, { xsrf: 'x'.repeat(43), logout: 'yes' });
    assert.equal(answer.status, 400);
    assert.equal(await isSignedIn(browser), true);
  });

  it('ends what any app holds of the session; what one holds without it goes on', async () => {
    const { browser, tokens, idToken } = await signedIn();
    const offline = await signInToApp(server, other, person, { scope: 'openid offline_access' }, browser);
    const elsewhere = await signedIn();
    const request = authorizeRequest(server);
    const center = await redeem(
      server,
      request,
      await followToApp(browser, server, await browser.get(request.address)),
    );
    assert.deepEqual(
      [await userInfoOf(tokens.access_token), await userInfoOf(offline.tokens.access_token)],
      [200, 200],
    );
    await out(browser, { id_token_hint: idToken });
    assert.equal(await userInfoOf(tokens.access_token), 401);
    assert.equal((await server.request('GET', '/v1.0/me', { token: center.accessToken })).status, 401);
    assert.equal(await isSignedIn(browser, other), false);
    assert.equal(await userInfoOf(offline.tokens.access_token), 200);
    const refreshed = await fetch(other.config.serverMetadata().token_endpoint!, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: offline.tokens.refresh_token!,
        client_id: other.appId,
        client_secret: other.secret!,
      }),
    });
    assert.equal(refreshed.status, 200, await refreshed.text());
    // Another browser's session is another one.
    assert.equal(await userInfoOf(elsewhere.tokens.access_token), 200);
    assert.equal(await isSignedIn(elsewhere.browser), true);
  });
});

describe('a request that an app sends as a form', () => {
  it('for a sign-out is the same as by GET', async () => {
    const { browser, idToken } = await signedIn();
    const sent = await browser.post(address, { id_token_hint: idToken, post_logout_redirect_uri: app.redirectUri });
    assert.equal(sent.status, 303);
    assert.equal(await isSignedIn(browser), true);
    const answer = await browser.get(sent.headers.get('location')!);
    assert.equal(answer.headers.get('location'), app.redirectUri);
    assert.equal(await isSignedIn(browser), false);
  });

  const authorization = () => app.config.serverMetadata().authorization_endpoint!;
  const post = (url: string, body: string, type = 'application/x-www-form-urlencoded') =>
    fetch(url, { method: 'POST', body, headers: { 'content-type': type }, redirect: 'manual' });

  it('is asked by the form alone, whatever stands in the address; and a value twice stays twice', async () => {
    const answer = await post(`${authorization()}?client_id=evil`, 'client_id=a&client_id=b&state=%C3%A9');
    assert.equal(answer.headers.get('location'), `${authorization()}?client_id=a&client_id=b&state=%C3%A9`);
    assert.equal(answer.headers.get('set-cookie'), null);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
  });

  it('goes to the organisation that the address names, and never to another host', async () => {
    const to = async (tenant: string) =>
      (await post(`${server.url}/${tenant}/oauth2/v2.0/authorize`, 'a=b')).headers.get('location');
    assert.equal(await to('common'), `${server.url}/common/oauth2/v2.0/authorize?a=b`);
    assert.equal(await to('contoso.example'), `${server.url}/contoso.example/oauth2/v2.0/authorize?a=b`);
    assert.equal(await to('%2F%2Fevil.example'), null);
  });

  it('is refused on a page where it is no form, or too large', async () => {
    assert.equal((await post(authorization(), '{}', 'application/json')).status, 415);
    assert.equal((await post(authorization(), `state=${'x'.repeat(8_001)}`)).status, 413);
    assert.equal((await post(authorization(), `state=${'x'.repeat(20_000)}`)).status, 413);
    const page = await post(address, `state=${'x'.repeat(8_001)}`);
    assert.match(await page.text(), /role="alert">The request is too large/);
  });
});
