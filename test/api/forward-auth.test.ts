import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { browserBefore, comeIn, guard, plainRequest, type GuardedTestApp } from '../harness/forward-auth.ts';
import { addPerson } from '../harness/people.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { withoutStore } from '../harness/without-store.ts';
import { assertRefused, worldOf, type World, type WorldApp, type WorldProduct } from '../harness/world.ts';

let server: TestServer;
let world: World;
let product: WorldProduct;
let app: WorldApp;
let guarded: GuardedTestApp;
before(async () => {
  server = await startTestServer();
  world = worldOf(server);
  product = await world.addProduct({ TEAMS1: {}, OTHER: {} });
  await world.buy(product, 100);
  await world.turnAutoClaim(true);
  app = await world.addApp([product.plans['TEAMS1']!], 'Wiki');
  await world.addPolicy(app, [product]);
  guarded = await guard(world, app);
});
after(() => server.close());

const signInsOf = async (userId: string) =>
  (await world.get(`/auditLogs/signIns?$filter=userId eq ${userId}`)).value as any[];
const licenseOf = ({ headers }: { headers: Readonly<Record<string, unknown>> }) => [
  headers['x-license-sku'],
  headers['x-license-service-plans'],
];
/** As long as an answer is used again. */
const kept = () => sleep(2_100);
/** A request as Traefik and Caddy tell of it. */
const told = (origin: string, uri = '/') => ({
  'x-forwarded-proto': new URL(origin).protocol.slice(0, -1),
  'x-forwarded-host': new URL(origin).host,
  'x-forwarded-uri': uri,
});
const ask = (appId: string, headers: Readonly<Record<string, string>>) =>
  plainRequest(`${server.url}/forward-auth?app=${appId}`, headers);

describe('an app behind a proxy', () => {
  it('is signed in to, and told who it is and by which license; the seat was claimed on the way', async () => {
    const person = await addPerson(server);
    const browser = browserBefore(world, guarded);
    const end = await browser.open(`${guarded.origin}/pages/1?a=b&c=%2F`, person);
    assert.deepEqual([end.status, end.url], [200, `${guarded.origin}/pages/1?a=b&c=%2F`]);
    assert.deepEqual(licenseOf(end), [product.skuPartNumber, 'TEAMS1']);
    assert.deepEqual(
      [end.headers['x-license-user'], end.headers['x-license-user-id'], end.headers['x-license-sku-id']],
      [person.userPrincipalName, person.id, product.skuId],
    );
    // Of a page and its pictures one sign-in is kept.
    await Promise.all(Array.from({ length: 20 }, () => browser.send(`${guarded.origin}/picture`)));
    const [signIn, ...others] = await signInsOf(person.id);
    assert.deepEqual([signIn.outcome, signIn.door, others.length], ['claimed', 'forwardAuth', 0]);
    const cookies = [...browser.cookies(guarded.origin).keys()];
    assert.ok(
      cookies.every((name) => name.startsWith('__Host-autoclaim_')),
      cookies.join(),
    );
  });

  it('answers 401 with the way to the sign-in to nginx and to scripts, 302 to a person’s page', async () => {
    const html = { accept: 'text/html' };
    const address = `${guarded.origin}/autoclaim-forward-auth/sign-in?app=${app.appId}&return=%2Fa%3Fb`;
    const nginx = await ask(app.appId, { ...html, 'x-original-url': `${guarded.origin}/a?b` });
    assert.deepEqual([nginx.status, nginx.headers['x-autoclaim-sign-in']], [401, address]);
    const page = await ask(app.appId, { ...html, ...told(guarded.origin, '/a?b') });
    assert.deepEqual([page.status, page.location], [302, address]);
    for (const script of [{ accept: '*/*' }, { ...html, 'sec-fetch-mode': 'cors' }]) {
      const answer = await ask(app.appId, { ...script, ...told(guarded.origin, '/a?b') });
      assert.deepEqual([answer.status, answer.headers['x-autoclaim-sign-in']], [401, address]);
    }
    const upload = await ask(app.appId, { 'content-encoding': 'gzip', 'x-original-url': `${guarded.origin}/` });
    assert.equal(upload.status, 401);
  });

  it('shows who is refused why, once in the log; and lets them in once there is a license', async () => {
    const lonely = await world.addApp([product.plans['OTHER']!], 'Lonely <app>');
    const at = await guard(world, lonely);
    const person = await addPerson(server);
    const browser = browserBefore(world, at);
    const end = await browser.open(`${at.origin}/page`, person);
    assert.equal(end.status, 403);
    assert.match(end.body, /Lonely &lt;app&gt; isn’t open to you yet/);
    await browser.send(`${at.origin}/picture`);
    const [signIn, ...others] = await signInsOf(person.id);
    assert.deepEqual([signIn.outcome, signIn.reason, others.length], ['refused', 'noPolicy', 0]);
    assert.ok(end.body.includes(signIn.id), 'the reference finds the sign-in');
    assert.equal('x-license-user' in end.headers, false);
    await world.assign({ id: person.id, userPrincipalName: person.userPrincipalName }, [{ skuId: product.skuId }]);
    const action = `${at.origin}/autoclaim-forward-auth/refused?app=${lonely.appId}&return=%2Fpage`;
    const again = await browser.send(action, {}, { next: 'again' });
    assert.deepEqual([again.status, again.location], [303, `${at.origin}/page`]);
    assert.equal((await browser.send(again.location!)).status, 200);
  });

  it('may be used by somebody else in the same browser', async () => {
    const [first, second] = [await addPerson(server), await addPerson(server)];
    const browser = await comeIn(world, guarded, first);
    const action = `${guarded.origin}/autoclaim-forward-auth/refused?app=${app.appId}&return=%2F`;
    const { location } = await browser.send(action, {}, { next: 'otherAccount' });
    const end = await browser.open(location!, second);
    assert.deepEqual([end.status, end.headers['x-license-user']], [200, second.userPrincipalName]);
  });

  it('that wants to be used without a license too is told that there is none', async () => {
    const free = await world.addApp([], 'Free');
    const lenient = await world.addApp([product.plans['OTHER']!], 'Lenient');
    await world.patch(`/applications/${lenient.id}`, { onRefusal: 'continue' });
    for (const one of [free, lenient]) {
      const at = await guard(world, one);
      const person = await addPerson(server);
      const end = await browserBefore(world, at).open(`${at.origin}/`, person);
      assert.deepEqual([end.status, ...licenseOf(end)], [200, '', ''], one.displayName);
    }
  });
});

