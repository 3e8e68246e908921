import assert from 'node:assert/strict';
import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PERMISSIONS } from '../../contract/permission.ts';
import { freePort } from '../harness/autoclaim-process.ts';
import { beginCommand, LAUNCHER } from '../harness/command.ts';
import { makeOperator, operatorOf, type Operator } from '../harness/remote-command.ts';
import { startTestServer, type TestClient, type TestServer } from '../harness/server.ts';

// The command line against a real server: as whom it calls, what it keeps, and how it ends.

let server: TestServer;
let client: TestClient;
let operator: Operator;

before(async () => {
  server = await startTestServer();
  client = await server.createClient(PERMISSIONS);
  operator = await makeOperator();
});
after(async () => {
  await operator.remove();
  await server.close();
});

const login = (secret: string, ...more: string[]) =>
  operator.feed(`${secret}\n`, 'login', '--url', server.url, '--client-id', client.clientId, '--secret-stdin', ...more);

describe('signing in', { concurrency: false }, () => {
  it('is refused with a wrong secret, and keeps nothing', async () => {
    const { code, stderr } = await login('wrong');
    assert.equal(code, 3, stderr);
    assert.match(stderr, /doesn't take these credentials/);
    assert.doesNotMatch(stderr, /wrong\b.*secret|secret.*\bwrong\b/);
    assert.throws(() => operator.profiles(), /ENOENT/);
  });

  it('keeps a profile that its owner alone may read, by the launcher as by the program', async () => {
    const { code, stdout, stderr } = await login(client.clientSecret, '--profile', 'test.1');
    assert.equal(code, 0, stderr);
    assert.ok(!`${stdout}${stderr}`.includes(client.clientSecret), 'the secret is shown');
    const folder = join(operator.settings['XDG_CONFIG_HOME']!, 'autoclaim');
    assert.equal(statSync(join(folder, 'profiles.json')).mode & 0o777, 0o600);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    const { url, clientId } = client_(operator.profiles());
    assert.deepEqual([url, clientId], [server.url, client.clientId]);

    const launched = await beginCommand(['whoami', '--json'], operator.settings, { program: LAUNCHER }).ended;
    assert.equal(launched.code, 0, launched.stderr);
    const who = JSON.parse(launched.stdout);
    assert.deepEqual([who.tenant, who.from, who.organisation], [server.tenantId, 'test.1', 'Contoso']);
    assert.deepEqual(who.permissions, [...PERMISSIONS].toSorted());
  });

  it('refuses a file that others may read', async () => {
    const path = join(operator.settings['XDG_CONFIG_HOME']!, 'autoclaim', 'profiles.json');
    chmodSync(path, 0o644);
    const { code, stderr } = await operator.run('status');
    chmodSync(path, 0o600);
    assert.equal(code, 1);
    assert.match(stderr, /others may read it\. .*chmod 600/);
  });

  it('lets the environment count before the current profile, and a named profile before that', async () => {
    const other = await operatorOf(server, ['AutoClaimPolicy.Read.All']);
    const settings = { ...other.settings, ...operator.settings };
    const [byEnvironment, byProfile] = await Promise.all([
      beginCommand(['whoami', '--json'], settings).ended,
      beginCommand(['whoami', '--json', '--profile', 'test.1'], settings).ended,
    ]);
    assert.equal(JSON.parse(byEnvironment.stdout).clientId, other.settings['AUTOCLAIM_CLIENT_ID']);
    assert.equal(JSON.parse(byProfile.stdout).clientId, client.clientId);
    await other.remove();
  });

  it('is over with logout', async () => {
    const { code, stdout } = await operator.run('logout');
    assert.deepEqual([code, stdout], [0, 'Forgot profile "test.1".\n']);
    assert.deepEqual(operator.profiles().profiles, {});
    const { code: after_, stderr } = await operator.run('policy', 'list');
    assert.equal(after_, 3);
    assert.match(stderr, /You are not signed in\. Do it with: autoclaim login/);
  });
});

describe('a command that can not do it ends with a code of its own', { concurrency: true }, () => {
  let reader: Operator;
  before(async () => {
    reader = await operatorOf(server, ['AutoClaimPolicy.Read.All']);
  });
  after(() => reader.remove());

  const ends = async (by: Operator, args: string[], code: number, stderr: RegExp) => {
    const ended = await by.run(...args);
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, stderr);
    assert.equal(ended.stdout, '');
  };

  it('2: the arguments are not understood', () =>
    ends(reader, ['policy', 'lst'], 2, /unknown command 'lst'.*Try: autoclaim policy --help/s));
  it('4: it is not allowed, and which permission lacks', () =>
    ends(reader, ['setting', 'on'], 4, /Insufficient privileges.*AutoClaimPolicy\.ReadWrite\.All/));
  it('5: there is nothing of the name', () =>
    ends(reader, ['policy', 'show', 'nothing'], 5, /There is no policy "nothing"/));
  it('6: nothing listens there', async () => {
    const away = await makeOperator({ ...reader.settings, AUTOCLAIM_URL: `http://127.0.0.1:${await freePort()}` });
    await ends(away, ['policy', 'list'], 6, /can't be reached: nothing listens there/);
    await away.remove();
  });
  it('0, with ids for names, where it may read what was asked for and no names', async () => {
    assert.deepEqual((await reader.run('policy', 'list')).code, 0);
  });
});

function client_(kept: any): { url: string; clientId: string } {
  assert.equal(kept.current, 'test.1');
  return kept.profiles['test.1'];
}
