import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as oidc from 'openid-client';
import { decodeJwt } from 'jose';
import {
  addPerson,
  ADMIN_CENTER,
  authorizeRequest,
  follow,
  followToApp,
  openBrowser,
  redeem,
  signIn,
  tokenRequest,
  type TestPerson,
} from '../harness/people.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';

let server: TestServer;
let person: TestPerson;
before(async () => {
  server = await startTestServer();
  person = await addPerson(server, ['License Administrator'], { columns: { display_name: 'Ann "<b>" O’Neil' } });
});
after(() => server.close());

const scope = () => `openid profile offline_access ${server.config.baseUrl}/.default`;

describe('openid-client, as any client is', () => {
  it('finds the provider, signs in with PKCE, asks who it is, gets new tokens, and signs out', async () => {
    const config = await oidc.discovery(
      new URL(`${server.url}/${server.tenantId}/v2.0`),
      ADMIN_CENTER,
      undefined,
      oidc.None(),
      { execute: [oidc.allowInsecureRequests] },
    );
    const verifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const address = oidc.buildAuthorizationUrl(config, {
      redirect_uri: `${server.url}/auth/callback`,
      scope: scope(),
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    const browser = openBrowser(server);
    const page = await follow(browser, address.href);
    assert.match(await page.response.text(), /<label for="userName">User name<\/label>/);
    const answer = await browser.post(page.url, { userName: person.userPrincipalName, password: person.password });
    const callback = await followToApp(browser, server, answer);
    const tokens = await oidc.authorizationCodeGrant(config, callback, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
    });
    const claims = tokens.claims()!;
    assert.equal(claims.sub, person.id);
    assert.equal(claims['preferred_username'], person.userPrincipalName);
    assert.equal(claims['tid'], server.tenantId);

    const told = await oidc.fetchUserInfo(config, tokens.access_token, person.id);
    assert.equal(told.name, 'Ann "<b>" O’Neil');

    const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token!);
    assert.notEqual(renewed.access_token, tokens.access_token);
    assert.notEqual(renewed.refresh_token, tokens.refresh_token);
    const me = await server.request('GET', '/v1.0/me', { token: renewed.access_token });
    assert.equal(me.body.id, person.id);

    const signOut = oidc.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token!,
      post_logout_redirect_uri: `${server.url}/`,
      state: 'bye',
    });
    const out = await browser.get(signOut.href);
    assert.equal(out.status, 303, await out.text());
    assert.equal(out.headers.get('location'), `${server.url}/?state=bye`);
    assert.equal((await server.request('GET', '/v1.0/me', { token: renewed.access_token })).status, 401);
    await assert.rejects(oidc.refreshTokenGrant(config, renewed.refresh_token!), /invalid_grant|response/);
  });
});

describe('a token of a person', () => {
  it('says who, in which tenant, with which roles, and is none of an app', async () => {
    const { accessToken } = await signIn(server, person);
    const { oid, tid, wids, scp, roles, aud, idtyp } = decodeJwt(accessToken);
    assert.deepEqual(
      { oid, tid, wids, scp, roles, aud, idtyp },
      {
        oid: person.id,
        tid: server.tenantId,
        wids: ['4d6ac14f-3453-41d0-bef9-a3e0c569773a'],
        scp: 'user_impersonation',
        roles: undefined,
        aud: server.config.baseUrl,
        idtyp: 'user',
      },
    );
  });

  it('is for this API only where that was asked for', async () => {
    const browser = openBrowser(server);
    const request = authorizeRequest(server, undefined, { scope: 'openid profile' });
    const page = await follow(browser, request.address);
    const answer = await browser.post(page.url, { userName: person.userPrincipalName, password: person.password });
    const { accessToken } = await redeem(server, request, await followToApp(browser, server, answer));
    assert.equal((await server.request('GET', '/v1.0/me', { token: accessToken })).status, 401);
    const told = await server.request('GET', `/${server.tenantId}/openid/userinfo`, { token: accessToken });
    assert.equal(told.status, 200, JSON.stringify(told.body));
    assert.equal(told.body.oid, person.id);
  });

  it('shows in the audit who it was', async () => {
    const admin = await addPerson(server, ['Global Administrator'], { columns: { display_name: 'The admin' } });
    const { accessToken: token } = await signIn(server, admin);
    await server.request('PATCH', `/v1.0/users/${person.id}`, { token, body: { jobTitle: 'Painter' } });
    const { body } = await server.request('GET', '/v1.0/auditLogs/directoryAudits?$top=1', { token });
    assert.equal(body.value[0].activityDisplayName, 'Update user');
    assert.deepEqual(body.value[0].initiatedBy, {
      app: null,
      user: {
        id: admin.id,
        displayName: 'The admin',
        userPrincipalName: admin.userPrincipalName,
        ipAddress: null,
      },
    });
  });
});