describe('a session at an app', () => {
  it('ends, within seconds, with a license that is taken away, a block, and a sign-out', async () => {
    const people = await Promise.all([addPerson(server), addPerson(server), addPerson(server)]);
    const [unlicensed, blocked, leaving] = people;
    const browsers = [];
    for (const person of people) browsers.push(await comeIn(world, guarded, person));
    await world.turnAutoClaim(false);
    await world.assign({ ...unlicensed }, [], [{ skuId: product.skuId }]);
    await world.patch(`/users/${blocked.id}`, { accountEnabled: false });
    const out = await browsers[2]!.send(`${guarded.origin}/autoclaim-forward-auth/sign-out?app=${app.appId}`);
    assert.equal(out.location, `${server.config.baseUrl}/${server.tenantId}/oauth2/v2.0/logout`);
    await kept();
    const statuses = await Promise.all(browsers.map(async (one) => (await one.send(`${guarded.origin}/`)).status));
    await world.turnAutoClaim(true);
    assert.deepEqual(statuses, [403, 302, 302]);
    assert.equal((await signInsOf(leaving.id)).length, 1);
  });

  it('ends with the sign-out at Autoclaim, and by time', async () => {
    const [person, other] = [await addPerson(server), await addPerson(server)];
    const [left, old] = [await comeIn(world, guarded, person), await comeIn(world, guarded, other)];
    const logout = await left.open(`${server.config.baseUrl}/${server.tenantId}/oauth2/v2.0/logout`);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(logout.body)![1]!;
    await left.send(`${logout.url}/confirm`, {}, { xsrf, logout: 'yes' });
    await server.db.pool.query(
      `update openid_artifacts set expires_at = now() where model = 'ForwardAuthSession' and payload ->> 'accountId' = $1`,
      [other.id],
    );
    await kept();
    for (const browser of [left, old]) assert.equal((await browser.send(`${guarded.origin}/`)).status, 302);
  });

  it('is good at its own app and origin alone', async () => {
    const origins = [guarded.origin, 'https://second.contoso.example'];
    await world.patch(`/admin/forwardAuth/${guarded.id}`, { origins });
    await kept();
    const other = await guard(world, await world.addApp([]));
    const person = await addPerson(server);
    const browser = await comeIn(world, guarded, person);
    const [session] = [...browser.cookies(guarded.origin)].filter(([name]) => name.includes('_app_'));
    const cookie = (appId: string) => `__Host-autoclaim_app_${appId.replaceAll('-', '')}=${session![1]}`;
    const mine = await ask(app.appId, { cookie: cookie(app.appId), ...told(guarded.origin) });
    assert.equal(mine.status, 200);
    for (const [appId, origin] of [
      [app.appId, origins[1]!],
      [other.appId, other.origin],
    ] as const) {
      assert.equal((await ask(appId, { cookie: cookie(appId), ...told(origin) })).status, 401, origin);
    }
    for (const origin of ['https://evil.example', 'https://app.contoso.example:444', 'http://second.contoso.example']) {
      const answer = await ask(app.appId, { cookie: cookie(app.appId), ...told(origin) });
      assert.deepEqual([answer.status, answer.location], [403, undefined], origin);
      assert.match(answer.body, /is none of the addresses/);
    }
  });
});

