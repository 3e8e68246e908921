import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  addPerson,
  authorizeRequest,
  follow,
  followToApp,
  openBrowser,
  redeem,
  signIn,
  tokenRequest,
  type Browser,
  type TestPerson,
} from '../harness/people.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';

let server: TestServer;
let person: TestPerson;
before(async () => {
  server = await startTestServer();
  person = await addPerson(server, ['Global Administrator']);
});
after(() => server.close());

async function codeOf(browser: Browser, changed: Record<string, string | undefined> = {}) {
  const request = authorizeRequest(server, undefined, changed);
  const page = await follow(browser, request.address);
  const { userPrincipalName: userName, password } = person;
  const answer = await browser.post(page.url, { userName, password });
  return { request, callback: await followToApp(browser, server, answer) };
}

describe('an authorization request', () => {
  for (const [what, address] of Object.entries({
    'another host': 'https://evil.example/auth/callback',
    'a path below': '/auth/callback/evil',
    'a path above': '/auth/callback/../../evil',
    'another path': '/auth/other',
    'a query': '/auth/callback?next=https://evil.example',
    'a fragment': '/auth/callback#evil',
    'another case': '/AUTH/callback',
    'a user in front': 'http://127.0.0.1:1@evil.example/auth/callback',
    'a script': 'javascript:alert(1)//auth/callback',
    nothing: '',
  })) {
    it(`is shown an error, and sends nobody, with a redirect URI of ${what}`, async () => {
      const redirect = address.startsWith('/') ? server.config.baseUrl + address : address;
      for (const prompt of [undefined, 'none']) {
        const { address: url } = authorizeRequest(server, undefined, { redirect_uri: redirect, prompt });
        const answer = await openBrowser(server).get(url);
        assert.equal(answer.headers.get('location'), null);
        assert.equal(answer.status, 400);
        assert.match(await answer.text(), /role="alert"/);
      }
    });
  }

  for (const [what, changed] of Object.entries({
    'without PKCE': { code_challenge: undefined, code_challenge_method: undefined },
    'with PKCE by plain': { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' },
    'with PKCE and no method': { code_challenge_method: undefined },
    'for a token at once': { response_type: 'token' },
    'for an ID token at once': { response_type: 'id_token' },
    'for another API': { resource: 'https://graph.microsoft.com' },
  })) {
    it(`${what} is refused`, async () => {
      const answer = await openBrowser(server).get(authorizeRequest(server, undefined, changed).address);
      assert.equal(answer.status, 303);
      const callback = new URL(answer.headers.get('location')!);
      assert.ok(callback.href.startsWith(`${server.config.baseUrl}/auth/callback`));
      assert.match(callback.searchParams.get('error') ?? callback.hash, /\w/);
      assert.equal(callback.searchParams.get('code'), null);
    });
  }

  it("of an app's own client, which signs in nobody, is refused", async () => {
    const { clientId } = await server.createClient([]);
    const answer = await openBrowser(server).get(authorizeRequest(server, undefined, { client_id: clientId }).address);
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.get('location'), null);
  });
});

describe('a code', () => {
  it('is good for one use; a second ends what came of the first', async () => {
    const { request, callback } = await codeOf(openBrowser(server));
    const { refreshToken } = await redeem(server, request, callback);
    const form = {
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code')!,
      redirect_uri: request.redirectUri,
      code_verifier: request.verifier,
    };
    assert.equal((await tokenRequest(server, request.tenant, form)).body.error, 'invalid_grant');
    const renewed = await tokenRequest(server, request.tenant, {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
    });
    assert.equal(renewed.body.error, 'invalid_grant');
  });

  it('is worth nothing without its verifier, with another, for another address, or in another tenant', async () => {
    const tenantId = await server.createTenant();
    for (const changed of [
      { code_verifier: '' },
      { code_verifier: 'x'.repeat(43) },
      { redirect_uri: `${server.config.baseUrl}/` },
      { tenant: tenantId },
    ] as Record<string, string>[]) {
      const { request, callback } = await codeOf(openBrowser(server));
      const { tenant = request.tenant, ...form } = changed;
      const { status, body } = await tokenRequest(server, tenant, {
        grant_type: 'authorization_code',
        code: callback.searchParams.get('code')!,
        redirect_uri: request.redirectUri,
        code_verifier: request.verifier,
        ...form,
      });
      assert.equal(status, 400, JSON.stringify(changed));
      assert.match(body.error, /invalid_(grant|request)/);
    }
  });
});

