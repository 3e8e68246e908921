import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { assertAccessible } from '../harness/browser/accessibility.ts';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';
import { startUpstream, type Upstream } from '../harness/identity-providers/upstream.ts';

let center: AdminCenter;
let upstream: Upstream;
before(async () => {
  center = await startAdminCenter();
  const { server } = center;
  upstream = await startUpstream(`${server.config.baseUrl}/${server.tenantId}/federation/callback`);
});
afterEach(() => center.check());
after(async () => {
  await center.close();
  await upstream.close();
});

const signInUpstream = async (page: Page, login: string) => {
  await page.getByRole('heading', { name: 'The upstream' }).waitFor();
  await page.getByLabel('Login').fill(login);
  await page.getByRole('button', { name: 'Sign in upstream' }).click();
};

describe('Settings > Identity providers', () => {
  it('leads from nothing to an administrator who signs in without a password, and back', async () => {
    const admin = await center.person(['Global Administrator'], 'Ada Admin');
    upstream.addUser('ada', { email: admin.userPrincipalName, email_verified: true, name: 'Ada Admin' });
    const { page, expect } = await center.openAs(admin, '/settings/identity-providers');
    expect(/400 to POST .*identityProviders$/);
    await page.getByText('People sign in with a password alone').waitFor();
    await page.getByRole('button', { name: 'Add a provider' }).first().click();
    const adding = page.getByRole('dialog', { name: 'Add an identity provider' });
    await adding.getByRole('combobox', { name: 'Identity provider' }).click();
    await page.getByRole('option', { name: 'Other (OpenID Connect)' }).click();
    const redirectUri = await adding.getByLabel('Redirect URI', { exact: true }).inputValue();
    assert.match(redirectUri, /\/federation\/callback$/);
    await assertAccessible(page);
    await adding.getByRole('textbox', { name: 'Name' }).fill('Contoso accounts');
    await adding.getByRole('textbox', { name: 'Issuer' }).fill('http://contoso.example');
    await adding.getByRole('textbox', { name: 'Client ID' }).fill(upstream.clientId);
    await adding.getByLabel('Client secret').fill(upstream.clientSecret);
    await adding.getByRole('textbox', { name: 'Domains' }).fill('Contoso.example');
    await adding.getByRole('button', { name: 'Add', exact: true }).click();
    await adding.getByText('Must be an https address').waitFor();
    await adding.getByRole('textbox', { name: 'Issuer' }).fill(upstream.issuer);
    await adding.getByRole('button', { name: 'Add', exact: true }).click();

    const pane = page.getByRole('dialog', { name: 'Contoso accounts' });
    await pane.getByRole('button', { name: 'Test sign-in' }).waitFor();
    assert.ok(!(await page.content()).includes(upstream.clientSecret));
    const [test] = await Promise.all([
      page.context().waitForEvent('page'),
      pane.getByRole('button', { name: 'Test sign-in' }).click(),
    ]);
    await signInUpstream(test, 'ada');
    await test.getByText('would be linked once they have given their password').waitFor();
    await test.getByText('"email_verified": true').waitFor();
    await assertAccessible(test);
    await test.close();

    // In another browser, as anybody would.
    const other = await center.open();
    await other.goto('/settings/identity-providers');
    await other.page.getByRole('link', { name: 'Sign in with Contoso accounts' }).waitFor();
    await assertAccessible(other.page);
    await other.page.getByLabel('User name').fill(admin.userPrincipalName);
    await other.page.getByRole('button', { name: 'Next' }).click();
    await signInUpstream(other.page, 'ada');
    await other.page.getByRole('heading', { name: 'Confirm that this is you' }).waitFor();
    await assertAccessible(other.page);
    await other.page.getByLabel('Password').fill(admin.password);
    await other.page.getByRole('button', { name: 'Confirm' }).click();
    await other.page.getByRole('heading', { name: 'Identity providers' }).waitFor();

    const third = await center.open();
    third.expect(/400 to DELETE .*identityProviders/);
    await third.goto('/settings/identity-providers');
    await third.page.getByRole('link', { name: 'Sign in with Contoso accounts' }).click();
    await signInUpstream(third.page, 'ada');
    await third.page.getByRole('row', { name: /Contoso accounts.*On.*1/ }).waitFor();

    const passwords = third.page.getByRole('checkbox', { name: 'Let people sign in with a password' });
    await passwords.click();
    const question = third.page.getByRole('alertdialog');
    await question.getByRole('button', { name: 'Turn off passwords' }).click();
    await third.page.getByText('Passwords are off').first().waitFor();
    assert.equal(await passwords.isChecked(), false);

    await third.page
      .getByRole('row', { name: /Contoso accounts/ })
      .getByRole('button')
      .first()
      .click();
    const open = third.page.getByRole('dialog', { name: 'Contoso accounts' });
    await open.getByRole('button', { name: 'Delete' }).click();
    await third.page.getByRole('alertdialog').getByRole('textbox').fill('Contoso accounts');
    await third.page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await third.page.getByText('No Global Administrator could sign in any more').waitFor();
    await third.page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click();
    await third.page.reload();
    await center.world.patch('/admin/signIn', { isPasswordAllowed: true });
    await open.getByRole('button', { name: 'Delete' }).click();
    await third.page.getByRole('alertdialog').getByRole('textbox').fill('Contoso accounts');
    await third.page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await third.page.getByText('People sign in with a password alone').waitFor();
  });

  it('is read by who may read it, and written by a Global admin alone', async () => {
    const { page } = await center.openAs(await center.person(['Global Reader']), '/settings/identity-providers');
    await page.getByText('People sign in with a password alone').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Add a provider' }).count(), 0);
    assert.equal(await page.getByRole('checkbox').isDisabled(), true);
  });
});