describe('a ticket', () => {
  /** A browser that is signed in at Autoclaim, and the address to which it would take its ticket. */
  async function ticketOf(person: Awaited<ReturnType<typeof addPerson>>) {
    const browser = await comeIn(world, guarded, person);
    for (const name of browser.cookies(guarded.origin).keys()) {
      if (name.includes('_app_')) browser.cookies(guarded.origin).delete(name);
    }
    let answer = await browser.send(`${guarded.origin}/autoclaim-forward-auth/sign-in?app=${app.appId}&return=%2Fx`);
    while (answer.location) answer = await browser.send(answer.location);
    const address = /content="0;url=([^"]+)"/.exec(answer.body)![1]!.replaceAll('&amp;', '&');
    return { browser, address };
  }

  it('is good once, in its own browser, for its own app and origin, for a minute', async () => {
    const person = await addPerson(server);
    const { browser, address } = await ticketOf(person);
    // Somebody sends their own ticket to a victim: the victim would work in their account.
    const victim = await comeIn(world, guarded, await addPerson(server));
    assert.equal((await victim.send(address)).status, 400);
    const stranger = browserBefore(world, guarded);
    assert.equal((await stranger.send(address)).status, 400);
    const used = await browser.send(address);
    assert.deepEqual([used.status, used.location], [303, `${guarded.origin}/x`]);
    assert.equal((await browser.send(address)).status, 400);
    for (const forged of ['', 'x', 'a'.repeat(43), '%00', "'; drop table users; --"]) {
      const url = `${guarded.origin}/autoclaim-forward-auth/callback?app=${app.appId}&ticket=${encodeURIComponent(forged)}`;
      assert.equal((await browser.send(url)).status, 400, forged);
    }
    const late = await ticketOf(await addPerson(server));
    await server.db.pool.query(`update openid_artifacts set expires_at = now() where model = 'ForwardAuthTicket'`);
    assert.equal((await late.browser.send(late.address)).status, 400);
  });

  it('is given to no origin that isn’t the app’s, and leads nowhere else', async () => {
    const person = await addPerson(server);
    const browser = await comeIn(world, guarded, person);
    const begin = async (to: string) =>
      (await browser.send(`${guarded.origin}/autoclaim-forward-auth/sign-in?app=${app.appId}&return=${to}`)).location!;
    const honest = new URL(await begin('/'));
    const state = honest.searchParams.get('state')!;
    const parts = JSON.parse(Buffer.from(state, 'base64url').toString()) as string[];
    for (const changed of [
      [parts[0], 'https://evil.example', '/', parts[3]],
      ['no-guid', ...parts.slice(1)],
      'x',
      null,
    ]) {
      const forged = Buffer.from(JSON.stringify(changed)).toString('base64url');
      honest.searchParams.set('state', forged);
      const end = await browser.open(honest.href);
      assert.equal(end.status, 400, JSON.stringify(changed));
      assert.doesNotMatch(end.body, /ticket=/);
    }
    for (const evil of [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      '/%09/evil.example',
      '@evil.example',
    ]) {
      const end = await browser.open(await begin(encodeURIComponent(evil)));
      assert.equal(new URL(end.url).origin, guarded.origin, evil);
    }
  });
});

