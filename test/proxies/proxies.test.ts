import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { LICENSE_HEADERS } from '../../contract/forward-auth-headers.ts';
import { configurationOf } from '../../web/features/apps/forward-auth/proxy-configuration.ts';
import { freePort } from '../harness/autoclaim-process.ts';
import { withoutStore } from '../harness/without-store.ts';
import { guard, GuardedBrowser, plainRequest, type GuardedTestApp } from '../harness/forward-auth.ts';
import { addPerson, type TestPerson } from '../harness/people.ts';
import {
  installedProxy,
  passwordFile,
  startCaddy,
  startNginx,
  startPlainApp,
  type PlainApp,
  type Reached,
  type RunningProxy,
} from '../harness/proxies.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World, type WorldApp, type WorldProduct } from '../harness/world.ts';

const PROXIES = { nginx: startNginx, caddy: startCaddy } as const;

for (const proxy of ['nginx', 'caddy'] as const) {
  const program = installedProxy(proxy);
  describe(
    `behind a real ${proxy}, as the admin center says to configure it`,
    {
      skip: program === undefined && `no ${proxy} is installed`,
    },
    () => {
      let server: TestServer;
      let world: World;
      let product: WorldProduct;
      let registered: WorldApp;
      let app: PlainApp;
      let guarded: GuardedTestApp;
      let running: RunningProxy;
      let browser: GuardedBrowser;
      let person: TestPerson;
      before(async () => {
        server = await startTestServer();
        world = worldOf(server);
        product = await world.addProduct({ TEAMS1: {} });
        await world.buy(product, 1);
        await world.turnAutoClaim(true);
        registered = await world.addApp([product.plans['TEAMS1']!], 'Wiki');
        await world.addPolicy(registered, [product]);
        app = await startPlainApp();
        const port = await freePort();
        guarded = await guard(world, registered, { origins: [`http://127.0.0.1:${port}`] });
        running = await PROXIES[proxy](program!, port, configured(proxy, guarded));
        browser = new GuardedBrowser((url) => ({ address: url.href, headers: {} }));
        person = await addPerson(server);
      });
      after(async () => {
        await running.stop();
        app.close();
        await server.close();
      });
      const configured = (which: typeof proxy, at: GuardedTestApp, { url } = server, secret?: string) =>
        configurationOf(which, {
          address: `${url}/forward-auth?app=${at.appId}`,
          appId: at.appId,
          origins: [at.origin],
          trusted: secret === undefined ? undefined : { userHeader: 'X-Forwarded-User', secret },
        }).replace('http://127.0.0.1:8080', app.url);

      it('a person signs in, claims a seat, and is where they were going; the app is told by headers', async () => {
        const answer = await browser.open(`${guarded.origin}/pages/1?q=a%20b&c=`, person);
        assert.deepEqual([answer.status, answer.url], [200, `${guarded.origin}/pages/1?q=a%20b&c=`]);
        const { url, headers } = JSON.parse(answer.body) as Reached;
        assert.equal(url, '/pages/1?q=a%20b&c=');
        assert.deepEqual(
          LICENSE_HEADERS.map((header) => headers[header.toLowerCase()]),
          [person.userPrincipalName, person.id, product.skuPartNumber, product.skuId, 'TEAMS1'],
        );
        assert.equal(await world.consumed(product), 1);
        const { value } = await world.get(
          `/auditLogs/signIns?$filter=userId eq ${person.id} and door eq 'forwardAuth'`,
        );
        assert.deepEqual([value.length, value[0].outcome], [1, 'claimed']);
      });

      it('what a browser says of licenses doesn’t reach the app', async () => {
        const forged = Object.fromEntries(LICENSE_HEADERS.map((header) => [header, 'forged']));
        const { body } = await browser.send(`${guarded.origin}/`, { ...forged, 'x-license-more': 'forged' });
        const { headers } = JSON.parse(body) as Reached;
        assert.equal(headers['x-license-sku'], product.skuPartNumber);
        for (const header of LICENSE_HEADERS) assert.notEqual(headers[header.toLowerCase()], 'forged');
      });

      it('a form with much in it arrives; one of nobody leads to the sign-in, and arrives nowhere', async () => {
        const form = { text: 'x'.repeat(500_000) };
        const { body } = await browser.send(`${guarded.origin}/save`, {}, form);
        const { method, length } = JSON.parse(body) as Reached;
        assert.deepEqual([method, length], ['POST', 500_005]);
        const before = app.reached.length;
        const stranger = new GuardedBrowser((url) => ({ address: url.href, headers: {} }));
        const answer = await stranger.send(`${guarded.origin}/save`, {}, form);
        assert.ok([302, 303].includes(answer.status), `${answer.status} ${answer.body}`);
        assert.match(answer.location!, /\/(oauth2\/v2\.0\/authorize|autoclaim-forward-auth\/sign-in)\?/);
        assert.equal(app.reached.length, before);
      });

      it('a script gets 401, and neither a redirect nor the app', async () => {
        const before = app.reached.length;
        const headers = { 'sec-fetch-mode': 'cors', accept: '*/*' };
        const { status, body } = await plainRequest(`${guarded.origin}/api`, headers);
        assert.equal(status, 401, body);
        assert.match(body, /Sign in/);
        assert.equal(app.reached.length, before);
      });

      it('who gets no seat reads why; and is let in by Try again once there is one', async () => {
        const late = await addPerson(server);
        const theirs = new GuardedBrowser((url) => ({ address: url.href, headers: {} }));
        const refused = await theirs.open(`${guarded.origin}/late`, late);
        assert.equal(refused.status, 403);
        assert.match(refused.body, /Wiki isn’t open to you yet/);
        await world.buy(product, 1);
        const action = /action="([^"]+)"/.exec(refused.body)![1]!.replaceAll('&amp;', '&');
        const again = await theirs.send(new URL(action, guarded.origin).href, {}, { next: 'again' });
        const { status, body } = await theirs.open(new URL(again.location!, guarded.origin).href);
        assert.deepEqual([status, (JSON.parse(body) as Reached).url], [200, '/late']);
      });

      it('the proxy names who it signed in itself, with its secret; a browser’s word is nothing', async () => {
        const own = await world.addApp([]);
        const port = await freePort();
        const trusting = await guard(world, own, {
          origins: [`http://127.0.0.1:${port}`],
          trustedAddresses: ['127.0.0.1'],
        });
        const passwords = await passwordFile(person.userPrincipalName, 'secret');
        // Caddy keeps hashes, and makes them itself; its own word for who is there is put in their place.
        const signsIn = (text: string) =>
          proxy === 'nginx'
            ? text.replace('location / {', `location / { auth_basic "app"; auth_basic_user_file ${passwords.path};`)
            : text.replace('{http.auth.user.id}', person.userPrincipalName);
        const text = signsIn(configured(proxy, trusting, server, trusting.secretText));
        const proxied = await PROXIES[proxy](program!, port, text);
        try {
          const authorization = `Basic ${Buffer.from(`${person.userPrincipalName}:secret`).toString('base64')}`;
          const forged = { 'x-forwarded-user': 'somebody@contoso.example', authorization };
          const { status, body } = await plainRequest(`${trusting.origin}/`, forged);
          assert.equal(status, 200, body);
          const { headers } = JSON.parse(body) as Reached;
          assert.equal(headers['x-license-user-id'], person.id);
          assert.ok(!JSON.stringify(headers).includes(trusting.secretText), 'the app was told the secret');
        } finally {
          await proxied.stop();
          await passwords.remove();
        }
      });

      it('nobody gets in while Autoclaim can’t find out; a page says so', async () => {
        const before = app.reached.length;
        const cookie = `autoclaim_app_${guarded.appId.replaceAll('-', '')}=${'x'.repeat(43)}`;
        const { status, body } = await withoutStore(server, () => plainRequest(`${guarded.origin}/`, { cookie }));
        assert.equal(status, 503, body);
        assert.match(body, /can’t be checked/);
        assert.equal(app.reached.length, before);
      });

      it('nobody gets in while Autoclaim can’t be asked', async () => {
        const [beside, port] = [await startTestServer({ beside: server }), await freePort()];
        const at = await guard(world, await world.addApp([]), { origins: [`http://127.0.0.1:${port}`] });
        const proxied = await PROXIES[proxy](program!, port, configured(proxy, at, beside));
        const theirs = new GuardedBrowser((url) => ({ address: url.href, headers: {} }));
        try {
          assert.equal((await theirs.open(`${at.origin}/`, person)).status, 200);
          const before = app.reached.length;
          await beside.close();
          const { status } = await theirs.send(`${at.origin}/`);
          assert.ok(status >= 500, String(status));
          assert.equal(app.reached.length, before);
        } finally {
          await proxied.stop();
        }
      });
    },
  );
}
