import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import { addAppClient } from '../harness/app-client.ts';
import { conformanceClient } from '../harness/conformance.ts';
import { addPerson, openBrowser, type Browser, type TestPerson } from '../harness/people.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf } from '../harness/world.ts';

// By hand, what the OpenID Foundation's conformance suite checks of a provider: the plan Basic OP
// (oidcc-basic-certification-test-plan, in its order), with response type code, static clients and
// client_secret_basic. Each test is named after the suite's module. docs/openid-conformance.md tells
// what differs. The person needs a license, so that what is checked is how apps really sign in.

let server: TestServer;
let person: TestPerson;
let other: TestPerson;
let client: ReturnType<typeof conformanceClient>;
let second: ReturnType<typeof conformanceClient>;
/** Where the person is signed in. */
let browser: Browser;
before(async () => {
  server = await startTestServer();
  const world = worldOf(server);
  const product = await world.addProduct({ TEAMS1: {} });
  await world.buy(product, 100);
  await world.turnAutoClaim(true);
  const requiredServicePlanIds = [product.plans['TEAMS1']!];
  const apps = [
    await addAppClient(world, 'web', { requiredServicePlanIds }),
    await addAppClient(world, 'web', { requiredServicePlanIds, redirectUri: 'https://second.contoso.example/cb' }),
  ] as const;
  for (const app of apps) await world.addPolicy(app, [product]);
  [client, second] = [conformanceClient(server, apps[0]), conformanceClient(server, apps[1])];
  const columns = { given_name: 'Ann', surname: 'Lee', display_name: 'Ann Lee', mail: 'ann@contoso.example' };
  person = await addPerson(server, [], { columns });
  other = await addPerson(server);
  ({ browser } = await client.run(person));
});
after(() => server.close());

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const metadata = () => client.app.config.serverMetadata();
/** As if so many seconds had gone by since the person signed in, or since the code was made and used. */
const age = (model: 'Session' | 'AuthorizationCode', names: readonly string[], seconds: number) =>
  Promise.all(
    names.map((name) =>
      server.db.pool.query(
        `update openid_artifacts
            set payload = jsonb_set(payload, $3, to_jsonb((payload ->> $4)::bigint - $5)),
                expires_at = case when $1 = 'Session' then expires_at else expires_at - make_interval(secs => $5) end
          where model = $1 and payload ->> 'accountId' = $2 and payload ? $4`,
        [model, person.id, [name], name, seconds],
      ),
    ),
  );

describe('OpenID Connect, Basic OP: answers and ID tokens', () => {
  it('oidcc-server', async () => {
    const { tokens, claims, callback } = await client.run(person);
    assert.ok(callback.href.startsWith(`${client.app.redirectUri}?`));
    assert.equal(claims['tid'], server.tenantId);
    const { status, body } = await client.userInfo({ headers: bearer(tokens.access_token) });
    assert.deepEqual([status, body.sub], [200, person.id]);
  });

  it('oidcc-response-type-missing', async () => {
    const { callback } = await client.authorize(person, { response_type: '' }, browser);
    assert.equal(callback!.searchParams.get('error'), 'invalid_request');
    assert.equal(callback!.searchParams.get('code'), null);
  });

  it('oidcc-idtoken-signature', async () => {
    const { header, tokens } = await client.run(person, {}, browser);
    assert.equal(header.alg, 'RS256');
    const { keys } = (await (await fetch(metadata().jwks_uri!)).json()) as { keys: { kid: string }[] };
    assert.ok(keys.some(({ kid }) => kid === header.kid));
    const [head, payload, signature] = tokens.id_token.split('.') as [string, string, string];
    const forged = Buffer.from(JSON.stringify({ ...decodeJwt(tokens.id_token), sub: other.id })).toString('base64url');
    await assert.rejects(client.verify([head, forged, signature].join('.')));
    await client.verify([head, payload, signature].join('.'));
  });

  it('oidcc-idtoken-unsigned (is skipped by the suite: nobody gets one)', () => {
    assert.deepEqual(metadata().id_token_signing_alg_values_supported, ['RS256']);
  });

  for (const [name, init] of Object.entries({
    'oidcc-userinfo-get': (token: string) => ({ headers: bearer(token) }),
    'oidcc-userinfo-post-header': (token: string) => ({ method: 'POST', headers: bearer(token) }),
    'oidcc-userinfo-post-body': (token: string) => ({
      method: 'POST',
      body: new URLSearchParams({ access_token: token }),
    }),
  })) {
    it(name, async () => {
      const { tokens } = await client.run(person, {}, browser);
      const { status, headers, body } = await client.userInfo(init(tokens.access_token));
      assert.equal(status, 200, JSON.stringify(body));
      assert.match(headers.get('content-type')!, /^application\/json/);
      assert.deepEqual([body.sub, body.name, body.email], [person.id, 'Ann Lee', 'ann@contoso.example']);
    });
  }

  it('oidcc-ensure-request-without-nonce-succeeds-for-code-flow', async () => {
    const { begun } = await client.authorize(person, {}, browser);
    begun.address.searchParams.delete('nonce');
    const callback = new URL((await browser.get(begun.address.href)).headers.get('location')!);
    await client.finish(begun, callback, person, null);
  });
});