describe('a trusted proxy', () => {
  const trusted = { trustedAddresses: ['127.0.0.0/8'], userHeader: 'X-Remote-User' };

  it('names the user by secret and address; without both the header says nothing', async () => {
    const at = await guard(world, await world.addApp([product.plans['TEAMS1']!]), trusted);
    const elsewhere = await guard(world, await world.addApp([]), { ...trusted, trustedAddresses: ['10.0.0.0/8'] });
    const person = await addPerson(server);
    const name = { 'x-remote-user': person.userPrincipalName.toUpperCase(), ...told(at.origin) };
    await world.assign({ ...person }, [{ skuId: product.skuId }]);
    const good = await ask(at.appId, { ...name, 'x-autoclaim-proxy-secret': at.secretText });
    assert.deepEqual([good.status, good.headers['x-license-user-id']], [200, person.id]);
    const others: Record<string, string>[] = [
      {},
      { 'x-autoclaim-proxy-secret': '' },
      { 'x-autoclaim-proxy-secret': elsewhere.secretText },
    ];
    for (const other of others) assert.equal((await ask(at.appId, { ...name, ...other })).status, 401);
    const far = { ...told(elsewhere.origin), 'x-remote-user': person.userPrincipalName };
    for (const more of [{}, { 'x-forwarded-for': '10.0.0.1' }] as Record<string, string>[]) {
      const answer = await ask(elsewhere.appId, { ...far, ...more, 'x-autoclaim-proxy-secret': elsewhere.secretText });
      assert.equal(answer.status, 401);
    }
    const { secretText } = await world.post(`/admin/forwardAuth/${at.id}/rotateSecret`, {});
    await kept();
    assert.equal((await ask(at.appId, { ...name, 'x-autoclaim-proxy-secret': at.secretText })).status, 401);
    assert.equal((await ask(at.appId, { ...name, 'x-autoclaim-proxy-secret': secretText })).status, 200);
  });

  it('names nobody who isn’t there or is blocked, whatever the app wants; and creates whom the tenant allows', async () => {
    const lenient = await world.addApp([product.plans['TEAMS1']!]);
    await world.patch(`/applications/${lenient.id}`, { onRefusal: 'continue' });
    const free = await world.addApp([]);
    const blocked = await addPerson(server, [], { columns: { is_account_enabled: false } });
    for (const one of [lenient, free]) {
      const at = await guard(world, one, trusted);
      const as = (name: string) =>
        ask(at.appId, { ...told(at.origin), 'x-remote-user': name, 'x-autoclaim-proxy-secret': at.secretText });
      for (const name of [`nobody-${one.appId}@contoso.example`, blocked.userPrincipalName, 'a, b', 'ä@b']) {
        assert.equal((await as(name)).status, 403, name);
      }
      await world.patch('/admin/autoClaim', { createUsersOnSignIn: true, allowedDomains: ['contoso.example'] });
      const newcomer = await as(`new-${one.appId}@contoso.example`);
      await world.patch('/admin/autoClaim', { createUsersOnSignIn: false });
      assert.equal(newcomer.status, 200);
      assert.equal(newcomer.headers['x-license-user'], `new-${one.appId}@contoso.example`);
    }
  });

  it('gets names that are no ASCII as such, and headers that break nothing', async () => {
    const at = await guard(world, await world.addApp([]), trusted);
    const name = 'jürgen,%0d@contoso.example';
    await world.addUser({ user_principal_name: name });
    const bytes = Buffer.from(name).toString('latin1');
    const headers = { ...told(at.origin), 'x-remote-user': bytes, 'x-autoclaim-proxy-secret': at.secretText };
    const answer = await ask(at.appId, headers);
    assert.deepEqual([answer.status, answer.headers['x-license-user']], [200, 'j%C3%BCrgen%2C%250d@contoso.example']);
    const huge = await ask(at.appId, { ...headers, cookie: `a=${'x'.repeat(20_000)}` });
    assert.equal(huge.status, 431);
  });
});

