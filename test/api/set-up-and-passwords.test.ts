import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ensureFirstAdministrator } from '../../src/engine/directory/first-administrator.ts';
import {
  addPerson,
  authorizeRequest,
  follow,
  followToApp,
  openBrowser,
  personToken,
  redeem,
  signIn,
} from '../harness/people.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { assertRefused } from '../harness/world.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

const NEW = { newPassword: 'my own new password', confirmation: 'my own new password' };

describe('a set-up link', () => {
  const reset = async (id: string) => {
    const token = await personToken(server, ['Global Administrator']);
    const { status, body } = await server.request('POST', `/v1.0/users/${id}/resetPassword`, { token });
    assert.equal(status, 200, JSON.stringify(body));
    return body as { setUpLink: string; expiresDateTime: string };
  };

  it('sets the password once; then one signs in with it', async () => {
    const one = await addPerson(server);
    const { setUpLink, expiresDateTime } = await reset(one.id);
    const left = Date.parse(expiresDateTime) - Date.now();
    assert.ok(left > 23 * 3_600_000 && left <= 24 * 3_600_000, expiresDateTime);
    const browser = openBrowser(server);
    // Opening it uses nothing up.
    for (let times = 0; times < 2; times += 1) {
      const page = await browser.get(setUpLink);
      assert.equal(page.status, 200);
      assert.match(await page.text(), new RegExp(`You will sign in as <strong>${one.userPrincipalName}</strong>`));
    }
    for (const [form, problem] of [
      [{ newPassword: 'short', confirmation: 'short' }, /must have 8 to 256 characters/],
      [{ newPassword: 'my own new password', confirmation: 'another' }, /The two new passwords are not the same/],
    ] as const) {
      const page = await browser.post(setUpLink, form);
      assert.equal(page.status, 400);
      assert.match(await page.text(), problem);
    }
    assert.equal((await browser.post(setUpLink, NEW)).status, 200);
    for (const again of [await browser.get(setUpLink), await browser.post(setUpLink, NEW)]) {
      assert.equal(again.status, 404);
      assert.match(await again.text(), /role="alert">It was used already/);
    }
    await signIn(server, { ...one, password: NEW.newPassword });
  });

  it('of two who use it at once lets one', async () => {
    const { setUpLink } = await reset((await addPerson(server)).id);
    const answers = await Promise.all([1, 2, 3].map(() => openBrowser(server).post(setUpLink, NEW)));
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 404, 404]);
  });

  it('ends after a day, by a newer one, with the user, and in every other tenant', async () => {
    const browser = openBrowser(server);
    const one = await addPerson(server);
    const first = await reset(one.id);
    const second = await reset(one.id);
    assert.equal((await browser.get(first.setUpLink)).status, 404);
    const other = await server.createTenant();
    assert.equal((await browser.get(second.setUpLink.replace(server.tenantId, other))).status, 404);
    assert.equal((await browser.get(second.setUpLink)).status, 200);
    await server.db.pool.query(
      "update set_up_links set expires_at = clock_timestamp() - interval '1 second' where user_id = $1",
      [one.id],
    );
    assert.equal((await browser.get(second.setUpLink)).status, 404);
    assert.equal((await browser.post(second.setUpLink, NEW)).status, 404);
    const third = await reset(one.id);
    const token = await personToken(server, ['Global Administrator']);
    await server.request('DELETE', `/v1.0/users/${one.id}`, { token });
    assert.equal((await browser.get(third.setUpLink)).status, 404);
  });

  it('is kept as a hash alone', async () => {
    const { setUpLink } = await reset((await addPerson(server)).id);
    const { rows } = await server.db.pool.query('select l::text from set_up_links l');
    assert.ok(rows.length > 0 && !JSON.stringify(rows).includes(setUpLink.split('/').at(-1)!));
  });

  it("isn't for oneself", async () => {
    const admin = await addPerson(server, ['Global Administrator']);
    const { accessToken: token } = await signIn(server, admin);
    const answer = await server.request('POST', `/v1.0/users/${admin.id}/resetPassword`, { token });
    assertRefused(answer, 400, /changePassword/);
  });
});

