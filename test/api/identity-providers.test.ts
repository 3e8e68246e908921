import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { ensureFirstAdministrator } from '../../src/engine/directory/first-administrator.ts';
import { runCommand } from '../harness/command.ts';
import { comeBack, goToProvider, testAtProvider } from '../harness/identity-providers/federate.ts';
import { startForger, type Forger } from '../harness/identity-providers/forger.ts';
import { startUpstream, type Upstream } from '../harness/identity-providers/upstream.ts';
import { addPerson, authorizeRequest, follow, followToApp, openBrowser, redeem, signIn } from '../harness/people.ts';
import type { Browser } from '../harness/people.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World } from '../harness/world.ts';

const PATH = '/admin/identityProviders';
const SECRET = 'the secret of autoclaim';

let server: TestServer;
let world: World;
let upstream: Upstream;
let forger: Forger;
before(async () => {
  server = await startTestServer();
  world = worldOf(server);
  forger = await startForger('autoclaim');
  upstream = await startUpstream(`${server.config.baseUrl}/${server.tenantId}/federation/callback`);
});
after(async () => {
  await server.close();
  await forger.close();
  await upstream.close();
});

const body = (more: object = {}) => ({
  kind: 'oidc',
  displayName: 'Contoso accounts',
  issuer: 'https://accounts.contoso.example',
  clientId: 'autoclaim',
  clientSecret: SECRET,
  ...more,
});

describe('/admin/identityProviders', () => {
  it('keeps a provider, tells its secret to nobody, and writes what was done', async () => {
    const made = await world.post(PATH, body({ domains: ['Keeps.example'] }));
    assert.deepEqual(made.domains, ['keeps.example']);
    assert.equal(made.secretHint, 'the');
    assert.equal(made.redirectUri, `${server.config.baseUrl}/${server.tenantId}/federation/callback`);
    await world.patch(`${PATH}/${made.id}`, { displayName: 'Renamed', clientSecret: 'another secret of ours' });
    const read = await world.get(`${PATH}/${made.id}`);
    assert.equal(read.displayName, 'Renamed');
    assert.equal(read.secretHint, 'ano');
    const list = await world.get(PATH);
    await world.remove(`${PATH}/${made.id}`);
    assert.equal((await world.call('GET', `${PATH}/${made.id}`)).status, 404);
    const audits = await world.get('/auditLogs/directoryAudits?$top=10');
    const activities = audits.value.map((one: any) => one.activityDisplayName);
    for (const verb of ['Add', 'Update', 'Delete']) assert.ok(activities.includes(`${verb} identity provider`));
    const all = JSON.stringify([made, read, list, audits]);
    assert.ok(!all.includes(SECRET) && !all.includes('another secret of ours'), all);
  });

  for (const [issuer, kind] of [
    ['https://login.microsoftonline.com/common/v2.0', 'entra'],
    ['https://login.microsoftonline.com/organizations/v2.0', 'entra'],
    ['https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0', 'entra'],
    [`https://login.microsoftonline.com.evil.example/${randomUUID()}/v2.0`, 'entra'],
    [`https://login.microsoftonline.com/${randomUUID()}/v2.0`, 'oidc'],
    ['https://accounts.google.com', 'oidc'],
    ['https://evil.example', 'google'],
    ['http://contoso.example', 'oidc'],
    ['http://127.0.0.1.contoso.example', 'oidc'],
    ['https://contoso.example?x', 'oidc'],
    ['https://ann:secret@contoso.example', 'oidc'],
    ['file:///etc/passwd', 'oidc'],
  ] as const) {
    it(`refuses ${issuer} as ${kind}`, async () => {
      const answer = await world.call('POST', PATH, body({ kind, issuer }));
      assert.equal(answer.status, 400);
      assert.match(answer.body.error.message, /^(issuer|kind): /);
    });
  }

  it('has no other way to change whose tokens are taken, and gives a domain to one provider', async () => {
    const one = await world.post(PATH, body({ domains: ['one.example'] }));
    for (const change of [{ issuer: 'https://evil.example' }, { kind: 'google' }]) {
      assert.equal((await world.call('PATCH', `${PATH}/${one.id}`, change)).status, 400);
    }
    const other = await world.call('POST', PATH, body({ domains: ['two.example', 'ONE.example'] }));
    assert.match(other.body.error.message, /^domains: one\.example belongs to Contoso accounts/);
    const strange = { groupMappings: [{ value: 'x', groupId: randomUUID() }] };
    assert.match((await world.call('PATCH', `${PATH}/${one.id}`, strange)).body.error.message, /^groupMappings: /);
    await world.remove(`${PATH}/${one.id}`);
  });
});

