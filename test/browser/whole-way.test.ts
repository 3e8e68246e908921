import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';
import { startUpstream, type Upstream } from '../harness/identity-providers/upstream.ts';
import { runSampleApp, type RunningSampleApp } from '../harness/sample-app.ts';

// Three programs: an app, Autoclaim, and the organisation's identity provider with its own users.

let center: AdminCenter;
let upstream: Upstream;
let app: RunningSampleApp;
const started = new AsyncDisposableStack();
before(async () => {
  center = await startAdminCenter();
  started.defer(() => center.close());
  const { server, world } = center;
  upstream = await startUpstream(`${server.config.baseUrl}/${server.tenantId}/federation/callback`);
  started.defer(() => upstream.close());
  const product = await world.addProduct({ PAINT_P1: {} }, { displayName: 'Paint suite' });
  await world.buy(product, 1);
  await world.turnAutoClaim(true);
  app = await runSampleApp(world, [product.plans['PAINT_P1']!]);
  started.defer(() => app.close());
  await world.addPolicy({ id: '', appId: app.appId, displayName: 'Paint' }, [product]);
  await world.patch('/admin/autoClaim', { createUsersOnSignIn: true, allowedDomains: ['contoso.example'] });
  await world.post('/admin/identityProviders', {
    displayName: 'Contoso accounts',
    kind: 'oidc',
    issuer: upstream.issuer,
    clientId: upstream.clientId,
    clientSecret: upstream.clientSecret,
    domains: ['contoso.example'],
  });
});
afterEach(() => center.check());
after(() => started.disposeAsync());

describe('from an app over Autoclaim to the identity provider, and back', () => {
  it('a person who was never here gets the license in the token; the next one reads that none is left', async () => {
    upstream.addUser('nia', { email: 'nia@contoso.example', email_verified: true, name: 'Nia New' });
    upstream.addUser('leo', { email: 'leo@contoso.example', email_verified: true, name: 'Leo Late' });
    const openApp = async (login: string) => {
      const window = await center.open();
      window.expect(/403 to GET/);
      const { page } = window;
      await page.goto(app.address);
      await page.getByRole('link', { name: 'Sign in', exact: true }).click();
      await page.getByLabel('User name').fill(`${login}@contoso.example`);
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByRole('heading', { name: 'The upstream' }).waitFor();
      await page.getByLabel('Login').fill(login);
      await page.getByRole('button', { name: 'Sign in upstream' }).click();
      return page;
    };
    const first = await openApp('nia');
    await first.getByRole('heading', { name: 'Welcome, Nia New' }).waitFor();
    await first.getByRole('listitem').filter({ hasText: 'PAINT_P1' }).waitFor();
    assert.equal(new URL(first.url()).origin, app.address);

    const second = await openApp('leo');
    await second.getByRole('heading', { name: 'Paint isn’t open to you yet' }).waitFor();
    await second.getByRole('button', { name: 'Back to Paint' }).click();
    await second.getByRole('alert').filter({ hasText: 'You weren’t let in' }).waitFor();

    const { value } = await center.world.get(`/auditLogs/signIns`);
    const decided = value.map(({ userPrincipalName, door, outcome, reason }: Record<string, string>) => [
      userPrincipalName,
      door,
      reason ?? outcome,
    ]);
    assert.deepEqual(decided.toSorted(), [
      ['leo@contoso.example', 'openIdConnect', 'noSeats'],
      ['nia@contoso.example', 'openIdConnect', 'claimed'],
    ]);
  });
});