describe('OpenID Connect, Basic OP: scopes', () => {
  const PROFILE = ['family_name', 'given_name', 'name', 'preferred_username'];
  const OPENID = ['licenses', 'oid', 'service_plans', 'sub', 'tid'];
  for (const [name, scope, claims] of [
    ['oidcc-scope-profile', 'openid profile', [...OPENID, ...PROFILE]],
    ['oidcc-scope-email', 'openid email', [...OPENID, 'email']],
    ['oidcc-scope-address', 'openid address', OPENID],
    ['oidcc-scope-phone', 'openid phone', OPENID],
    ['oidcc-scope-all', 'openid profile email address phone', [...OPENID, ...PROFILE, 'email']],
    ['oidcc-ensure-other-scope-order-succeeds', 'email openid', [...OPENID, 'email']],
  ] as const) {
    it(name, async () => {
      const { tokens } = await client.run(person, { scope }, browser);
      const { body } = await client.userInfo({ headers: bearer(tokens.access_token) });
      assert.deepEqual(Object.keys(body).toSorted(), claims.toSorted());
    });
  }
});

describe('OpenID Connect, Basic OP: requests', () => {
  for (const display of ['page', 'popup']) {
    it(`oidcc-display-${display}`, async () => {
      await client.run(person, { display });
    });
  }

  it('oidcc-prompt-login', async () => {
    const first = await client.run(person, { max_age: '10000' });
    await age('Session', ['loginTs'], 2);
    const begun = await client.authorize(other, { prompt: 'login' }, first.browser);
    // The page came although somebody was signed in: whoever typed there is who the app is told of.
    assert.equal((await client.finish(begun.begun, begun.callback!, other)).claims.sub, other.id);
    const again = await client.run(person, { prompt: 'login', max_age: '10000' }, first.browser);
    assert.ok(Number(again.claims['auth_time']) >= Number(first.claims['auth_time']));
  });

  it('oidcc-prompt-none-not-logged-in', async () => {
    const { callback, begun } = await client.authorize(person, { prompt: 'none' }, openBrowser(server));
    assert.equal(callback!.searchParams.get('error'), 'login_required');
    assert.equal(callback!.searchParams.get('state'), begun.state);
    assert.equal(callback!.searchParams.get('code'), null);
  });

  it('oidcc-prompt-none-logged-in', async () => {
    const first = await client.run(person, { max_age: '10000' }, browser);
    const { claims } = await client.run(person, { prompt: 'none', max_age: '10000' }, browser);
    assert.deepEqual([claims.sub, claims['auth_time']], [first.claims.sub, first.claims['auth_time']]);
  });

  it('oidcc-max-age-1', async () => {
    const first = await client.run(person, { max_age: '10000' });
    await age('Session', ['loginTs'], 2);
    const silent = await client.authorize(person, { max_age: '1', prompt: 'none' }, first.browser);
    assert.equal(silent.callback!.searchParams.get('error'), 'login_required');
    const { claims } = await client.run(person, { max_age: '1' }, first.browser);
    assert.ok(Number(claims['auth_time']) > Number(first.claims['auth_time']) - 2);
    assert.ok(Number(claims['auth_time']) >= Math.floor(Date.now() / 1_000) - 2);
  });

  it('oidcc-max-age-10000', async () => {
    const first = await client.run(person, { max_age: '10000' });
    await age('Session', ['loginTs'], 100);
    const { claims } = await client.run(person, { max_age: '10000', prompt: 'none' }, first.browser);
    assert.equal(claims['auth_time'], Number(first.claims['auth_time']) - 100);
  });

  for (const [name, parameters] of Object.entries({
    'oidcc-ensure-request-with-unknown-parameter-succeeds': { extra: 'foobar' },
    'oidcc-ui-locales': { ui_locales: 'se en' },
    'oidcc-claims-locales': { claims_locales: 'se' },
    'oidcc-ensure-request-with-acr-values-succeeds': { acr_values: 'urn:mace:incommon:iap:silver 1 2' },
  } as Record<string, Record<string, string>>)) {
    it(name, async () => {
      await client.run(person, parameters, browser);
    });
  }

  it('oidcc-id-token-hint', async () => {
    const first = await client.run(person, {}, browser);
    const hinted = { prompt: 'none', id_token_hint: first.tokens.id_token };
    assert.equal((await client.run(person, hinted, browser)).claims.sub, person.id);
    const theirs = await client.run(other);
    const { callback } = await client.authorize(person, hinted, theirs.browser);
    assert.equal(callback!.searchParams.get('error'), 'login_required');
  });

  it('oidcc-login-hint', async () => {
    const elsewhere = openBrowser(server);
    const { page } = await client.authorize(
      { ...person, password: 'wrong' },
      { login_hint: 'ann@x.example' },
      elsewhere,
    );
    const shown = await elsewhere.get(page!.url);
    assert.match(await shown.text(), /value="ann@x.example"/);
    await client.run(person, { login_hint: person.userPrincipalName });
  });
});