describe('the session', () => {
  it('gets a new identifier as one signs in, so that a planted one is worth nothing', async () => {
    const attacker = openBrowser(server);
    await follow(attacker, authorizeRequest(server).address);
    const name = `autoclaim_session_${server.tenantId}`;
    const planted = attacker.cookies.find((cookie) => cookie.name === name)?.value ?? 'planted-by-an-attacker';
    const victim = openBrowser(server);
    victim.plant(name, planted);
    await signIn(server, person, victim);
    assert.notEqual(victim.cookies.find((cookie) => cookie.name === name)!.value, planted);
    attacker.plant(name, planted);
    const { address } = authorizeRequest(server, undefined, { prompt: 'none' });
    const answer = await followToApp(attacker, server, await attacker.get(address));
    assert.equal(answer.searchParams.get('error'), 'login_required');
  });

  it('has cookies that no script and no other site can use', async () => {
    const browser = openBrowser(server);
    await follow(browser, authorizeRequest(server).address);
    const asked = [...browser.cookies];
    await signIn(server, person, browser);
    const texts = [...asked, ...browser.cookies].map(({ text }) => text);
    assert.ok(texts.length >= 3);
    for (const text of texts) {
      assert.match(text, /; *httponly/i);
      assert.match(text, /; *samesite=lax/i);
    }
  });

  it('has Secure cookies where the base URL is https, behind a proxy too', async () => {
    const secure = await startTestServer({ config: { baseUrl: 'https://autoclaim.example' } });
    try {
      const response = await fetch(authorizeRequest(secure).address, { redirect: 'manual' });
      const cookies = response.headers.getSetCookie();
      assert.ok(cookies.length > 0);
      for (const cookie of cookies) assert.match(cookie, /; *secure/i);
      await response.text();
    } finally {
      await secure.close();
    }
  });

  for (const [what, end] of Object.entries({
    'is blocked': (one: TestPerson) => patch(one, { accountEnabled: false }),
    'is deleted': (one: TestPerson) => ask('DELETE', `/users/${one.id}`),
    'gets another password': (one: TestPerson) => patch(one, { passwordProfile: { password: 'quite another one' } }),
    'loses a role': (one: TestPerson) =>
      ask('DELETE', `/directoryRoles/f2ef992c-3afb-46b9-b7cf-a126ee74c451/members/${one.id}/$ref`),
    'has the password reset': (one: TestPerson) => ask('POST', `/users/${one.id}/resetPassword`),
  })) {
    it(`ends as its person ${what}, with every token of it`, async () => {
      const one = await addPerson(server, ['Global Reader']);
      const { accessToken, refreshToken, browser } = await signIn(server, one);
      assert.equal((await server.request('GET', '/v1.0/me', { token: accessToken })).status, 200);
      const { status } = await end(one);
      assert.ok(status < 300, String(status));
      assert.equal((await server.request('GET', '/v1.0/me', { token: accessToken })).status, 401);
      const userInfo = await server.request('GET', `/${server.tenantId}/openid/userinfo`, { token: accessToken });
      assert.equal(userInfo.status, 401);
      const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
      assert.equal((await tokenRequest(server, server.tenantId, form)).body.error, 'invalid_grant');
      const { address } = authorizeRequest(server, undefined, { prompt: 'none' });
      const again = await followToApp(browser, server, await browser.get(address));
      assert.equal(again.searchParams.get('error'), 'login_required');
    });
  }

  const ask = async (method: string, path: string, body?: object) => {
    const token = await server.token(['User.ReadWrite.All', 'RoleManagement.ReadWrite.Directory']);
    return server.request(method, `/v1.0${path}`, { token, body });
  };
  const patch = (one: TestPerson, body: object) => ask('PATCH', `/users/${one.id}`, body);
});

