import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'node:test';
import { CLIENT_ID } from '../../sample-app/client-id.ts';
import { createSampleApp } from '../../sample-app/sample-app.ts';
import { inTenant } from '../../src/engine/tenant/tenancy.ts';
import { SYSTEM } from '../../src/engine/tenant/tenant.ts';
import { furnishContoso } from '../../src/sample/contoso.ts';
import { ensureSampleAppAddress } from '../../src/sample/sample-app-address.ts';
import { openBrowser } from '../harness/people.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf } from '../harness/world.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

const redirectUris = async () => {
  const { value } = await worldOf(server).get(`/applications?$filter=displayName%20eq%20'Sample%20app'`);
  return value[0].spa.redirectUris as string[];
};

describe('the sample app', () => {
  it('is nowhere without the sample, and is found as soon as that is there', async () => {
    const { db, tenantId, config } = server;
    const browser = openBrowser(server);
    const before = await browser.get(`${server.url}/sample-app`);
    assert.equal(before.status, 404);
    assert.match(await before.text(), /comes with the sample organisation/);
    await ensureSampleAppAddress(db, tenantId, config.baseUrl);
    await inTenant({ db, tenantId, actor: SYSTEM, correlationId: null }, furnishContoso);
    await ensureSampleAppAddress(db, tenantId, config.baseUrl);
    await ensureSampleAppAddress(db, tenantId, config.baseUrl);
    const own = [`${config.baseUrl}/sample-app/callback`, `${config.baseUrl}/sample-app/`];
    assert.deepEqual(await redirectUris(), own);
    // The server has moved; where no redirect URI can be, it adds none.
    await ensureSampleAppAddress(db, tenantId, 'https://autoclaim.contoso.example');
    await ensureSampleAppAddress(db, tenantId, 'http://autoclaim.contoso.example');
    assert.equal((await redirectUris()).length, 4);
    assert.equal((await browser.get(`${server.url}/sample-app`)).status, 200);
  });

  it('takes no answer that it has not asked for in this browser, and no token but a whole one', async () => {
    const browser = openBrowser(server);
    const callback = `${server.url}/sample-app/callback`;
    assert.equal((await browser.get(`${callback}?code=any&state=any`)).status, 400);
    const away = await browser.get(`${server.url}/sample-app/sign-in`);
    assert.equal(away.status, 303);
    const state = new URL(away.headers.get('location')!).searchParams.get('state')!;
    assert.equal((await browser.get(`${callback}?code=any&state=other`)).status, 400);
    const foreign = await browser.get(`${callback}?code=any&state=${state}`);
    assert.equal(foreign.status, 400);
    const iss = encodeURIComponent(`${server.config.baseUrl}/${server.tenantId}/v2.0`);
    assert.equal((await browser.get(`${callback}?code=made-up&state=${state}&iss=${iss}`)).status, 400);
    const told = encodeURIComponent('<script>1</script>');
    const denied = await browser.get(
      `${callback}?error=access_denied&error_description=${told}&state=${state}&iss=${iss}`,
    );
    assert.equal(denied.status, 403);
    assert.match(await denied.text(), /let in: &lt;script&gt;/);
    const forged = [{ alg: 'none' }, { sub: 'a', name: 'Mallory', aud: CLIENT_ID }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const other = openBrowser(server);
    other.plant('sample_app_id_token', `${forged}.`);
    assert.match(await (await other.get(`${server.url}/sample-app/`)).text(), />Sign in</);
    for (const cookie of browser.cookies) assert.match(cookie.text, /path=\/sample-app; HttpOnly; SameSite=Lax/i);
  });

  it('says which provider does not answer, and asks again the next time', async () => {
    const issuer = 'http://127.0.0.1:9/none/v2.0';
    const app = createSampleApp({ issuer, clientId: CLIENT_ID, address: 'http://localhost:8366' });
    for (const path of ['/sign-in', '/sign-in']) {
      const answer = await app(new Request(`http://localhost:8366${path}`));
      assert.equal(answer.status, 502);
      assert.ok((await answer.text()).includes(issuer));
    }
    assert.equal((await app(new Request('http://localhost:8366/sign-out'))).status, 404);
  });

  it('runs as a program of its own, which says what it needs', () => {
    const main = fileURLToPath(new URL('../../sample-app/main.ts', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [main, '--issuer', 'nowhere'], { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(stderr, /--client-id/);
  });
});