describe('OpenID Connect, Basic OP: codes, addresses, methods', () => {
  it('oidcc-codereuse', async () => {
    const { begun, callback } = await client.run(person, {}, browser);
    const { status, body } = await client.redeem(begun, callback);
    assert.deepEqual([status, body.error], [400, 'invalid_grant']);
  });

  it('oidcc-codereuse-30seconds', async () => {
    const { begun, callback, tokens } = await client.run(person, {}, browser);
    await age('AuthorizationCode', ['iat', 'exp'], 15);
    assert.equal((await client.userInfo({ headers: bearer(tokens.access_token) })).status, 200);
    const { status, body } = await client.redeem(begun, callback);
    assert.deepEqual([status, body.error], [400, 'invalid_grant']);
    // What the first use brought has ended (RFC 6749, 4.1.2).
    assert.equal((await client.userInfo({ headers: bearer(tokens.access_token) })).status, 401);
  });

  it('oidcc-ensure-registered-redirect-uri', async () => {
    const redirect_uri = `${client.app.redirectUri}/not-registered`;
    const { page } = await client.authorize(person, { redirect_uri }, browser);
    assert.equal(page!.status, 400);
    assert.match(page!.text, /redirect_uri did not match any of the client&#39;s registered redirect_uris/);
  });

  it('oidcc-ensure-post-request-succeeds', async () => {
    const { begun } = await client.authorize(person, {}, browser);
    const address = new URL(begun.address);
    const form = Object.fromEntries(address.searchParams);
    address.search = '';
    const sent = await browser.post(address.href, form);
    // By 303 a browser goes on with GET, and takes its cookies along, which a form of another site comes without.
    assert.equal(sent.status, 303);
    const answer = await browser.get(sent.headers.get('location')!);
    await client.finish(begun, new URL(answer.headers.get('location')!), person);
  });

  it('oidcc-server-client-secret-post', async () => {
    const { begun, callback } = await client.authorize(person, {}, browser);
    const credentials = { client_id: client.app.appId, client_secret: client.app.secret! };
    const { status, body } = await client.redeem(begun, callback!, credentials);
    assert.equal(status, 200, JSON.stringify(body));
    await client.verify(body.id_token);
  });
});

describe('OpenID Connect, Basic OP: request objects, claims, refresh tokens, PKCE', () => {
  const unsigned = (claims: object) =>
    [{ alg: 'none' }, claims].map((part) => `${Buffer.from(JSON.stringify(part)).toString('base64url')}.`).join('');

  it('oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported', async () => {
    assert.equal(metadata().request_uri_parameter_supported, false);
    const { callback } = await client.authorize(person, { request_uri: 'https://app.contoso.example/r' }, browser);
    assert.equal(callback!.searchParams.get('error'), 'request_uri_not_supported');
  });

  it('oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported', async () => {
    const request = unsigned({ nonce: 'of the object' });
    const { callback } = await client.authorize(person, { request }, browser);
    assert.equal(callback!.searchParams.get('error'), 'request_not_supported');
  });

  it('oidcc-claims-essential', async () => {
    const claims = JSON.stringify({ userinfo: { name: { essential: true } } });
    const { tokens, claims: inToken } = await client.run(person, { scope: 'openid', claims }, browser);
    const { body } = await client.userInfo({ headers: bearer(tokens.access_token) });
    assert.deepEqual([body.name, body.email, 'name' in inToken], ['Ann Lee', undefined, false]);
  });

  it('oidcc-claims-essential, with what can’t be: told to the app, and nobody is asked to sign in for ever', async () => {
    const acr = { id_token: { acr: { essential: true, values: ['urn:mace:incommon:iap:gold'] } } };
    for (const [claims, error] of [
      [JSON.stringify(acr), 'unmet_authentication_requirements'],
      ['{', 'invalid_request'],
      ['[]', 'invalid_request'],
    ] as const) {
      const { callback } = await client.authorize(person, { claims }, browser);
      assert.equal(callback!.searchParams.get('error'), error, claims);
    }
  });

  it('oidcc-ensure-request-object-with-redirect-uri (is skipped by the suite: objects are refused)', async () => {
    const request = unsigned({ redirect_uri: client.app.redirectUri });
    const redirect_uri = `${client.app.redirectUri}/not-registered`;
    const { page } = await client.authorize(person, { request, redirect_uri }, browser);
    assert.equal(page!.status, 400);
  });

  it('oidcc-refresh-token', async () => {
    const scope = 'openid offline_access';
    const first = await client.run(person, { scope, prompt: 'consent', max_age: '10000' }, browser);
    assert.match(first.tokens.refresh_token!, /^[\x20-\x7e]+$/);
    const renewed = await client.renew(first.tokens.refresh_token!);
    assert.equal(renewed.status, 200, JSON.stringify(renewed.body));
    assert.notEqual(renewed.body.access_token, first.tokens.access_token);
    const { claims } = await client.verify(renewed.body.id_token);
    for (const name of ['iss', 'sub', 'aud', 'azp', 'auth_time'])
      assert.deepEqual(claims[name], first.claims[name], name);
    assert.ok(claims.iat! >= first.claims.iat!);
    assert.ok(claims['nonce'] === undefined || claims['nonce'] === first.begun.nonce);
    assert.equal((await client.userInfo({ headers: bearer(renewed.body.access_token) })).status, 200);
    const theirs = await second.run(person, { scope, prompt: 'consent' }, browser);
    const stolen = await client.renew(theirs.tokens.refresh_token!);
    assert.deepEqual([stolen.status, stolen.body.error], [400, 'invalid_grant']);
  });

  it('oidcc-ensure-request-with-valid-pkce-succeeds', async () => {
    const { begun } = await client.run(person, {}, browser);
    assert.equal(begun.address.searchParams.get('code_challenge_method'), 'S256');
    const { begun: another, callback } = await client.authorize(person, {}, browser);
    const { status, body } = await client.redeem(another, callback!, { code_verifier: begun.verifier });
    assert.deepEqual([status, body.error], [400, 'invalid_grant']);
  });
});
