import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import * as oidc from 'openid-client';
import { beginSignIn } from '../harness/app-client.ts';
import { assertAccessible } from '../harness/browser/accessibility.ts';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';

let center: AdminCenter;
/** The app's own site, on another origin. */
let site: Server;
let redirectUri: string;
before(async () => {
  center = await startAdminCenter();
  site = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(
      `<!doctype html><html lang="en"><title>Paint</title><h1>Back in Paint</h1><p>${request.method}</p></html>`,
    );
  });
  await new Promise<void>((listening) => site.listen(0, '127.0.0.1', listening));
  redirectUri = `http://127.0.0.1:${(site.address() as AddressInfo).port}/signed-in`;
});
afterEach(() => center.check());
after(async () => {
  await center.close();
  site.closeAllConnections();
  site.close();
});

describe('Settings > Apps', () => {
  it('leads from a new app to its first sign-in: the secret once, the refusal, the license', async () => {
    const { world } = center;
    const product = await world.addProduct({ PAINT_P1: {} }, { displayName: 'Paint suite' });
    await world.turnAutoClaim(true);
    const window = await center.openAs(await center.person(['Global Administrator']), '/settings/apps');
    window.expect(/400 to POST .*applications$/);
    const { page } = window;
    await page.getByRole('button', { name: 'Add an app' }).first().click();
    const adding = page.getByRole('dialog', { name: 'Add an app' });
    await adding.getByLabel('Name').fill('Paint');
    await adding.getByLabel('Redirect URIs').fill('http://paint.example/');
    await adding.getByRole('combobox', { name: 'Add from a product' }).fill('Paint');
    await page.getByRole('option', { name: /Paint suite/ }).click();
    await adding.getByRole('checkbox', { name: 'PAINT_P1' }).check();
    await assertAccessible(page);
    await adding.getByRole('button', { name: 'Add', exact: true }).click();
    await adding.getByText('http: is for localhost').waitFor();
    await adding.getByLabel('Redirect URIs').fill(redirectUri);
    await adding.getByRole('button', { name: 'Add', exact: true }).click();

    const pane = page.getByRole('dialog', { name: 'Paint' });
    const valueOf = (label: string) => pane.getByLabel(label, { exact: true }).inputValue();
    const secret = await valueOf('Client secret');
    const [clientId, issuer] = [await valueOf('Client ID'), await valueOf('Issuer')];
    await assertAccessible(page);
    await world.addPolicy({ id: '', appId: clientId, displayName: 'Paint' }, [product]);

    // The app, with what its maker was given to put into it.
    const config = await oidc.discovery(new URL(issuer), clientId, undefined, oidc.ClientSecretPost(secret), {
      execute: [oidc.allowInsecureRequests],
    });
    const app = { id: '', appId: clientId, displayName: 'Paint', redirectUri, secret, config };
    const ann = await center.person([]);
    const begun = await beginSignIn(app);
    const browser = await page.context().browser()!.newContext();
    const tab = await browser.newPage();
    await tab.goto(begun.address.href);
    await tab.getByLabel('User name').fill(ann.userPrincipalName);
    await tab.getByLabel('Password').fill(ann.password);
    await tab.getByRole('button', { name: 'Sign in' }).click();
    await tab.getByRole('heading', { name: 'Paint isn’t open to you yet' }).waitFor();
    await assertAccessible(tab);
    const reference = (await tab.locator('.reference').textContent())!;
    await tab.getByRole('button', { name: 'Try again' }).click();
    await tab.getByRole('heading', { name: 'Paint isn’t open to you yet' }).waitFor();
    await world.buy(product, 1);
    await tab.getByRole('button', { name: 'Try again' }).click();
    await tab.getByRole('heading', { name: 'Back in Paint' }).waitFor();
    const tokens = await oidc.authorizationCodeGrant(config, new URL(tab.url()), {
      pkceCodeVerifier: begun.verifier,
      expectedState: begun.state,
      expectedNonce: begun.nonce,
    });
    assert.deepEqual(tokens.claims()!['service_plans'], ['PAINT_P1']);

    // By a form that posts the code, which leads to another site, too.
    await tab.goto((await beginSignIn(app, { response_mode: 'form_post' })).address.href);
    await tab.getByText('POST').waitFor();
    await browser.close();

    await page.goto(new URL(`/reports/sign-ins?q=${reference}`, page.url()).href);
    await page.getByText(ann.userPrincipalName).first().waitFor();
  });

  it('changes an app, its secrets, and deletes it by its name', async () => {
    const { world } = center;
    const made = await world.post('/applications', {
      displayName: 'Old tool',
      web: { redirectUris: ['https://old.contoso.example/'] },
    });
    const { page } = await center.openAs(
      await center.person(['Global Administrator']),
      `/settings/apps?app=${made.id}`,
    );
    const pane = page.getByRole('dialog', { name: 'Old tool' });
    await pane.getByRole('tab', { name: 'Secrets' }).click();
    await pane.getByText('The app has no secret.').waitFor();
    await assertAccessible(page);
    await pane.getByRole('button', { name: 'Add a secret' }).click();
    const secret = await pane.getByLabel('Client secret', { exact: true }).inputValue();
    await pane.getByRole('tab', { name: 'Secrets' }).click();
    await pane.getByRole('button', { name: /Remove the secret that begins with/ }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await pane.getByText('The app has no secret.').waitFor();
    await page.reload();
    await pane.getByRole('tab', { name: 'Set up' }).click();
    await pane.getByLabel('Client ID', { exact: true }).waitFor();
    assert.ok(!(await page.content()).includes(secret));

    await pane.getByRole('tab', { name: 'Settings' }).click();
    await pane.getByRole('radio', { name: 'Single-page app' }).check();
    await pane.getByLabel('Redirect URIs').fill('https://new.contoso.example/');
    await pane.getByRole('radio', { name: 'Is let in, without the claim' }).check();
    await pane.getByRole('button', { name: 'Save' }).click();
    await page.getByText('App saved').first().waitFor();
    const { web, spa, onRefusal } = await world.get(`/applications/${made.id}`);
    assert.deepEqual(
      [web.redirectUris, spa.redirectUris, onRefusal],
      [[], ['https://new.contoso.example/'], 'continue'],
    );

    await pane.getByRole('button', { name: 'Delete' }).click();
    await page.getByLabel(/To confirm, type/).fill('Old tool');
    await page.getByRole('button', { name: 'Delete', exact: true }).last().click();
    await page.getByText('App deleted').first().waitFor();
    assert.equal((await world.call('GET', `/applications/${made.id}`)).status, 404);
  });

  it('puts an app behind a proxy: the configuration to copy, a proxy that signs people in itself, the end', async () => {
    const { world } = center;
    const app = await world.addApp([], 'Wiki');
    const window = await center.openAs(await center.person(['Global Administrator']), `/settings/apps?app=${app.id}`);
    window.expect(/400 to POST .*forwardAuth$/);
    const { page } = window;
    const pane = page.getByRole('dialog', { name: 'Wiki' });
    await pane.getByRole('tab', { name: 'Forward auth' }).click();
    await assertAccessible(page);
    const addresses = pane.getByLabel('Addresses of the app');
    await addresses.fill('https://wiki.contoso.example/start');
    await pane.getByRole('button', { name: 'Set up', exact: true }).click();
    await pane.getByText('without a path').waitFor();
    await addresses.fill('https://wiki.contoso.example');
    await pane.getByRole('button', { name: 'Set up', exact: true }).click();
    const configuration = pane.getByLabel('Configuration', { exact: true });
    assert.match(await configuration.inputValue(), new RegExp(`forward-auth\\?app=${app.appId};`));
    await pane.getByRole('combobox', { name: 'Proxy' }).click();
    await page.getByRole('option', { name: 'Caddy' }).click();
    assert.match(await configuration.inputValue(), /^https:\/\/wiki\.contoso\.example \{/);
    await assertAccessible(page);

    const shownSecret = async () => /Proxy-Secret "(\w[^"]+)"/.exec(await configuration.inputValue())?.[1];
    await pane.getByRole('checkbox', { name: /signs people in itself/ }).check();
    await pane.getByLabel('Addresses of the proxy').fill('10.1.2.3');
    await pane.getByRole('button', { name: 'Save' }).click();
    await pane.getByText('is shown this once').waitFor();
    const first = await shownSecret();
    await pane.getByRole('button', { name: 'New secret' }).click();
    await page.getByRole('button', { name: 'New secret' }).last().click();
    await page.getByRole('dialog', { name: /Make a new secret/ }).waitFor({ state: 'hidden' });
    const second = await shownSecret();
    assert.ok(first && second && first !== second, 'a new secret is another');
    await page.reload();
    await pane.getByLabel('Configuration', { exact: true }).waitFor();
    assert.ok(!(await page.content()).includes(second));
    const { value } = await world.get(`/admin/forwardAuth?$filter=appId eq '${app.appId}'`);
    assert.deepEqual([value[0].origins, value[0].trustedAddresses.length], [['https://wiki.contoso.example'], 1]);

    await pane.getByRole('button', { name: 'End forward auth' }).click();
    await page.getByRole('button', { name: 'End forward auth' }).last().click();
    await pane.getByRole('button', { name: 'Set up', exact: true }).waitFor();
    assert.equal((await world.get(`/admin/forwardAuth?$filter=appId eq '${app.appId}'`)).value.length, 0);
  });
});