/** Signs in on the upstream's page. */
async function atUpstream(browser: Browser, address: string, login: string): Promise<Response> {
  const { url } = await follow(browser, address);
  let response = await browser.post(url, { login });
  for (let hops = 0; hops < 10; hops += 1) {
    const location = response.headers.get('location');
    if (!location) return response;
    response = await browser.get(location);
    if (location.includes('/federation/callback')) return response;
  }
  throw new Error('too many redirects');
}

describe('with a real provider', () => {
  let id: string;
  let group: string;
  before(async () => {
    group = await world.addGroup([]);
    const { issuer, clientId, clientSecret } = upstream;
    const made = await world.post(
      PATH,
      body({
        issuer,
        clientId,
        clientSecret,
        domains: ['contoso.example'],
        attributes: { department: 'department' },
        groupsClaim: 'groups',
        groupMappings: [{ value: 'painters', groupId: group }],
      }),
    );
    id = made.id;
  });

  it('creates who comes for the first time, as the tenant lets it, with attributes and groups; then knows them', async () => {
    const login = randomUUID();
    const email = `${login}@contoso.example`;
    const name = 'Ann <b>';
    upstream.addUser(login, { email, email_verified: true, name, department: 'Paint', groups: ['painters', 'x'] });
    const come = async () => {
      const at = await goToProvider(server, id);
      return { at, answer: await atUpstream(at.browser, at.address.href, login) };
    };
    assert.match(await (await come()).answer.text(), /there is no user with your name/);
    await world.patch('/admin/autoClaim', { createUsersOnSignIn: true, allowedDomains: ['contoso.example'] });
    for (let times = 0; times < 2; times += 1) {
      const { at, answer } = await come();
      const { accessToken } = await redeem(server, at.request, await followToApp(at.browser, server, answer));
      const me = await server.request('GET', '/v1.0/me?$select=displayName,department', { token: accessToken });
      assert.equal(me.body.displayName, name);
      assert.equal(me.body.department, 'Paint');
    }
    const members = await world.get(`/groups/${group}/members`);
    assert.deepEqual(
      members.value.map((one: any) => one.userPrincipalName),
      [email],
    );
    await world.patch('/admin/autoClaim', { createUsersOnSignIn: false });
  });

  it('finds the provider by the name’s domain, passes the name on, and keeps the password for others', async () => {
    const browser = openBrowser(server);
    const { url } = await follow(browser, authorizeRequest(server).address);
    const userName = 'somebody@Contoso.example';
    const onTheWay = await (await browser.post(url, { userName })).text();
    const link = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(onTheWay)![1]!.replaceAll('&amp;', '&');
    const away = await browser.get(link);
    assert.equal(new URL(away.headers.get('location')!).searchParams.get('login_hint'), userName);
    const other = await (await browser.post(url, { userName: 'ann@elsewhere.example' })).text();
    assert.match(other, /value="ann@elsewhere\.example"[\s\S]*name="password"/);
    // An app that knows the name saves the page.
    const asked = authorizeRequest(server, undefined, { login_hint: userName });
    const straight = await browser.get((await browser.get(asked.address)).headers.get('location')!);
    assert.match(straight.headers.get('location')!, new RegExp(`/with/${id}$`));
  });

  it('asks the provider anew where the app asks', async () => {
    const at = await goToProvider(server, id, { asked: { prompt: 'login' } });
    assert.equal(at.address.searchParams.get('prompt'), 'login');
    assert.equal(at.address.searchParams.get('code_challenge_method'), 'S256');
  });

  it('is tried without a change: what came back, and who it would be', async () => {
    const person = await addPerson(server);
    upstream.addUser('tester', { email: person.userPrincipalName, email_verified: true, name: 'The <tester>' });
    const test = await testAtProvider(world, id);
    const page = await atUpstream(test.browser, test.address.href, 'tester');
    const text = await page.text();
    assert.match(text, new RegExp(`${person.userPrincipalName} would be linked and signed in`));
    assert.match(text, /The &lt;tester&gt;/);
    assert.equal(
      await world.value('select count(*) from external_identities where user_id = $2 and tenant_id = $1', person.id),
      0,
    );
    // A ticket is good once.
    assert.equal((await openBrowser(server).get(test.page)).status, 400);
    const denied = await testAtProvider(world, id);
    assert.match(await (await atUpstream(denied.browser, denied.address.href, 'nobody')).text(), /error access_denied/);
  });
});

