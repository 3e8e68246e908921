import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import pg from 'pg';
import { startAutoclaim, temporaryFolder, type AutoclaimProcess } from '../harness/autoclaim-process.ts';
import { testServer } from '../harness/database.ts';
import { authorizeRequest, follow, followToApp, openBrowser, redeem } from '../harness/people.ts';
import type { TestServer } from '../harness/server.ts';

// How the first administrator begins, with the program itself and what it prints.

describe('the first start', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let running: AutoclaimProcess | undefined;
  const databases: string[] = [];
  const admin = new pg.Client({ ...testServer(), database: 'postgres' });

  before(async () => {
    folder = await temporaryFolder();
    await admin.connect();
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
  });
  after(async () => {
    for (const name of databases) await admin.query(`drop database ${name} with (force)`);
    await admin.end();
    await folder.remove();
  });

  const emptyDatabase = async () => {
    const name = `first_${randomBytes(6).toString('hex')}`;
    await admin.query(`create database ${name}`);
    databases.push(name);
    const { host, port, user } = testServer();
    return `postgres://${user}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`;
  };
  const start = async (settings: Record<string, string>) => {
    await running?.stop();
    running = await startAutoclaim({ AUTOCLAIM_DATA_DIR: join(folder.path, 'data'), ...settings });
    await running.ready;
    return running;
  };
  /** Signs in at the program that runs; what its pages answer to the password. */
  const signIn = async (server: AutoclaimProcess, userName: string, password: string) => {
    const baseUrl = /running at (\S+) for/.exec(server.stdout)![1]!;
    const at = { url: server.url, config: { baseUrl }, tenantId: 'common' } as unknown as TestServer;
    const browser = openBrowser(at);
    const request = authorizeRequest(at);
    const page = await follow(browser, request.address);
    const answer = await browser.post(page.url, { userName, password });
    if (answer.status !== 303) return answer.status;
    const { accessToken } = await redeem(at, request, await followToApp(browser, at, answer));
    const own = await fetch(`${server.url}/v1.0/me/permissions`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    return ((await own.json()) as any).directoryRoles.map((role: any) => role.displayName);
  };

  it('prints a one-time link; each next one a new link, until somebody has a password', async () => {
    const settings = { DATABASE_URL: await emptyDatabase(), AUTOCLAIM_SAMPLE: 'contoso' };
    const linkOf = ({ stdout }: AutoclaimProcess) => / {2}Begin here +(\S+)\n/.exec(stdout)?.[1];
    const first = linkOf(await start(settings));
    const server = await start(settings);
    assert.match(server.stdout, /sets the password of admin@contoso\.example: once, within 24 hours/);
    assert.doesNotMatch(server.stderr, /set-up/);
    const path = (link: string | undefined) => server.url + new URL(link!).pathname;
    assert.equal((await fetch(path(first))).status, 404);
    const form = new URLSearchParams({ newPassword: 'my first password', confirmation: 'my first password' });
    const done = await fetch(path(linkOf(server)), { method: 'POST', body: form });
    assert.equal(done.status, 200);
    await done.text();
    assert.deepEqual(await signIn(server, 'admin@contoso.example', 'my first password'), ['Global Administrator']);
    const third = await start(settings);
    assert.equal(linkOf(third), undefined);
    assert.match(third.stdout, / {2}Admin center +http/);
  });

  it('takes the password of the settings, once: a later one changes nothing', async () => {
    const settings = { DATABASE_URL: await emptyDatabase(), AUTOCLAIM_ADMIN_PASSWORD: 'from the settings' };
    const server = await start(settings);
    assert.match(server.stdout, / {2}Sign in as +admin@organisation\.example\n/);
    assert.doesNotMatch(server.stdout + server.stderr, /from the settings|no setting of this version/);
    assert.deepEqual(await signIn(server, 'admin@organisation.example', 'from the settings'), ['Global Administrator']);
    const again = await start({ ...settings, AUTOCLAIM_ADMIN_PASSWORD: 'quite another one' });
    assert.equal(await signIn(again, 'admin@organisation.example', 'quite another one'), 401);
  });

  it('is refused with a password that is none', async () => {
    const server = await startAutoclaim({ AUTOCLAIM_ADMIN_PASSWORD: 'short' });
    assert.equal((await server.ended).code, 1);
    assert.match(server.stderr, /AUTOCLAIM_ADMIN_PASSWORD must have 8 to 256 characters/);
    assert.doesNotMatch(server.stderr, /short/);
  });
});
