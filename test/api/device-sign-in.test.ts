import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { addAppClient, goOn } from '../harness/app-client.ts';
import { addPerson, openBrowser, signIn, type Browser, type TestPerson } from '../harness/people.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf } from '../harness/world.ts';

const COMMAND_LINE = 'autoclaim-cli';

let server: TestServer;
let person: TestPerson;
let config: oidc.Configuration;
before(async () => {
  server = await startTestServer();
  person = await addPerson(server, ['License Administrator']);
  config = await discover(COMMAND_LINE);
});
after(() => server.close());

const discover = (clientId: string, proof = oidc.None()) =>
  oidc.discovery(new URL(`${server.url}/${server.tenantId}/v2.0`), clientId, undefined, proof, {
    execute: [oidc.allowInsecureRequests],
  });
const scope = () => `openid profile offline_access ${server.config.baseUrl}/.default`;
const begin = () => oidc.initiateDeviceAuthorization(config, { scope: scope() });
const poll = (begun: oidc.DeviceAuthorizationResponse) =>
  oidc.pollDeviceAuthorizationGrant(config, { ...begun, interval: 0.05 });
/** One question, as whoever doesn't wait asks it. */
const ask = async (begun: { device_code: string }, clientId = COMMAND_LINE) => {
  const response = await fetch(config.serverMetadata().token_endpoint!, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: begun.device_code,
      client_id: clientId,
    }),
  });
  return (await response.json()) as { error?: string; access_token?: string };
};
const secretOf = (page: string) => /name="xsrf" value="([^"]+)"/.exec(page)![1]!;
/** Types the code; the page that comes. */
const type = async (browser: Browser, userCode: string) => {
  const address = `${server.url}/${server.tenantId}/device`;
  const page = await (await browser.get(address)).text();
  const answer = await browser.post(address, { xsrf: secretOf(page), user_code: userCode });
  return { address, status: answer.status, page: await answer.text() };
};
/** Types the code, goes on, and signs in where that is asked for; the last page. */
const confirm = async (browser: Browser, userCode: string, as: TestPerson | undefined) => {
  const { address, page } = await type(browser, userCode);
  const answer = await browser.post(address, { xsrf: secretOf(page), user_code: userCode, confirm: 'yes' });
  const next = await goOn(browser, server, answer, address);
  if (!next.page!.url.includes('/sign-in/') || !as) return next.page!;
  const form = { userName: as.userPrincipalName, password: as.password };
  const end = await goOn(browser, server, await browser.post(next.page!.url, form), next.page!.url);
  return end.page!;
};