describe('passwords', () => {
  it('are turned off once a Global Administrator has come by a provider, which then can’t be closed', async () => {
    const off = () => world.call('PATCH', '/admin/signIn', { isPasswordAllowed: false });
    assert.equal((await off()).status, 400);
    const { id } = await world.post(PATH, body({ issuer: forger.issuer, domains: ['admins.example'] }));
    const columns = { user_principal_name: `${randomUUID()}@admins.example` };
    const admin = await addPerson(server, ['Global Administrator'], { columns });
    const claims = { sub: 'admin', email: admin.userPrincipalName, email_verified: true };
    const at = await goToProvider(server, id);
    const asks = await (await comeBack(at, forger, { claims })).text();
    const key = /name="key" value="([^"]+)"/.exec(asks)![1]!;
    const { password } = admin;
    const done = await at.browser.post(`${server.url}/${server.tenantId}/federation/confirm`, { key, password });
    await followToApp(at.browser, server, done);

    await world.patch(`${PATH}/${id}`, { isEnabled: false });
    assert.equal((await off()).status, 400);
    await world.patch(`${PATH}/${id}`, { isEnabled: true });
    assert.equal((await off()).status, 200);
    await assert.rejects(signIn(server, admin), /doesn’t let people sign in with a password/);
    const { url } = await follow(openBrowser(server), authorizeRequest(server).address);
    const refused = await openBrowser(server).post(`${url}/password`, { userName: 'x', password });
    assert.equal(refused.status, 400);
    assert.equal(await ensureFirstAdministrator(server.db, server.tenantId, undefined), undefined);

    const closing = [
      ['PATCH', `${PATH}/${id}`, { isEnabled: false }],
      ['DELETE', `${PATH}/${id}`],
      ['DELETE', `${PATH}/${id}/users/${admin.id}`],
      ['PATCH', `/users/${admin.id}`, { accountEnabled: false }],
      ['DELETE', `/users/${admin.id}`],
    ] as const;
    for (const [method, path, change] of closing) {
      const answer = await world.call(method, path, change);
      assert.equal(answer.status, 400, `${method} ${path}: ${answer.status}`);
      assert.match(answer.body.error.message, /Global Administrator/);
    }
    // Another, who has a password alone, is no way in.
    await addPerson(server, ['Global Administrator']);
    assert.equal((await world.call('DELETE', `${PATH}/${id}`)).status, 400);

    const { host, port, user, database } = server.db.connection;
    const url2 = `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;
    const wrong = await runCommand(['passwords', 'on', '--tenant', 'nobody.example'], { DATABASE_URL: url2 });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /no organisation nobody\.example/);
    const ran = await runCommand(['passwords', 'on'], { DATABASE_URL: url2 });
    assert.equal(ran.code, 0, ran.stderr);
    await signIn(server, admin);
    await world.remove(`${PATH}/${id}`);
  });
});
