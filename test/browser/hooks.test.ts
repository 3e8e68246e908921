import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, describe, it } from 'node:test';
import { AUTH0_ACTION } from '../../web/features/hooks/auth0-action.ts';
import { assertAccessible } from '../harness/browser/accessibility.ts';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';
import { deliver, eventOf } from '../harness/hooks.ts';

let center: AdminCenter;
before(async () => {
  center = await startAdminCenter();
});
afterEach(() => center.check());
after(() => center.close());

describe('Settings > Sign-in hooks', () => {
  it('leads from a new hook to its first event: the steps, the secret once, the apps, a test', async () => {
    const { world } = center;
    const product = await world.addProduct({ PLAN: {} });
    await world.buy(product, 5);
    const app = await world.addApp([product.plans['PLAN']!], 'Paint');
    await world.turnAutoClaim(true);
    await world.addPolicy(app, [product]);
    const { userPrincipalName } = await world.addUser();

    const { page } = await center.openAs(await center.person(['Global Administrator']), '/settings/hooks');
    await page.getByText('No identity provider tells of its sign-ins yet').waitFor();
    await page.getByRole('button', { name: 'Add a hook' }).first().click();
    const adding = page.getByRole('dialog', { name: 'Add a hook' });
    await adding.getByRole('combobox', { name: 'Identity provider' }).click();
    await page.getByRole('option', { name: 'Okta' }).click();
    await adding.getByRole('button', { name: 'Add', exact: true }).click();

    const pane = page.getByRole('dialog', { name: 'Okta' });
    const secretText = await pane.getByLabel('Secret', { exact: true }).inputValue();
    const address = await pane.getByLabel('Address', { exact: true }).inputValue();
    const id = new URL(address).searchParams.get('hook')!;
    const hook = { id, kind: 'okta', secretText } as const;
    const event = () => eventOf('okta', { name: userPrincipalName, clientId: '0oa-paint' });
    assert.deepEqual((await deliver(world, hook, event())).body, { commands: [] });

    await page.reload();
    await pane.getByLabel('Address', { exact: true }).waitFor();
    await assertAccessible(page);
    await page.getByRole('tab', { name: 'Apps' }).click();
    await pane.getByRole('button', { name: 'Add 0oa-paint' }).click();
    await pane.getByRole('combobox', { name: 'App' }).click();
    await page.getByRole('option', { name: 'Paint' }).click();
    await pane.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Apps saved').first().waitFor();

    await page.getByRole('tab', { name: 'Events' }).click();
    await pane.getByLabel('User name').fill(userPrincipalName);
    await pane.getByRole('combobox', { name: 'App' }).click();
    await page.getByRole('option', { name: 'Paint' }).click();
    await pane.getByRole('button', { name: 'Send test event' }).click();
    await pane.getByText('Answered 200').waitFor();
    assert.match((await pane.getByLabel('The answer').textContent())!, new RegExp(product.skuPartNumber));

    await page.getByRole('tab', { name: 'Set up' }).click();
    await pane.getByText('which was shown when it was made').waitFor();
    assert.equal(await pane.getByLabel('Secret', { exact: true }).count(), 0);
    assert.ok(!(await page.content()).includes(secretText));
  });

  it('has Auth0’s action as the guide has it', () => {
    const guide = readFileSync(new URL('../../docs/hooks.md', import.meta.url), 'utf8');
    assert.ok(guide.includes(`\`\`\`js\n${AUTH0_ACTION}\n\`\`\``));
  });
});

describe('users on their first sign-in', () => {
  it('are allowed by domain; too many of them show on the home page, where one click stops it', async () => {
    const { world } = center;
    const { page } = await center.openAs(await center.person(['Global Administrator']), '/settings?pane=first-sign-in');
    const pane = page.getByRole('dialog', { name: 'Users on first sign-in' });
    await pane.getByRole('checkbox', { name: 'Create users on their first sign-in' }).check();
    await pane.getByRole('status').getByText('Nobody is created').waitFor();
    await pane.getByLabel('Allowed domains').fill('Contoso.example\nfabrikam.example');
    await assertAccessible(page);
    await pane.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /Users on first sign-in.*On/ }).waitFor();
    const { createUsersOnSignIn, allowedDomains } = await world.get('/admin/autoClaim');
    assert.deepEqual([createUsersOnSignIn, allowedDomains], [true, ['contoso.example', 'fabrikam.example']]);

    await world.value('insert into user_creation values ($1, now(), now()) returning tenant_id');
    await page.goto(new URL('/homepage', page.url()).href);
    const attention = page.getByRole('region', { name: 'Needs someone' });
    await attention.getByText('Too many new users at once').waitFor();
    await attention.getByRole('button', { name: 'Stop creating users' }).click();
    await attention.getByText('Too many new users at once').waitFor({ state: 'detached' });
    assert.equal((await world.get('/admin/autoClaim')).createUsersOnSignIn, false);
  });
});