describe('a cross-site request', () => {
  it('on the switch finds no one signed in: the API knows no cookies', async () => {
    const { browser, accessToken } = await signIn(server, person);
    const cookie = browser.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    assert.match(cookie, /autoclaim_session/);
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
      const headers = { cookie, 'content-type': type, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
      const body = JSON.stringify({ isEnabled: true });
      const answer = await server.request('PATCH', '/v1.0/admin/autoClaim', { token: null, headers, body });
      assert.equal(answer.status, 401);
    }
    const preflight = await fetch(`${server.url}/v1.0/admin/autoClaim`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'PATCH' },
    });
    assert.equal(preflight.headers.get('access-control-allow-origin'), null);
    await preflight.text();
    const setting = await server.request('GET', '/v1.0/admin/autoClaim', { token: accessToken });
    assert.equal(setting.body.isEnabled, false);
  });

  it('cannot read a token: another origin is not let in', async () => {
    const { accessToken, refreshToken } = await signIn(server, person);
    const ofPerson = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: 'autoclaim-admin-center' };
    for (const [path, headers] of [
      ['/oauth2/v2.0/token', {}],
      ['/openid/userinfo', { authorization: `Bearer ${accessToken}` }],
    ] as const) {
      const response = await fetch(`${server.url}/${server.tenantId}${path}`, {
        method: 'POST',
        headers: { origin: 'https://evil.example', ...headers },
        body: new URLSearchParams(ofPerson),
      });
      assert.equal(response.headers.get('access-control-allow-origin'), null, path);
      await response.text();
    }
  });
});

describe('the pages', () => {
  it('have no script, one style sheet, and let nobody frame them or write into them', async () => {
    const browser = openBrowser(server);
    const page = await follow(
      browser,
      authorizeRequest(server, undefined, { login_hint: '"><script>alert(1)</script>@x.example' }).address,
    );
    const text = await page.response.text();
    assert.doesNotMatch(text, /<script|\son\w+=|style=/);
    assert.match(text, /&quot;&gt;&lt;script&gt;/);
    const policy = page.response.headers.get('content-security-policy') ?? '';
    assert.match(policy, /script-src 'self'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.equal(page.response.headers.get('cache-control'), 'no-store');
    const answer = await browser.post(page.url, { userName: '<img src=x>', password: 'x' });
    assert.doesNotMatch(await answer.text(), /<img/);
  });

  it('of a sign-in open in the browser that began it alone', async () => {
    const page = await follow(openBrowser(server), authorizeRequest(server).address);
    const { userPrincipalName: userName, password } = person;
    const elsewhere = openBrowser(server);
    assert.equal((await elsewhere.get(page.url)).status, 400);
    const answer = await elsewhere.post(page.url, { userName, password });
    assert.equal(answer.status, 400);
    assert.match(await answer.text(), /This sign-in has ended/);
  });
});

describe('a session that a request under way writes once more', () => {
  it('stays ended', async () => {
    const one = await addPerson(server);
    const { accessToken, browser } = await signIn(server, one);
    const { pool } = server.db;
    // It began a while ago; a session knows that to the second.
    await pool.query(
      `update openid_artifacts set payload = jsonb_set(payload, '{loginTs}', to_jsonb((payload ->> 'loginTs')::bigint - 5))
        where model = 'Session' and payload ->> 'accountId' = $1`,
      [one.id],
    );
    await pool.query(
      `create table written as select * from openid_artifacts where payload ->> 'accountId' = '${one.id}'`,
    );
    const token = await server.token(['User.ReadWrite.All']);
    const body = { passwordProfile: { password: 'quite another one' } };
    assert.equal((await server.request('PATCH', `/v1.0/users/${one.id}`, { token, body })).status, 204);
    await pool.query('insert into openid_artifacts select * from written; drop table written');
    assert.equal((await server.request('GET', '/v1.0/me', { token: accessToken })).status, 401);
    const { address } = authorizeRequest(server, undefined, { prompt: 'none' });
    const again = await followToApp(browser, server, await browser.get(address));
    assert.equal(again.searchParams.get('error'), 'login_required');
    await signIn(server, { ...one, password: 'quite another one' });
  });
});