describe('a proxy that asks', () => {
  it('for nothing that is set up lets nobody in', async () => {
    const unguarded = await world.addApp([]);
    for (const appId of [unguarded.appId, '00000000-0000-0000-0000-000000000000']) {
      const answer = await ask(appId, { accept: 'text/html', ...told(guarded.origin) });
      assert.equal(answer.status, 403);
    }
    assert.equal((await ask('nonsense', {})).status, 400);
    assert.equal((await plainRequest(`${server.url}/forward-auth`)).status, 400);
  });

  it('while the database is away gets 503 with Retry-After, once what it was answered is old', async () => {
    const beside = await startTestServer({ beside: server });
    const person = await addPerson(server);
    const browser = await comeIn(world, guarded, person);
    const session = [...browser.cookies(guarded.origin)].find(([name]) => name.includes('_app_'))!.join('=');
    try {
      const address = `${beside.url}/forward-auth?app=${app.appId}`;
      const answer = await withoutStore(server, () =>
        plainRequest(address, { cookie: session, ...told(guarded.origin) }),
      );
      assert.deepEqual([answer.status, answer.headers['retry-after']], [503, '1']);
    } finally {
      await beside.close();
    }
  });
});

describe('the setting', () => {
  it('is one for an app of the tenant, changed and deleted, each with an entry in the audit', async () => {
    const own = await world.addApp([]);
    const at = await guard(world, own, { trustedAddresses: ['10.1.2.3'] });
    const shown = await world.get(`/admin/forwardAuth/${at.id}`);
    assert.deepEqual(
      [shown.address, shown.origins, shown.trustedAddresses, shown.userHeader, shown.appDisplayName],
      [
        `${server.config.baseUrl}/forward-auth?app=${own.appId}`,
        [at.origin],
        ['10.1.2.3'],
        'X-Forwarded-User',
        own.displayName,
      ],
    );
    assert.equal(JSON.stringify(shown).includes(at.secretText), false);
    assertRefused(await world.call('POST', '/admin/forwardAuth', { appId: own.appId }), 400, /forward auth already/);
    await world.patch(`/admin/forwardAuth/${at.id}`, { trustedAddresses: [] });
    await world.remove(`/admin/forwardAuth/${at.id}`);
    assert.equal((await world.call('GET', `/admin/forwardAuth/${at.id}`)).status, 404);
    assert.equal((await ask(own.appId, told(at.origin))).status, 403);
    const audits = await world.get(`/auditLogs/directoryAudits?$top=999`);
    const activities = audits.value
      .filter(({ targetResources }: any) => targetResources[0].id === at.id)
      .map(({ activityDisplayName }: any) => activityDisplayName);
    assert.deepEqual(activities.sort(), ['Add forward auth', 'Delete forward auth', 'Update forward auth']);
  });

  it('takes no origin with a path, no plain http, no range of everybody, no header that means something else', async () => {
    const { appId } = await world.addApp([]);
    const theirs = worldOf(server, await server.createTenant());
    const { appId: foreign } = await theirs.addApp([]);
    for (const [field, body] of [
      ['origins[0]', { origins: ['https://app.contoso.example/'] }],
      ['origins[0]', { origins: ['http://app.contoso.example'] }],
      ['origins[1]', { origins: ['https://a.example', 'https://a.example'] }],
      ['origins[0]', { origins: ['javascript:alert(1)'] }],
      ['trustedAddresses[0]', { trustedAddresses: ['0.0.0.0/0'] }],
      ['trustedAddresses[0]', { trustedAddresses: ['10.0.0.256'] }],
      ['userHeader', { userHeader: 'Cookie' }],
      ['userHeader', { userHeader: 'X-User\r\nX: y' }],
      ['appId', { appId: foreign }],
    ] as const) {
      const answer = await world.call('POST', '/admin/forwardAuth', { appId, ...body });
      assert.equal(answer.status, 400);
      assert.ok(answer.body.error.message.includes(field), answer.body.error.message);
    }
  });
});