describe('a tenant', () => {
  it('comes with a first Global Administrator, who begins by a set-up link', async () => {
    const token = await server.token(['Tenant.Create']);
    const body = { displayName: 'Fabrikam', defaultDomain: 'fabrikam.example', countryLetterCode: 'US' };
    const { body: tenant } = await server.request('POST', '/v1.0/admin/tenants', { token, body });
    assert.equal(tenant.administrator, 'admin@fabrikam.example');
    assert.equal((await openBrowser(server).post(tenant.setUpLink, NEW)).status, 200);
    const who = { id: '', tenantId: tenant.id, userPrincipalName: tenant.administrator, password: NEW.newPassword };
    const { accessToken } = await signIn(server, who);
    const { body: own } = await server.request('GET', '/v1.0/me/permissions', { token: accessToken });
    assert.equal(own.directoryRoles[0].displayName, 'Global Administrator');
    assert.ok(!own.permissions.includes('Tenant.Create'));
    const { body: where } = await server.request('GET', '/v1.0/organization', { token: accessToken });
    assert.equal(where.value[0].displayName, 'Fabrikam');
  });

  it('is begun by a password of the settings, or a link at each start until somebody has one', async () => {
    const tenantId = await server.createTenant();
    const begin = (password?: string) => ensureFirstAdministrator(server.db, tenantId, password);
    const [first, second] = [await begin(), await begin()];
    assert.ok(first?.link && second?.link);
    const page = (token: string) => openBrowser(server).get(`${server.url}/${tenantId}/set-up/${token}`);
    assert.equal((await page(first.link.token)).status, 404);
    assert.equal((await page(second.link.token)).status, 200);
    assert.equal((await begin('given by the settings'))?.link, undefined);
    assert.equal((await page(second.link.token)).status, 404);
    await signIn(server, {
      id: '',
      tenantId,
      userPrincipalName: second.userPrincipalName,
      password: 'given by the settings',
    });
    assert.equal(await begin('another one'), undefined);
    assert.equal(await begin(), undefined);
  });
});

describe('a password that must be changed', () => {
  it('is changed before one goes on', async () => {
    const one = await addPerson(server, [], { columns: { must_change_password: true } });
    const browser = openBrowser(server);
    const request = authorizeRequest(server);
    const page = await follow(browser, request.address);
    const { userPrincipalName: userName, password } = one;
    const asked = await browser.post(page.url, { userName, password });
    const text = await asked.text();
    assert.equal(asked.status, 200);
    assert.match(text, /<h1>Change your password<\/h1>/);
    const [, action] = /action="([^"]+)"/.exec(text)!;
    for (const [form, status, problem] of [
      [{ ...NEW, password: 'wrong' }, 401, /is wrong/],
      [{ password, newPassword: password, confirmation: password }, 400, /another than the current/],
      [{ password, newPassword: 'short', confirmation: 'short' }, 400, /8 to 256/],
    ] as const) {
      const again = await browser.post(action!, { userName, ...form });
      assert.equal(again.status, status);
      assert.match(await again.text(), problem);
    }
    const changed = await browser.post(action!, { userName, password, ...NEW });
    await redeem(server, request, await followToApp(browser, server, changed));
    await signIn(server, { ...one, password: NEW.newPassword });
  });
});

describe('POST /me/changePassword', () => {
  it('takes the current one; other sessions end, this one goes on', async () => {
    const one = await addPerson(server);
    const [here, there] = [await signIn(server, one), await signIn(server, one)];
    const change = (body: object) =>
      server.request('POST', '/v1.0/me/changePassword', { token: here.accessToken, body });
    assertRefused(await change({ currentPassword: 'wrong', newPassword: 'long enough' }), 400, /currentPassword/);
    assertRefused(await change({ currentPassword: one.password, newPassword: 'short' }), 400, /8 to 256/);
    assertRefused(await change({ currentPassword: one.password, newPassword: one.password }), 400, /newPassword/);
    const done = await change({ currentPassword: one.password, newPassword: 'long enough' });
    assert.equal(done.status, 204, JSON.stringify(done.body));
    assert.equal((await server.request('GET', '/v1.0/me', { token: here.accessToken })).status, 200);
    assert.equal((await server.request('GET', '/v1.0/me', { token: there.accessToken })).status, 401);
    const { address } = authorizeRequest(server, undefined, { prompt: 'none' });
    const silent = await followToApp(here.browser, server, await here.browser.get(address));
    assert.ok(silent.searchParams.get('code'));
    await signIn(server, { ...one, password: 'long enough' });
  });
});
