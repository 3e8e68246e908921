import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { confirmDevice } from '../harness/device.ts';
import { addPerson, type TestPerson } from '../harness/people.ts';
import { makeOperator, type Operator } from '../harness/remote-command.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';

// A person signs in to the command line by a code that they type in a browser.

let server: TestServer;
let person: TestPerson;
let operator: Operator;

before(async () => {
  server = await startTestServer();
  person = await addPerson(server, ['Global Reader']);
  operator = await makeOperator();
});
after(async () => {
  await operator.remove();
  await server.close();
});

describe('signing in by a code', { concurrency: false }, () => {
  it('shows the code, waits for the browser, and keeps who it was', async () => {
    const running = operator.begin('login', '--url', server.url);
    const [, code] = await running.says(/type the code ([B-Z]{4}-[B-Z]{4}) there, within 10 minutes/);
    await confirmDevice(server, code!, person);
    const { code: exitCode, stdout, stderr } = await running.ended;
    assert.equal(exitCode, 0, stderr);
    assert.match(
      stdout,
      new RegExp(`^Signed in to ${server.url} as ${person.userPrincipalName}\\. Kept as profile "default"`),
    );
    const who = await operator.json('whoami');
    assert.deepEqual(
      [who.userPrincipalName, who.roles, who.tenant],
      [person.userPrincipalName, ['Global Reader'], server.tenantId],
    );
    assert.equal((await operator.run('setting', 'on')).code, 4, 'a reader changes nothing');
  });

  it('renews what is no longer fresh once, whoever asks at the same time', async () => {
    const before_ = operator.profiles();
    const stale = structuredClone(before_);
    stale.profiles.default.person.expiresAt = Date.now();
    writeFileSync(join(operator.settings['XDG_CONFIG_HOME']!, 'autoclaim', 'profiles.json'), JSON.stringify(stale));
    const ended = await Promise.all([operator.run('status'), operator.run('setting', 'show'), operator.run('whoami')]);
    assert.deepEqual(
      ended.map(({ code }) => code),
      [0, 0, 0],
      JSON.stringify(ended),
    );
    const { person: renewed } = operator.profiles().profiles.default;
    assert.ok(renewed.expiresAt > Date.now());
    assert.notEqual(renewed.refreshToken, before_.profiles.default.person.refreshToken);
  });

  it('is over when the person is blocked, which is said', async () => {
    await server.db.pool.query('update users set is_account_enabled = false where user_id = $1', [person.id]);
    const { code, stderr } = await operator.run('status');
    assert.equal(code, 3, stderr);
    assert.match(stderr, /Sign in again: autoclaim login/);
  });
});