describe('signing in to the command line', () => {
  it('shows a code, waits, and gets a token for this API in the person’s name', async () => {
    const begun = await begin();
    assert.match(begun.user_code, /^[B-Z]{4}-[B-Z]{4}$/);
    assert.equal(begun.verification_uri, `${server.url}/${server.tenantId}/device`);
    assert.equal(begun.expires_in, 600);
    assert.equal((await ask(begun)).error, 'authorization_pending');
    const waiting = poll(begun);
    const browser = openBrowser(server);
    const { page: question } = await type(browser, begun.user_code.toLowerCase().replace('-', ' '));
    assert.match(question, /<h1>Sign in to Autoclaim CLI\?<\/h1>/);
    assert.match(question, new RegExp(begun.user_code));
    assert.match(question, /You sign in next/);
    const end = await confirm(browser, begun.user_code, person);
    assert.match(end.text, /<h1>You are signed in<\/h1>/);
    assert.doesNotMatch(end.text, /<script/);

    const tokens = await waiting;
    assert.equal(tokens.claims()!.sub, person.id);
    const { aud, scp, wids, oid, azp } = decodeJwt(tokens.access_token);
    assert.deepEqual(
      { aud, scp, wids, oid, azp },
      {
        aud: server.config.baseUrl,
        scp: 'user_impersonation',
        wids: ['4d6ac14f-3453-41d0-bef9-a3e0c569773a'],
        oid: person.id,
        azp: COMMAND_LINE,
      },
    );
    const me = await server.request('GET', '/v1.0/me', { token: tokens.access_token });
    assert.equal(me.body.id, person.id);
    const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token!);
    assert.equal((await server.request('GET', '/v1.0/me', { token: renewed.access_token })).status, 200);
    // The code is spent, here and there; one that is taken twice was not the program's alone.
    assert.match((await type(browser, begun.user_code)).page, /role="alert">This code was used already/);
    assert.equal((await ask(begun)).error, 'invalid_grant');
    await assert.rejects(oidc.refreshTokenGrant(config, renewed.refresh_token!), { error: 'invalid_grant' });
  });

  it('may ask in the very moment that the person confirms', async () => {
    for (let times = 0; times < 6; times += 1) {
      const begun = await begin();
      const ended = async (): Promise<Awaited<ReturnType<typeof ask>>> => {
        const answer = await ask(begun);
        return answer.error === 'authorization_pending' ? ended() : answer;
      };
      const [answer] = await Promise.all([ended(), confirm(openBrowser(server), begun.user_code, person)]);
      assert.ok(answer.access_token, JSON.stringify(answer));
    }
  });

  it('asks for no password where somebody is signed in, but says who', async () => {
    const { browser } = await signIn(server, person);
    const begun = await begin();
    const { page } = await type(browser, begun.user_code);
    assert.match(page, new RegExp(`what <strong>${person.userPrincipalName}</strong> may do here`));
    assert.match((await confirm(browser, begun.user_code, undefined)).text, /<h1>You are signed in<\/h1>/);
    assert.equal(decodeJwt((await poll(begun)).access_token)['oid'], person.id);
  });

  it('ends with the browser’s session: as one signs out there, or is blocked', async () => {
    for (const end of [
      (browser: Browser, idToken: string) =>
        browser.get(`${server.url}/${server.tenantId}/oauth2/v2.0/logout?id_token_hint=${idToken}`),
      (_: Browser, __: string, one: TestPerson) =>
        server.request('PATCH', `/v1.0/users/${one.id}`, {
          permissions: ['User.ReadWrite.All'],
          body: { accountEnabled: false },
        }),
    ]) {
      const one = await addPerson(server);
      const browser = openBrowser(server);
      const begun = await begin();
      await confirm(browser, begun.user_code, one);
      const tokens = await poll(begun);
      assert.equal((await server.request('GET', '/v1.0/me', { token: tokens.access_token })).status, 200);
      await end(browser, tokens.id_token!, one);
      assert.equal((await server.request('GET', '/v1.0/me', { token: tokens.access_token })).status, 401);
      await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token!), { error: 'invalid_grant' });
    }
  });

  it('can be cancelled, which the program is told', async () => {
    const begun = await begin();
    const browser = openBrowser(server);
    const { address, page } = await type(browser, begun.user_code);
    const form = { xsrf: secretOf(page), user_code: begun.user_code, abort: 'yes' };
    assert.match(await (await browser.post(address, form)).text(), /role="alert">Nobody was signed in/);
    await assert.rejects(poll(begun), { error: 'access_denied' });
  });

  it('takes a code from the address as far as the field, and no further', async () => {
    const begun = await begin();
    const browser = openBrowser(server);
    const first = await browser.get(begun.verification_uri_complete!);
    const page = await first.text();
    assert.match(page, new RegExp(`value="${begun.user_code}"`));
    assert.doesNotMatch(page, /<script/);
    const hostile = await browser.get(`${begun.verification_uri}?user_code=%22%3E%3Cscript%3E&user_code_x=1`);
    assert.match(await hostile.text(), /value="&quot;&gt;&lt;script&gt;"/);
    const twice = await browser.get(`${begun.verification_uri}?user_code=A&user_code=B`);
    assert.equal(twice.status, 400);
  });

  it('says what is wrong with a code', async () => {
    const browser = openBrowser(server);
    assert.match((await type(browser, '')).page, /role="alert">Type the code/);
    assert.match((await type(browser, 'BBBB-BBBB')).page, /role="alert">No program waits with this code/);
    const begun = await begin();
    await server.db.pool.query(
      "update openid_artifacts set expires_at = now() - interval '1 second' where model = 'DeviceCode' and user_code = $1",
      [begun.user_code.replace('-', '')],
    );
    assert.match((await type(browser, begun.user_code)).page, /role="alert">No program waits with this code/);
    assert.equal((await ask(begun)).error, 'invalid_grant');
  });
});

