import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as oidc from 'openid-client';
import { addAppClient, beginSignIn, goOn, open, signInToApp, type AppClient } from '../harness/app-client.ts';
import { addPerson, openBrowser } from '../harness/people.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World, type WorldProduct } from '../harness/world.ts';

let server: TestServer;
let world: World;
let product: WorldProduct;
let app: AppClient;
let plan: string;
before(async () => {
  server = await startTestServer();
  world = worldOf(server);
  product = await world.addProduct({ TEAMS1: {}, OTHER: {} });
  plan = product.plans['TEAMS1']!;
  await world.buy(product, 100);
  await world.turnAutoClaim(true);
  app = await addAppClient(world, 'web', { requiredServicePlanIds: [plan] });
  await world.addPolicy(app, [product]);
});
after(() => server.close());

const license = () => [{ skuPartNumber: product.skuPartNumber, skuId: product.skuId }];
const signInsOf = async (userId: string) =>
  (await world.get(`/auditLogs/signIns?$filter=userId eq ${userId}`)).value as any[];
const holds = (userId: string) =>
  world.value('select count(*)::int from licenses where tenant_id = $1 and user_id = $2', userId);

describe('a web app', () => {
  it('gets the license in the ID token and in userinfo: the seat was claimed on the way', async () => {
    const person = await addPerson(server, [], {
      columns: { given_name: 'Ann', surname: 'O’Neil', mail: 'ann@contoso.example' },
    });
    const { tokens } = await signInToApp(server, app, person);
    const claims = tokens.claims()!;
    assert.equal(claims.sub, person.id);
    assert.equal(claims.aud, app.appId);
    assert.deepEqual(claims['licenses'], license());
    assert.deepEqual(claims['service_plans'], ['TEAMS1']);
    assert.deepEqual(
      [claims['given_name'], claims['family_name'], claims['email'], claims['preferred_username']],
      ['Ann', 'O’Neil', 'ann@contoso.example', person.userPrincipalName],
    );
    const told = await oidc.fetchUserInfo(app.config, tokens.access_token, person.id);
    assert.deepEqual([told['licenses'], told['service_plans']], [license(), ['TEAMS1']]);
    assert.equal(tokens.refresh_token, undefined);
    const [signIn, ...others] = await signInsOf(person.id);
    assert.deepEqual([signIn.outcome, signIn.door, others.length], ['claimed', 'openIdConnect', 0]);
    assert.equal(await holds(person.id), 1);
  });

  it('gets no token for this API, whatever it asks for', async () => {
    const person = await addPerson(server, ['Global Administrator']);
    const everything = `${server.config.baseUrl}/.default`;
    const { tokens } = await signInToApp(server, app, person, { scope: `openid ${everything}` });
    assert.equal(tokens.access_token.includes('.'), false);
    assert.equal((await server.request('GET', '/v1.0/me', { token: tokens.access_token })).status, 401);
    const begun = await beginSignIn(app, { resource: server.config.baseUrl });
    const { callback } = await open(server, begun, person);
    assert.equal(callback?.searchParams.get('error'), 'invalid_target');
  });

  it('may leave PKCE out, as it has a secret; and without the secret there are no tokens', async () => {
    const person = await addPerson(server);
    const begun = await beginSignIn(app);
    begun.address.searchParams.delete('code_challenge');
    begun.address.searchParams.delete('code_challenge_method');
    const { callback } = await open(server, begun, person);
    const form = {
      grant_type: 'authorization_code',
      code: callback!.searchParams.get('code')!,
      redirect_uri: app.redirectUri,
    };
    const ask = async (more: Record<string, string>) => {
      const response = await fetch(`${server.url}/${server.tenantId}/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: app.appId, ...form, ...more }),
      });
      return { status: response.status, body: (await response.json()) as any };
    };
    assert.deepEqual([(await ask({})).status, (await ask({ client_secret: 'wrong' })).status], [401, 401]);
    const { status, body } = await ask({ client_secret: app.secret! });
    assert.equal(status, 200, JSON.stringify(body));
    assert.ok(body.id_token);
  });

  it('signs in again without a page, which is a sign-in too', async () => {
    const person = await addPerson(server);
    const { browser } = await signInToApp(server, app, person);
    const { tokens } = await signInToApp(server, app, person, { prompt: 'none' }, browser);
    assert.deepEqual(tokens.claims()!['licenses'], license());
    assert.deepEqual((await signInsOf(person.id)).map(({ outcome }) => outcome).sort(), ['claimed', 'licensed']);
  });

  it('that requires no license is signed in to, and nothing is decided', async () => {
    const free = await addAppClient(world, 'web');
    const person = await addPerson(server);
    const { tokens } = await signInToApp(server, free, person);
    assert.equal('licenses' in tokens.claims()!, false);
    assert.deepEqual(await signInsOf(person.id), []);
  });

  it('acts for itself as before, by client credentials', async () => {
    const granted = await addAppClient(world, 'web', { permissions: ['User.Read.All'] });
    const tokens = await oidc.clientCredentialsGrant(granted.config, { scope: `${server.config.baseUrl}/.default` });
    const answer = await server.request('GET', '/v1.0/users?$top=1', { token: tokens.access_token });
    assert.equal(answer.status, 200);
  });

  it('gets its code by a form, where it asks for that', async () => {
    const person = await addPerson(server);
    const { page } = await open(server, await beginSignIn(app, { response_mode: 'form_post' }), person);
    assert.match(page!.text, new RegExp(`action="${app.redirectUri}"`));
    assert.match(page!.text, /name="code"/);
  });
});

describe('a public client', () => {
  it('that is a page proves itself by PKCE, and may call from where it is', async () => {
    const spa = await addAppClient(world, 'spa', {
      requiredServicePlanIds: [plan],
      redirectUri: 'https://spa.contoso.example/',
    });
    await world.addPolicy(spa, [product]);
    const person = await addPerson(server);
    const { tokens } = await signInToApp(server, spa, person);
    assert.deepEqual(tokens.claims()!['licenses'], license());
    const preflight = (origin: string) =>
      fetch(`${server.url}/${server.tenantId}/openid/userinfo`, {
        headers: { origin, authorization: `Bearer ${tokens.access_token}` },
      });
    const allowed = (await preflight('https://spa.contoso.example')).headers.get('access-control-allow-origin');
    assert.equal(allowed, 'https://spa.contoso.example');
    assert.equal((await preflight('https://evil.example')).headers.get('access-control-allow-origin'), null);
  });

  it('without PKCE gets no code', async () => {
    const spa = await addAppClient(world, 'spa');
    const begun = await beginSignIn(spa);
    begun.address.searchParams.delete('code_challenge');
    begun.address.searchParams.delete('code_challenge_method');
    const { callback } = await open(server, begun, await addPerson(server));
    assert.equal(callback?.searchParams.get('error'), 'invalid_request');
  });

  it('that is a program listens on any port of this machine (RFC 8252, 7.3)', async () => {
    const program = await addAppClient(world, 'publicClient', { redirectUri: 'http://127.0.0.1/cb' });
    const person = await addPerson(server);
    const { tokens } = await signInToApp(server, { ...program, redirectUri: 'http://127.0.0.1:1/cb' }, person);
    assert.equal(tokens.claims()!.sub, person.id);
    for (const redirectUri of ['http://127.0.0.1:1/other', 'http://localhost:1/cb', 'https://127.0.0.1:1/cb']) {
      const { page } = await open(server, await beginSignIn({ ...program, redirectUri }), person);
      assert.equal(page?.status, 400, redirectUri);
    }
  });
});

describe('a person without a license', () => {
  const emptyApp = async (more: object = {}) => {
    const empty = await world.addProduct({ VISIO: {} });
    const made = await addAppClient(world, 'web', { requiredServicePlanIds: [empty.plans['VISIO']!], ...more });
    await world.addPolicy(made, [empty]);
    return { empty, made };
  };

  it('reads why, with a number that finds the sign-in; tries again; and gets in when there is a seat', async () => {
    const { empty, made } = await emptyApp({ displayName: 'Visio & <b>more</b>' });
    const person = await addPerson(server);
    const begun = await beginSignIn(made);
    const { browser, page } = await open(server, begun, person);
    assert.equal(page?.status, 403);
    assert.match(page.text, /Visio &amp; &lt;b&gt;more&lt;\/b&gt; isn’t open to you yet/);
    assert.match(page.text, /has been told/);
    const reference = /class="reference">([0-9a-f-]{36})</.exec(page.text)![1]!;
    const { value } = await world.get(`/auditLogs/signIns?$filter=id eq ${reference}`);
    assert.deepEqual([value[0].userId, value[0].reason, value[0].door], [person.id, 'noSubscription', 'openIdConnect']);

    const again = await browser.post(page.url, { next: 'again' });
    assert.equal((await goOn(browser, server, again, page.url)).page?.status, 403);
    await world.buy(empty, 1);
    const { page: third } = await open(server, begun, person, browser);
    assert.equal(third, undefined);
    const end = await signInToApp(server, made, person, {}, browser);
    assert.deepEqual(end.tokens.claims()!['service_plans'], ['VISIO']);
  });

  it('goes back to the app, which is told; or signs in as somebody else', async () => {
    const { empty, made } = await emptyApp();
    const person = await addPerson(server);
    const begun = await beginSignIn(made);
    const first = await open(server, begun, person);
    const back = await goOn(
      first.browser,
      server,
      await first.browser.post(first.page!.url, { next: 'back' }),
      first.page!.url,
    );
    assert.equal(back.callback?.searchParams.get('error'), 'access_denied');
    assert.equal(back.callback.searchParams.get('state'), begun.state);
    assert.match(back.callback.searchParams.get('error_description')!, /Reference: [0-9a-f-]{36}/);

    const second = await open(server, await beginSignIn(made), person, first.browser);
    const other = await addPerson(server);
    await world.buy(empty, 1);
    const answer = await second.browser.post(second.page!.url, { next: 'otherAccount' });
    const asked = await goOn(second.browser, server, answer, second.page!.url);
    assert.match(asked.page!.url, /\/sign-in\//);
    const { userPrincipalName: userName, password } = other;
    const typed = await second.browser.post(asked.page!.url, { userName, password });
    assert.ok((await goOn(second.browser, server, typed, asked.page!.url)).callback?.searchParams.get('code'));
    assert.deepEqual([await holds(person.id), await holds(other.id)], [0, 1]);
  });

  it('is told to an app that asks without a page', async () => {
    const { made } = await emptyApp();
    const person = await addPerson(server);
    const { browser } = await open(server, await beginSignIn(made), person);
    const { callback } = await open(server, await beginSignIn(made, { prompt: 'none' }), person, browser);
    assert.equal(callback?.searchParams.get('error'), 'access_denied');
  });

  it('gets in without the claim where the app says so', async () => {
    const { made } = await emptyApp({ onRefusal: 'continue' });
    const person = await addPerson(server);
    const { tokens } = await signInToApp(server, made, person, { scope: 'openid offline_access' });
    assert.equal('licenses' in tokens.claims()!, false);
    const renewed = await oidc.refreshTokenGrant(made.config, tokens.refresh_token!);
    assert.equal('licenses' in renewed.claims()!, false);
    assert.equal((await signInsOf(person.id)).length, 2);
  });

  it('can do nothing with the page of another browser, or with words that it does not offer', async () => {
    const { made } = await emptyApp();
    const { browser, page } = await open(server, await beginSignIn(made), await addPerson(server));
    assert.equal((await openBrowser(server).get(page!.url)).status, 400);
    assert.equal((await openBrowser(server).post(page!.url, { next: 'again' })).status, 400);
    for (const next of ['', 'login', '__proto__']) {
      assert.equal((await browser.post(page!.url, { next })).status, 400);
    }
    assert.equal((await browser.get(page!.url.replace('/refused/', '/sign-in/'))).status, 400);
  });
});

describe('a refresh token', () => {
  const scope = 'openid profile offline_access';

  it('comes where offline_access is asked for, decides again, and stops with the license', async () => {
    const person = await addPerson(server);
    const { tokens } = await signInToApp(server, app, person, { scope });
    const second = await oidc.refreshTokenGrant(app.config, tokens.refresh_token!);
    assert.deepEqual(second.claims()!['licenses'], license());
    assert.equal((await signInsOf(person.id)).length, 2);

    await world.turnAutoClaim(false);
    try {
      await world.post(`/users/${person.id}/assignLicense`, { addLicenses: [], removeLicenses: [product.skuId] });
      await assert.rejects(oidc.refreshTokenGrant(app.config, second.refresh_token!), (error: any) => {
        assert.equal(error.error, 'invalid_grant');
        assert.match(error.error_description, /no license for this app. Reference: [0-9a-f-]{36}/);
        return true;
      });
      assert.equal(await holds(person.id), 0);
    } finally {
      await world.turnAutoClaim(true);
    }
    // It wasn't used up: with a license it goes on.
    const third = await oidc.refreshTokenGrant(app.config, second.refresh_token!);
    assert.deepEqual(third.claims()!['licenses'], license());
  });

  it('lasts longer than the session, and ends with the person’s block', async () => {
    const person = await addPerson(server);
    const { tokens, browser } = await signInToApp(server, app, person, { scope });
    const out = oidc.buildEndSessionUrl(app.config, {
      id_token_hint: tokens.id_token!,
      post_logout_redirect_uri: app.redirectUri,
      state: 'bye',
    });
    assert.equal((await browser.get(out.href)).headers.get('location'), `${app.redirectUri}?state=bye`);
    const second = await oidc.refreshTokenGrant(app.config, tokens.refresh_token!);
    await world.patch(`/users/${person.id}`, { accountEnabled: false });
    await assert.rejects(oidc.refreshTokenGrant(app.config, second.refresh_token!), { error: 'invalid_grant' });
  });

  it('that is used twice ends all that came of it, and claims nothing', async () => {
    const person = await addPerson(server);
    const { tokens } = await signInToApp(server, app, person, { scope });
    const second = await oidc.refreshTokenGrant(app.config, tokens.refresh_token!);
    await assert.rejects(oidc.refreshTokenGrant(app.config, tokens.refresh_token!), { error: 'invalid_grant' });
    await assert.rejects(oidc.refreshTokenGrant(app.config, second.refresh_token!), { error: 'invalid_grant' });
    assert.equal((await signInsOf(person.id)).length, 2);
  });

  it('is no other app’s', async () => {
    const person = await addPerson(server);
    const other = await addAppClient(world, 'web', { requiredServicePlanIds: [plan] });
    const { tokens } = await signInToApp(server, app, person, { scope });
    await assert.rejects(oidc.refreshTokenGrant(other.config, tokens.refresh_token!), { error: 'invalid_grant' });
  });
});

describe('a code', () => {
  it('is worth nothing once the license is gone', async () => {
    const person = await addPerson(server);
    const begun = await beginSignIn(app);
    const { callback } = await open(server, begun, person);
    await world.post(`/users/${person.id}/assignLicense`, { addLicenses: [], removeLicenses: [product.skuId] });
    await assert.rejects(
      oidc.authorizationCodeGrant(app.config, callback!, {
        pkceCodeVerifier: begun.verifier,
        expectedState: begun.state,
        expectedNonce: begun.nonce,
      }),
      { error: 'invalid_grant' },
    );
  });
});

describe('signing out', () => {
  it('leads who is not signed in back to an address of the app, and to no other', async () => {
    const browser = openBrowser(server);
    const out = (parameters: Record<string, string>) =>
      browser.get(oidc.buildEndSessionUrl(app.config, parameters).href);
    const home = await out({ client_id: app.appId, post_logout_redirect_uri: app.redirectUri });
    assert.equal(home.headers.get('location'), app.redirectUri);
    for (const post_logout_redirect_uri of ['https://evil.example/', `${app.redirectUri}/more`]) {
      assert.equal((await out({ client_id: app.appId, post_logout_redirect_uri })).headers.get('location'), null);
    }
  });
});
