import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { hash } from '@node-rs/argon2';
import { addPerson, authorizeRequest, follow, openBrowser, signIn, type TestPerson } from '../harness/people.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';

let server: TestServer;
let person: TestPerson;
before(async () => {
  server = await startTestServer();
  person = await addPerson(server);
});
after(() => server.close());

/** Opens a sign-in page; posts to it what somebody typed. */
async function attempt(userName: string, password: string, browser = openBrowser(server)): Promise<Response> {
  const page = await follow(browser, authorizeRequest(server).address);
  return browser.post(page.url, { userName, password });
}

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
    for (let round = 0; round < 40 && (round < 5 || ratio(took) >= 2); round += 1) {
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