describe('a code', () => {
  it('can’t be confirmed by another site’s form, or by another browser’s', async () => {
    const begun = await begin();
    const mine = openBrowser(server);
    const { address, page } = await type(mine, begun.user_code);
    const form = { xsrf: secretOf(page), user_code: begun.user_code, confirm: 'yes' };
    const stranger = await openBrowser(server).post(address, form);
    assert.deepEqual([stranger.status, stranger.headers.get('location')], [303, address]);
    const wrong = await mine.post(address, { ...form, xsrf: 'x' });
    assert.deepEqual([wrong.status, wrong.headers.get('location')], [400, null]);
    assert.match(await wrong.text(), /role="alert">xsrf token invalid/);
    assert.equal((await ask(begun)).error, 'authorization_pending');
  });

  it('whose sign-in is another browser’s, or is over, leads nowhere', async () => {
    const begun = await begin();
    const browser = openBrowser(server);
    const { address, page } = await type(browser, begun.user_code);
    await browser.post(address, { xsrf: secretOf(page), user_code: begun.user_code, confirm: 'yes' });
    const resume = browser.cookies.find(({ name }) => name.startsWith('autoclaim_resume'))!.path;
    const theirs = openBrowser(server);
    assert.equal((await theirs.get(`${server.url}${resume}`)).headers.get('location'), address);
    await signIn(server, person, theirs);
    assert.match(await (await theirs.get(`${server.url}${resume}`)).text(), /role="alert"/);
    assert.equal((await ask(begun)).error, 'authorization_pending');
  });

  it('is the program’s alone that asked for it, and none of another organisation’s', async () => {
    const begun = await begin();
    await confirm(openBrowser(server), begun.user_code, person);
    assert.equal((await ask(begun, 'autoclaim-admin-center')).error, 'invalid_request');
    const tenantId = await server.createTenant();
    const elsewhere = `${server.url}/${tenantId}/device`;
    const browser = openBrowser(server);
    const page = await (await browser.get(elsewhere)).text();
    const next = await begin();
    const answer = await browser.post(elsewhere, { xsrf: secretOf(page), user_code: next.user_code });
    assert.match(await answer.text(), /No program waits with this code/);
    assert.ok((await ask(begun)).access_token);
  });

  it('that is guessed makes whoever guesses wait, and nobody else', async () => {
    const tenantId = await server.createTenant();
    const address = `${server.url}/${tenantId}/device`;
    const page = await fetch(address);
    const form = { xsrf: secretOf(await page.text()), user_code: 'BBBB-BBBB' };
    const cookie = page.headers.getSetCookie()[0]!.split(';')[0]!;
    const guess = async (from: string) => {
      const headers = { cookie, 'x-forwarded-for': from };
      const answer = await fetch(address, { method: 'POST', headers, body: new URLSearchParams(form) });
      return { status: answer.status, wait: answer.headers.get('retry-after'), text: await answer.text() };
    };
    const statuses: number[] = [];
    // Each page has the next secret, and the cookie stays.
    for (let times = 0; times < 6; times += 1) {
      const { status, text } = await guess('203.0.113.1');
      statuses.push(status);
      if (status === 200) form.xsrf = secretOf(text);
    }
    assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429]);
    const { wait, text } = await guess('203.0.113.1');
    assert.ok(Number(wait) > 0 && Number(wait) <= 30);
    assert.match(text, /role="alert">Too many attempts have failed. Wait \d+ seconds/);
    assert.equal((await guess('203.0.113.2')).status, 200);
  });

  it('is given to no app, and the command line signs nobody in by redirects', async () => {
    const world = worldOf(server);
    for (const kind of ['publicClient', 'web'] as const) {
      const app = await addAppClient(world, kind, kind === 'web' ? {} : { redirectUri: 'http://127.0.0.1/cb' });
      await assert.rejects(oidc.initiateDeviceAuthorization(app.config, { scope: 'openid' }), {
        error: 'invalid_request',
        error_description: 'urn:ietf:params:oauth:grant-type:device_code is not allowed for this client',
      });
    }
    const authorize = oidc.buildAuthorizationUrl(config, { redirect_uri: 'http://127.0.0.1/', scope: 'openid' });
    const answer = await openBrowser(server).get(authorize.href);
    assert.deepEqual([answer.status, answer.headers.get('location')], [400, null]);
  });

  it('asked for with another scope or resource gets no token for this API', async () => {
    const begun = await oidc.initiateDeviceAuthorization(config, { scope: 'openid profile' });
    await confirm(openBrowser(server), begun.user_code, person);
    const { access_token: token } = await poll(begun);
    assert.equal((await server.request('GET', '/v1.0/me', { token })).status, 401);
    const resource = 'https://graph.microsoft.com';
    await assert.rejects(oidc.initiateDeviceAuthorization(config, { scope: 'openid', resource }), {
      error: 'invalid_target',
    });
  });
});