describe('who is signed in', () => {
  it('gets another code without a page (prompt=none); who is not, gets login_required', async () => {
    const { browser } = await signIn(server, person);
    const request = authorizeRequest(server, 'common', { prompt: 'none' });
    const callback = await followToApp(browser, server, await browser.get(request.address));
    const { accessToken } = await redeem(server, request, callback);
    assert.equal(decodeJwt(accessToken)['oid'], person.id);
    assert.equal(callback.searchParams.get('state'), request.state);
    const [stranger, asked] = [openBrowser(server), authorizeRequest(server, 'common', { prompt: 'none' })];
    const refused = await followToApp(stranger, server, await stranger.get(asked.address));
    assert.equal(refused.searchParams.get('error'), 'login_required');
  });

  it('can be another person after prompt=login, and the first one is signed out', async () => {
    const first = await signIn(server, person);
    const second = await addPerson(server);
    const request = authorizeRequest(server, undefined, { prompt: 'login' });
    const page = await follow(first.browser, request.address);
    const answer = await first.browser.post(page.url, {
      userName: second.userPrincipalName,
      password: second.password,
    });
    const { accessToken } = await redeem(server, request, await followToApp(first.browser, server, answer));
    assert.equal(decodeJwt(accessToken)['oid'], second.id);
    assert.equal((await server.request('GET', '/v1.0/me', { token: first.accessToken })).status, 401);
  });

  it('is asked before signing out where no ID token comes along', async () => {
    const { browser, accessToken } = await signIn(server, person);
    const address = `${server.url}/common/oauth2/v2.0/logout?client_id=${ADMIN_CENTER}&post_logout_redirect_uri=${encodeURIComponent(`${server.url}/`)}`;
    const page = await browser.get(address);
    const text = await page.text();
    assert.match(text, /<h1>Sign out\?<\/h1>/);
    assert.doesNotMatch(text, /<script/);
    assert.equal((await server.request('GET', '/v1.0/me', { token: accessToken })).status, 200);
    const [, action] = /action="([^"]+)"/.exec(text)!;
    const [, xsrf] = /name="xsrf" value="([^"]+)"/.exec(text)!;
    const out = await browser.post(action!, { xsrf: xsrf!, logout: 'yes' });
    assert.equal(out.headers.get('location'), `${server.url}/`);
    assert.equal((await server.request('GET', '/v1.0/me', { token: accessToken })).status, 401);
    // Once more, signed out already.
    const again = await browser.get(address);
    assert.equal(again.headers.get('location'), `${server.url}/`);
  });
});

describe('with several organisations', () => {
  let several: TestServer;
  let other: TestPerson;
  before(async () => {
    several = await startTestServer();
    const tenantId = await several.createTenant({ defaultDomain: 'fabrikam.example' });
    other = await addPerson(several, [], { tenantId, columns: { user_principal_name: 'eve@fabrikam.example' } });
  });
  after(() => several.close());

  it('the user name tells in which one to sign in', async () => {
    const browser = openBrowser(several);
    const request = authorizeRequest(several, 'common');
    const page = await browser.get(request.address);
    assert.match(await page.text(), /what stands behind the @ tells your organisation/);
    const wrong = await browser.get(`${request.address}&login_hint=eve%40nowhere.example`);
    assert.equal(wrong.status, 400);
    assert.match(await wrong.text(), /role="alert">No organisation here has this domain/);
    const form = await follow(browser, `${request.address}&login_hint=eve%40fabrikam.example`);
    assert.match(await form.response.text(), /value="eve@fabrikam.example"/);
    const answer = await browser.post(form.url, { userName: 'EVE@Fabrikam.example', password: other.password });
    const callback = await followToApp(browser, several, answer);
    assert.equal(callback.searchParams.get('iss'), `${several.url}/${other.tenantId}/v2.0`);
    const { accessToken } = await redeem(several, { ...request, tenant: other.tenantId }, callback);
    assert.equal(decodeJwt(accessToken)['oid'], other.id);
  });

  it('a request that must not ask is told that it would have to', async () => {
    const browser = openBrowser(several);
    const asked = authorizeRequest(several, 'common', { prompt: 'none' });
    const callback = await followToApp(browser, several, await browser.get(asked.address));
    assert.equal(callback.searchParams.get('error'), 'login_required');
    assert.equal(callback.searchParams.get('state'), asked.state);
    const elsewhere = authorizeRequest(several, 'common', { prompt: 'none', redirect_uri: 'https://evil.example/' });
    assert.equal((await browser.get(elsewhere.address)).status, 200);
  });

  it('cookies of one are not those of another', async () => {
    const names = await Promise.all(
      [several.tenantId, other.tenantId].map(async (tenantId) => {
        const who = tenantId === other.tenantId ? other : await addPerson(several, []);
        return (await signIn(several, who)).browser.cookies.map(({ name }) => name);
      }),
    );
    assert.deepEqual(
      names[0]!.filter((name) => names[1]!.includes(name)),
      [],
    );
  });
});

describe('refresh tokens', () => {
  const refresh = (token: string) =>
    tokenRequest(server, server.tenantId, { grant_type: 'refresh_token', refresh_token: token });

  it('are good once; a second use ends all that came of the sign-in', async () => {
    const { refreshToken } = await signIn(server, person);
    const renewed = await refresh(refreshToken);
    assert.equal(renewed.status, 200, JSON.stringify(renewed.body));
    assert.equal((await refresh(refreshToken)).body.error, 'invalid_grant');
    assert.equal((await refresh(renewed.body.refresh_token)).body.error, 'invalid_grant');
  });
});
