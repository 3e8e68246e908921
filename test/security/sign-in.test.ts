import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { hash } from '@node-rs/argon2';
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

/** Opens a sign-in page; posts to it what somebody typed. */
async function attempt(userName: string, password: string, browser = openBrowser(server)): Promise<Response> {
  const page = await follow(browser, authorizeRequest(server).address);
  return browser.post(page.url, { userName, password });
}

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
    'for consent': { prompt: 'consent' },
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

describe('guessing passwords', () => {
  it('tells nothing of whether there is such a user: by text, status or time', async () => {
    const [known, blocked] = await Promise.all(
      [{}, { is_account_enabled: false }].map(async (columns) =>
        addPerson(server, [], { columns: { ...columns, password_hash: await hash('the right password') } }),
      ),
    );
    const noPassword = await addPerson(server, [], { columns: { password_hash: null } });
    const names = [known!, blocked!, noPassword].map(({ userPrincipalName }) => userPrincipalName);
    const took = new Map<string, number[]>();
    const seen = new Set<string>();
    // The busier the machine, the more rounds until the quickest of each has nothing else in it.
    for (let round = 0; round < 20 && (round < 5 || ratio(took) >= 2); round += 1) {
      await server.db.pool.query('delete from sign_in_attempts');
      for (const name of [...names, 'nobody@contoso.example', 'nobody@nowhere.example']) {
        const browser = openBrowser(server);
        const page = await follow(browser, authorizeRequest(server).address);
        const begun = performance.now();
        const answer = await browser.post(page.url, { userName: name, password: 'a wrong password' });
        took.set(name, [...(took.get(name) ?? []), performance.now() - begun]);
        const text = (await answer.text()).replaceAll(name, '').replaceAll(/sign-in\/[\w-]+/g, '');
        seen.add(`${answer.status} ${text}`);
      }
    }
    assert.equal(seen.size, 1, [...seen].join('\n'));
    assert.match([...seen][0]!, /^401 [^]*role="alert">The user name or the password is wrong\./);
    assert.ok(ratio(took) < 2, JSON.stringify([...took]));
  });

  /** Of the slowest name to the quickest, each at its quickest: what else the machine does only adds. */
  const ratio = (took: ReadonlyMap<string, readonly number[]>) => {
    const quickest = [...took.values()].map((times) => Math.min(...times));
    return Math.max(...quickest) / Math.min(...quickest);
  };

  it('has to wait after five, the same for a name that nobody has; the right one does too', async () => {
    const one = await addPerson(server);
    for (const name of [one.userPrincipalName, `${randomUUID()}@contoso.example`]) {
      for (let guess = 0; guess < 5; guess += 1) assert.equal((await attempt(name, `guess ${guess}`)).status, 401);
      const refused = await attempt(name.toUpperCase(), one.password);
      assert.equal(refused.status, 429);
      const seconds = Number(refused.headers.get('retry-after'));
      assert.ok(seconds > 20 && seconds <= 30, String(seconds));
      assert.match(await refused.text(), /role="alert">Too many attempts have failed\. Wait \d+ seconds/);
    }
    // The wait is over (by moving the past): one more, and it is twice as long.
    await rest(31);
    assert.equal((await attempt(one.userPrincipalName, 'guess')).status, 401);
    const refused = await attempt(one.userPrincipalName, 'guess');
    assert.ok(Number(refused.headers.get('retry-after')) > 50);
    await rest(61);
    assert.equal((await attempt(one.userPrincipalName, one.password)).status, 303);
    // And the count begins anew.
    for (let guess = 0; guess < 5; guess += 1) {
      assert.equal((await attempt(one.userPrincipalName, 'guess')).status, 401);
    }
  });

  it('many at once are counted as many', async () => {
    const one = await addPerson(server);
    const browser = openBrowser(server);
    const page = await follow(browser, authorizeRequest(server).address);
    const guesses = Array.from({ length: 20 }, (_, guess) =>
      browser.post(page.url, { userName: one.userPrincipalName, password: `guess ${guess}` }),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 401).length, 5);
    assert.equal(statuses.filter((status) => status === 429).length, 15);
  });

  it('over many names from one address has to wait, too', async () => {
    const { pool } = server.db;
    await pool.query("delete from sign_in_attempts where kind = 'address'");
    for (let guess = 0; guess < 50; guess += 1) {
      assert.equal((await attempt(`${randomUUID()}@contoso.example`, 'guess')).status, 401);
    }
    assert.equal((await attempt(person.userPrincipalName, person.password)).status, 429);
    // Who comes from elsewhere through a proxy on this machine isn't held up.
    const page = await follow(openBrowser(server), authorizeRequest(server).address);
    assert.equal(page.response.status, 200);
    await pool.query("delete from sign_in_attempts where kind = 'address'");
  });

  const rest = (seconds: number) =>
    server.db.pool.query('update sign_in_attempts set last_failed_at = last_failed_at - make_interval(secs => $1)', [
      seconds,
    ]);

  it('goes on nowhere else: a change of password is counted with it', async () => {
    const one = await addPerson(server);
    const { accessToken: token } = await signIn(server, one);
    const change = (currentPassword: string) =>
      server.request('POST', '/v1.0/me/changePassword', {
        token,
        body: { currentPassword, newPassword: 'entirely new one' },
      });
    for (let guess = 0; guess < 5; guess += 1) assert.equal((await change(`guess ${guess}`)).status, 400);
    const refused = await change(one.password);
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    assert.equal((await attempt(one.userPrincipalName, one.password)).status, 429);
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
